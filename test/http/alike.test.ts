import { randomBytes } from 'node:crypto'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { memberAgent, type Reply } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { makeNumericCode } from '../../src/formats/numeric-code.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import { signatureChecks } from '../../src/keys/verify-es256.ts'
import type { Store, Work } from '../../src/store/store.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, type Phone, phone, type Till, till } from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'
import { send, signed } from './proofs.ts'

/**
 * What an answer cost. Queries: every statement begun on `store.read` or on a transaction's `tx`
 * (`perform`, the query builder's verbs, `rows`, `$count`), seen by a proxy around the server's
 * store. Checks: what is asked of the verifying thread, and calls of WebCrypto's `verify`, which the
 * server runs in this very process. What the worker's jobs ask between is left out, by their stack.
 */
const cost = { queries: 0, checks: 0 }
const verbs = new Set(['perform', 'select', 'selectDistinct', 'insert', 'update', 'delete'])
const others = new Set(['rows', '$count', 'insertMany', 'with'])

/**
 * Whether a job of the worker's is asking, which runs between requests, or the look at the backlog,
 * which one request in a while pays for whatever it asks.
 */
function byJob(): boolean {
  return /\/src\/(jobs\/|ledger\/pressure\.)/.test(new Error().stack ?? '')
}

function counted<T extends object>(reader: T): T {
  return new Proxy(reader, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      const counts = typeof name === 'string' && (verbs.has(name) || others.has(name))
      if (!counts || typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (!byJob()) cost.queries++
        return (value as (...args: unknown[]) => unknown).apply(target, args)
      }
    },
  })
}

function watch(store: Store): Store {
  return {
    ...store,
    read: counted(store.read),
    transaction: <T>(work: Work<T>, options?: Parameters<Store['transaction']>[1]) => {
      if (byJob()) return store.transaction(work, options)
      const { onRefusal } = options ?? {}
      return store.transaction((tx) => work(counted(tx)), {
        ...options,
        ...(onRefusal && { onRefusal: (tx, refusal) => onRefusal(counted(tx), refusal) }),
      })
    },
  }
}

const { verify: subtleVerify } = crypto.subtle

describe.each(engines)('unknown and not yours, on %s', (engine) => {
  let ground: Ground
  let other: Phone
  let otherTill: Till
  let theirs: string
  beforeAll(async () => {
    ground = await openGround(engine, { watch })
    const { server, maker, people, shop, benefitId } = ground
    other = await phone(server, maker.ask, people[1]!.memberNo)
    otherTill = await till(server, maker.ask, shop.storeId)
    theirs = await claim(other, benefitId)
    Error.stackTraceLimit = 50
    crypto.subtle.verify = (...args) => {
      cost.checks++
      return subtleVerify.apply(crypto.subtle, args)
    }
  })
  afterAll(async () => {
    crypto.subtle.verify = subtleVerify
    await ground.server.close()
  })
  afterEach(() => expect(cost.checks).toBeGreaterThan(0))

  /** Asks each way, and expects one status, the same words and the same cost of all. */
  async function expectAlike(...ways: (() => Promise<Reply>)[]): Promise<Reply> {
    const told = []
    for (const way of ways) {
      cost.queries = 0
      cost.checks = 0
      const before = signatureChecks.asked
      const { status, body } = await way()
      cost.checks += signatureChecks.asked - before
      told.push({ reply: { status, body }, ...cost })
    }
    expect(told[0]?.queries).toBeGreaterThan(0)
    for (const one of told) expect(one).toEqual(told[0])
    return told[0]!.reply as Reply
  }

  const voucherOf = (bucket: string) => `${bucket}${'0'.repeat(29)}`

  it.each([
    ['GET', ''],
    ['POST', '/claim'],
    ['POST', '/return'],
  ])('a voucher, to a member: %s /me/vouchers/:id%s', async (method, act) => {
    const { member } = ground
    const asked = (id: string) => () =>
      member.ask(method, `/me/vouchers/${id}${act}`, method === 'GET' ? undefined : {})
    const told = await expectAlike(asked(theirs), asked(voucherOf('abc')), asked(voucherOf('000')))
    expect(told).toMatchObject({ status: 404, body: { code: 'VOUCHER_NOT_FOUND' } })
  })

  it('a code, to a member who asks for its digits', async () => {
    const { member } = ground
    const path = `/me/vouchers/${theirs}/numeric-code`
    const none = voucherOf('abc')
    const told = await expectAlike(
      () => member.ask('POST', path, { code: other.code(theirs) }),
      () => member.ask('POST', path, { code: member.code(theirs) }),
      () => member.ask('POST', `/me/vouchers/${none}/numeric-code`, { code: member.code(none) }),
    )
    expect(told.body.code).toBe('VOUCHER_NOT_FOUND')
  })

  it.each(['/redemptions/prepare', '/redemptions'])('a code, to a terminal: %s', async (path) => {
    const { member, till } = ground
    const shown = (code: string) => () => till.ask('POST', path, { code })
    const told = await expectAlike(
      shown(member.code(theirs)),
      shown(member.code(voucherOf('abc'))),
      shown(other.code(voucherOf('abc'))),
    )
    expect(told).toMatchObject({ status: 404, body: { code: 'VOUCHER_NOT_FOUND' } })
  })

  it('digits that were never given and digits that have expired', async () => {
    const { server, maker, shop } = ground
    const fresh = { code: other.code(theirs) }
    const path = `/me/vouchers/${theirs}/numeric-code`
    const { digits } = await must(other.ask('POST', path, fresh), 201)
    server.now += 6 * 60_000
    const desk = await maker.signIn()
    const [one, two] = [
      await till(server, desk.ask, shop.storeId),
      await till(server, desk.ask, shop.storeId),
    ]
    const never = makeNumericCode((size) => randomBytes(size))
    const told = await expectAlike(
      () => one.ask('POST', '/redemptions/prepare', { digits }),
      () => two.ask('POST', '/redemptions/prepare', { digits: never }),
    )
    expect(told.body.code).toBe('VOUCHER_NOT_FOUND')
    server.now -= 6 * 60_000
  })

  it('what another terminal holds, has redeemed, or was answered', async () => {
    const { server, maker, people, benefitId, programmeId, till } = ground
    const held = await phone(server, maker.ask, people[2]!.memberNo)
    const one = await claim(held, benefitId)
    const two = await claim(held, await benefit(maker.ask, programmeId))
    const path = '/redemptions/prepare'
    const { preparation_id } = await must(
      otherTill.ask('POST', path, { code: held.code(one) }),
      201,
    )
    const key = crypto.randomUUID()
    const spent = await otherTill.ask('POST', '/redemptions', { code: held.code(two) }, { key })
    const bucket = String(preparation_id).slice(0, 3)
    const none = `${bucket}.01989d10-0000-7000-8000-000000000000`
    const by = (id: unknown) => () => till.ask('POST', '/redemptions', { preparation_id: id })
    await expectAlike(by(preparation_id), by(none))
    const undo = (id: unknown) => () =>
      till.ask('POST', `/redemptions/${id}/reverse`, { reason: 'wrong_voucher' })
    await expectAlike(undo(spent.body.redemption_id), undo(none))
    const learn = (of: string) => () => till.ask('GET', `/redemptions/by-key/${of}`)
    await expectAlike(learn(key), learn(crypto.randomUUID()))
  })

  it('a member who does not exist and a code that is wrong, to a phone that enrols', async () => {
    const { server, maker, people } = ground
    const { id } = await must(
      maker.ask('POST', '/admin/members/search', { member_no: people[3]!.memberNo }),
    )
    await must(maker.ask('POST', `/admin/members/${id}/activations`, {}), 201)
    const enrol = (memberNo: string) => async () => {
      const given = { memberNo, activationCode: 'AAAAAAAAAA' }
      const code = await memberAgent(server, given).then(() => '', String)
      return { status: 0, body: { code }, headers: new Headers() }
    }
    const told = await expectAlike(enrol(people[3]!.memberNo), enrol('T-none'))
    expect(told.body.code).toContain('ACTIVATION_INVALID')
  })

  it('a terminal that is none and a signature that is not its own', async () => {
    const { server, till } = ground
    const key = newEs256Key()
    const ask = (terminalId: string) => async () =>
      send(server, signed(server, { terminalId, key }, 'GET', '/terminal/info')) as Promise<Reply>
    const told = await expectAlike(
      ask(till.terminalId),
      ask('01989d10-0000-7000-8000-000000000000'),
    )
    expect(told.body.code).toBe('PROOF_INVALID')
  })
})
