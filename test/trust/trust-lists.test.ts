import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { FormatError } from '../../src/formats/error.ts'
import type { TrustList } from '../../src/formats/trust-list.ts'
import { takeTrustList } from '../../src/jobs/trust-refresh.ts'
import { type Authority, makeRoot } from '../../src/keys/certificates.ts'
import type { RoleKeys } from '../../src/keys/role-keys.ts'
import type { Store } from '../../src/store/store.ts'
import { TrustError } from '../../src/trust/error.ts'
import { signTrustList } from '../../src/trust/publish-list.ts'
import { keepTrustList, keptTrustLists, verifyAgainstRoots } from '../../src/trust/trust-lists.ts'
import { engines, freshStore } from '../support/engines.ts'
import { now } from './certificates.ts'
import { entry, newNode, nextList } from './nodes.ts'

const url = 'https://gs.example'
let root: Authority
let keys: RoleKeys
let lists: TrustList[]

beforeAll(async () => {
  root = await makeRoot('national', now)
  keys = (await newNode(root, url, now)).roles
  const first = nextList(root, [entry(keys, url, 62)], { now })
  const second = nextList(root, [], { previous: first, now: now + 1000 })
  lists = [first, second, nextList(root, [], { previous: second, now: now + 2000 })]
})

/** The code of a refusal; 'accepted' and 'known' if there was none. */
async function codeOf(work: Promise<boolean>): Promise<string> {
  try {
    return (await work) ? 'accepted' : 'known'
  } catch (error) {
    if (error instanceof FormatError || error instanceof TrustError) return error.code
    throw error
  }
}

describe.each(engines)('the trust lists in force on %s', (engine) => {
  let store: Store
  beforeEach(async () => {
    store = await freshStore(engine)
  })
  afterEach(() => store.close())

  const roots = () => [root.certificate]
  const take = async (list: TrustList | undefined, at = now + 5000, signer = root) => {
    if (!list) throw new TypeError('no list')
    const token = await signTrustList(signer, list)
    return codeOf(takeTrustList(store, { token, roots: roots() }, at))
  }
  const inForce = async () => (await keptTrustLists(store.read, roots()))[0]

  it('are replaced by newer ones, and the one before is kept', async () => {
    expect(await take(lists[0])).toBe('accepted')
    expect(await take(lists[1])).toBe('accepted')
    const kept = await inForce()
    expect(kept?.list).toEqual(lists[1])
    expect(kept?.previous).toEqual(lists[0])
  })

  it('stay as they are when the same comes again', async () => {
    if (!lists[1]) throw new TypeError('no list')
    const token = await signTrustList(root, lists[1])
    const again = () => codeOf(takeTrustList(store, { token, roots: roots() }, now + 5000))
    expect([await again(), await again()]).toEqual(['accepted', 'known'])
    expect((await inForce())?.previous).toBeUndefined()
  })

  it('are not rolled back to a lower sequence', async () => {
    await take(lists[1])
    expect(await take(lists[0])).toBe('TRUST_LIST_ROLLBACK')
    expect((await inForce())?.list.sequence).toBe(2)
  })

  it('are not rolled back by a list that was verified before a newer one came', async () => {
    if (!lists[0]) throw new TypeError('no list')
    const token = await signTrustList(root, lists[0])
    const slow = await verifyAgainstRoots(token, { roots: roots(), kept: [], now: now + 5000 })
    await take(lists[1])
    const kept = store.transaction((tx) => keepTrustList(tx, slow, now + 5000))
    expect(await codeOf(kept)).toBe('TRUST_LIST_ROLLBACK')
    expect((await inForce())?.list.sequence).toBe(2)
  })

  it('end with the highest number, however many come at once', async () => {
    await Promise.allSettled([...lists, ...lists].map((list) => take(list)))
    expect((await inForce())?.list.sequence).toBe(3)
  })

  it('are not forked: another list of the same number', async () => {
    const [, second] = lists
    if (!second) throw new TypeError('no list')
    await take(second)
    expect(await take({ ...second, nextUpdate: second.nextUpdate + 1000 })).toBe(
      'TRUST_LIST_FORKED',
    )
  })

  it('are not taken past their NextUpdate, nor from the future', async () => {
    const [first] = lists
    expect(await take(first, now + 30 * day + 1)).toBe('TRUST_LIST_STALE')
    expect(await take(first, now - 301_000)).toBe('TRUST_LIST_FROM_FUTURE')
    expect(await inForce()).toBeUndefined()
  })

  it('are not taken from a root that is not pinned', async () => {
    const other = await makeRoot('other', now)
    expect(await take(lists[0], now + 5000, other)).toBe('ROOT_UNTRUSTED')
  })

  it('are not taken when a pinned root is only named as their signer', async () => {
    if (!lists[0]) throw new TypeError('no list')
    const other = await makeRoot('other', now)
    const forged = await signTrustList({ ...root, key: other.key }, lists[0])
    const taken = takeTrustList(store, { token: forged, roots: roots() }, now + 5000)
    expect(await codeOf(taken)).toBe('JWS_SIGNATURE_INVALID')
  })

  it('are forgotten with the root that is no longer pinned', async () => {
    await take(lists[0])
    expect(await keptTrustLists(store.read, [])).toEqual([])
  })
})

describe('a list that is made', () => {
  it('has no node whose certificates are of another root, role or address', async () => {
    const stranger = await newNode(await makeRoot('other', now), url, now)
    const made = (given: RoleKeys, at: string) => () =>
      nextList(root, [entry(given, at, 1)], { now })
    expect(made(stranger.roles, url)).toThrow('do not lead to a pinned root')
    expect(made(keys, 'https://other.example')).toThrow('does not name the address')
    const { issuer = [], ...others } = entry(keys, url, 1).certificates
    const swapped = { ...entry(keys, url, 1), certificates: { ...others, log: issuer } }
    expect(() => nextList(root, [swapped], { now })).toThrow('not for the role log')
  })

  it('counts on, keeps who was there and since when, and withdraws', () => {
    const [first] = lists
    if (!first) throw new TypeError('no list')
    const gone = nextList(root, [], { previous: first, now: now + 9000, withdrawn: [url] })
    expect(gone.sequence).toBe(2)
    expect(gone.nodes[0]?.services.map(({ status, since }) => [status, since])).toEqual(
      Array.from({ length: 6 }, () => ['withdrawn', now + 9000]),
    )
    const again = nextList(root, [entry(keys, url, 62)], { previous: first, now: now + 9000 })
    expect(again.nodes[0]?.services.every(({ since }) => since === now)).toBe(true)
    expect(() => nextList(root, [], { now, withdrawn: ['https://x.example'] })).toThrow(
      'not on the list',
    )
  })
})
