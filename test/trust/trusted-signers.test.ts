import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { FormatError } from '../../src/formats/error.ts'
import { parseJws, signJws } from '../../src/formats/jws.ts'
import { verifySdJwt } from '../../src/formats/sd-jwt/verify.ts'
import type { TrustList } from '../../src/formats/trust-list.ts'
import { takeTrustList } from '../../src/jobs/trust-refresh.ts'
import { type Authority, makeRoot } from '../../src/keys/certificates.ts'
import type { Keyring } from '../../src/keys/keyring.ts'
import type { Role } from '../../src/keys/role-keys.ts'
import { verifyWithJwk } from '../../src/keys/verify-jwk.ts'
import type { Store } from '../../src/store/store.ts'
import { TrustError } from '../../src/trust/error.ts'
import { signTrustList } from '../../src/trust/publish-list.ts'
import {
  mayIssue,
  type TrustGround,
  trustedIssuer,
  trustedStatusSigner,
} from '../../src/trust/trusted-signers.ts'
import { type Engine, engines, freshStore } from '../support/engines.ts'
import { now } from './certificates.ts'
import { entry, newNode, nextList } from './nodes.ts'

const here = 'https://nx.example'
const there = 'https://union.example/nodes/gs'
const typeOf = (url: string) => `${url}/vct/union-membership/1`

/** Two nodes of one root; what follows is seen from the first. */
interface World {
  readonly store: Store
  readonly root: Authority
  readonly own: Keyring
  readonly other: Keyring
  readonly first: TrustList
  ground(at?: number): TrustGround
  take(list: TrustList): Promise<unknown>
}

async function newWorld(engine: Engine): Promise<World> {
  const store = await freshStore(engine)
  const root = await makeRoot('national', now)
  const own = await newNode(root, here, now)
  const other = await newNode(root, there, now)
  const roots = [root.certificate]
  return {
    ...{ store, root, own, other },
    first: nextList(root, [entry(other.roles, there, 62)], { now }),
    ground: (at = now + 5000) => {
      return { store, trustRoots: roots, roles: own.roles, publicUrl: here, clock: () => at }
    },
    take: async (list) =>
      takeTrustList(store, { token: await signTrustList(root, list), roots }, now + 5000),
  }
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    if (error instanceof FormatError || error instanceof TrustError) return error.code
    throw error
  }
}

/** A credential as an issuer signs it, with nothing to disclose. */
async function credential(node: Keyring, given: { iss: string; vct?: string; role?: Role }) {
  const { iss, vct = typeOf(iss), role = 'issuer' } = given
  const { x5c, sign } = node.roles.current(role)
  const exp = now / 1000 + 86_400
  return `${await signJws(sign, { typ: 'dc+sd-jwt', x5c: [...x5c] }, { iss, vct, exp })}~`
}

function verify(ground: TrustGround, token: string, types = [typeOf(there), typeOf(here)]) {
  return verifySdJwt({ sha256, verifyEs256: verifyWithJwk }, token, {
    types,
    algorithms: ['ES256'],
    clock: { nowSeconds: ground.clock() / 1000, skewSeconds: 60 },
    trust: trustedIssuer(ground),
    keyBinding: 'not-asked',
    status: 'not-asked',
  })
}

describe.each(engines)('a credential of another node on %s', (engine) => {
  let world: World
  let token: string
  beforeAll(async () => {
    world = await newWorld(engine)
    token = await credential(world.other, { iss: there })
  })
  afterAll(() => world.store.close())

  it('is nothing without a trust list, and one’s own is good without', async () => {
    expect(await codeOf(() => verify(world.ground(), token))).toBe('TRUST_LIST_MISSING')
    const own = await credential(world.own, { iss: here })
    expect((await verify(world.ground(), own)).issuer).toBe(here)
  })

  it('is good with one, until its NextUpdate', async () => {
    await world.take(world.first)
    expect((await verify(world.ground(), token)).issuer).toBe(there)
    const late = world.ground(world.first.nextUpdate + 1)
    expect(await codeOf(() => verify(late, token))).toBe('TRUST_LIST_STALE')
  })

  it('is refused for a type that the list does not let it issue', async () => {
    const vct = typeOf(here)
    const foreign = await credential(world.other, { iss: there, vct })
    expect(await codeOf(() => verify(world.ground(), foreign))).toBe('TYPE_UNLISTED')
    const { jwk } = world.other.roles.current('issuer')
    expect(await mayIssue(world.ground(), there, vct, jwk)).toBe(false)
    expect(await mayIssue(world.ground(), there, typeOf(there), jwk)).toBe(true)
  })

  it('is refused in another’s name', async () => {
    const forged = await credential(world.other, { iss: here })
    expect(await codeOf(() => verify(world.ground(), forged))).toBe('SAN_MISMATCH')
  })

  it('is refused when it is signed with a key for another role', async () => {
    const wrong = await credential(world.other, { iss: there, role: 'status' })
    expect(await codeOf(() => verify(world.ground(), wrong))).toBe('ROLE_REFUSED')
  })

  it('is refused without certificates', async () => {
    const { header, payload } = parseJws(token.slice(0, -1), {
      ...{ types: ['dc+sd-jwt'], algorithms: ['ES256'], maxLength: 65_536 },
    })
    const bare = () => trustedIssuer(world.ground())({ ...header, x5c: undefined }, payload)
    expect(await codeOf(bare)).toBe('X5C_MISSING')
  })

  it('is refused by a key that is certified but not listed', async () => {
    const fresh = await newNode(world.root, there, now)
    const unlisted = await credential(fresh, { iss: there })
    expect(await codeOf(() => verify(world.ground(), unlisted))).toBe('ISSUER_UNLISTED')
    const nobody = await newNode(world.root, 'https://xz.example', now)
    const stranger = await credential(nobody, { iss: 'https://xz.example' })
    const types = [typeOf('https://xz.example')]
    expect(await codeOf(() => verify(world.ground(), stranger, types))).toBe('ISSUER_UNLISTED')
  })

  it('is refused by a root that is not pinned', async () => {
    const elsewhere = await newNode(await makeRoot('other', now), there, now)
    const forged = await credential(elsewhere, { iss: there })
    expect(await codeOf(() => verify(world.ground(), forged))).toBe('ROOT_UNTRUSTED')
  })
})

describe.each(engines)('keys that change on %s', (engine) => {
  it('overlap: the replaced one counts until the list before ends', async () => {
    const world = await newWorld(engine)
    await world.take(world.first)
    const token = await credential(world.other, { iss: there })
    const renewed = await newNode(world.root, there, now)
    const entries = [entry(renewed.roles, there, 62)]
    const next = nextList(world.root, entries, { previous: world.first, now: now + 2000 })
    await world.take(next)
    const fresh = await credential(renewed, { iss: there })
    expect(await codeOf(() => verify(world.ground(), fresh))).toBe('accepted')
    expect(await codeOf(() => verify(world.ground(), token))).toBe('accepted')
    const after = world.ground(world.first.nextUpdate + 1)
    const { jwk } = world.other.roles.current('issuer')
    expect(await mayIssue(after, there, typeOf(there), jwk)).toBe(false)
    await world.store.close()
  })

  it('do not overlap once a node is withdrawn', async () => {
    const world = await newWorld(engine)
    await world.take(world.first)
    const token = await credential(world.other, { iss: there })
    const given = { previous: world.first, now: now + 2000, withdrawn: [there] }
    await world.take(nextList(world.root, [], given))
    expect(await codeOf(() => verify(world.ground(), token))).toBe('ISSUER_UNLISTED')
    await world.store.close()
  })
})

describe.each(engines)('a status list on %s', (engine) => {
  let world: World
  beforeAll(async () => {
    world = await newWorld(engine)
    await world.take(world.first)
  })
  afterAll(() => world.store.close())

  /** Who may sign the status of credentials of `issuer`, with the key of that node and role. */
  const signed = async (node: Keyring, role: Role, issuer: string) => {
    const { x5c, sign } = node.roles.current(role)
    const token = await signJws(sign, { typ: 'statuslist+jwt', x5c: [...x5c] }, {})
    const shape = { types: ['statuslist+jwt'], algorithms: ['ES256'], maxLength: 65_536 } as const
    const { header, payload } = parseJws(token, shape)
    return codeOf(() => trustedStatusSigner(world.ground(), issuer)(header, payload))
  }

  it('is good from the issuer itself, with a key for status or for issuing', async () => {
    expect(await signed(world.other, 'status', there)).toBe('accepted')
    expect(await signed(world.other, 'issuer', there)).toBe('accepted')
    expect(await signed(world.own, 'status', here)).toBe('accepted')
  })

  it('is refused from another entity, whatever its role', async () => {
    expect(await signed(world.own, 'status', there)).toBe('STATUS_SIGNER_REFUSED')
    expect(await signed(world.other, 'status', here)).toBe('STATUS_SIGNER_REFUSED')
    expect(await signed(world.other, 'issuer', here)).toBe('STATUS_SIGNER_REFUSED')
  })

  it('is refused from a key of the issuer that is for something else', async () => {
    expect(await signed(world.other, 'verifier', there)).toBe('ROLE_REFUSED')
  })

  it('is refused when the certificate has expired', async () => {
    const { x5c, sign } = world.other.roles.current('status')
    const token = await signJws(sign, { typ: 'statuslist+jwt', x5c: [...x5c] }, {})
    const shape = { types: ['statuslist+jwt'], algorithms: ['ES256'], maxLength: 65_536 } as const
    const { header, payload } = parseJws(token, shape)
    const trust = trustedStatusSigner(world.ground(now + 826 * day), there)
    expect(await codeOf(() => trust(header, payload))).toBe('CERTIFICATE_EXPIRED')
  })
})
