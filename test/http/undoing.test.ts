import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hour, minute } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/id.ts'
import { type Reply, terminalAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { makeNumericCode } from '../../src/formats/numeric-code.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, desk, type Phone, phone, till } from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'

const wrong = { reason: 'wrong_voucher' }

describe.each(engines)('undoing, holding and taking back over HTTP, on %s', (engine) => {
  let ground: Ground
  let next = 1
  beforeAll(async () => {
    ground = await openGround(engine)
  })
  afterAll(() => ground.server.close())

  /** Another member's phone, and a voucher on it. */
  async function holder(changes: object = {}): Promise<{ member: Phone; id: string }> {
    const { server, people, programmeId } = ground
    const { ask } = await desk(server)
    const member = await phone(server, ask, people[next++]!.memberNo)
    const benefitId = await benefit(ask, programmeId, changes)
    return { member, id: await claim(member, benefitId) }
  }
  const spend = async ({ member, id }: { member: Phone; id: string }, at = ground.till) =>
    must(at.ask('POST', '/redemptions', { code: member.code(id) }), 201)

  /** A terminal of the ground's store with a manager on shift. */
  async function managerTill() {
    const { server, shop } = ground
    const { ask } = await desk(server)
    const at = `/admin/stores/${shop.storeId}`
    const given = { name: '店长', pin: '8642', role: 'manager' }
    const manager = await must(ask('POST', `${at}/cashiers`, given), 201)
    expect(manager.role).toBe('manager')
    const { id } = await must(ask('POST', `${at}/terminals`, { name: 'back' }), 201)
    const { token } = await must(ask('POST', `/admin/terminals/${id}/provisionings`, {}), 201)
    const agent = await terminalAgent(server, String(token))
    const open = () =>
      agent.ask('POST', '/terminal/shifts', { cashier_id: manager.id, pin: '8642' })
    await must(open(), 201)
    return { ...agent, open }
  }

  it('lets the counter undo for ten minutes, the manager for a day, and says so', async () => {
    const { server, till: counter } = ground
    const manager = await managerTill()
    const made = await spend(await holder())
    const at = Number(made.redeemed_at)
    expect(made).toMatchObject({
      reversible_until: at + 10 * minute,
      manager_reversible_until: at + 24 * hour,
    })
    server.now += 11 * minute
    const path = `/redemptions/${made.redemption_id}/reverse`
    const refused = await counter.ask('POST', path, wrong)
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'REVERSAL_WINDOW_PASSED',
        reversible_until: at + 10 * minute,
        manager_reversible_until: at + 24 * hour,
      },
    })
    const undone = await must(manager.ask('POST', path, wrong))
    expect(undone).toMatchObject({ state: 'reversed', uses_left: 1 })
    const second = await spend(await holder())
    server.now += 11 * minute
    const over = await manager.ask('POST', `/redemptions/${second.redemption_id}/reverse`, wrong)
    expect(over).toMatchObject({ status: 422, body: { code: 'REVERSAL_LIMIT', limit: 1 } })
    const { ask } = await desk(server)
    const by = `/admin/redemptions/${second.redemption_id}/reverse`
    expect(await must(ask('POST', by, wrong))).toMatchObject({ state: 'reversed' })
  })

  it('says that nothing can be undone any more after three times', async () => {
    const { server, till: counter } = ground
    const held = await holder()
    for (let i = 0; i < 3; i++) {
      const { redemption_id } = await spend(held)
      await must(counter.ask('POST', `/redemptions/${redemption_id}/reverse`, wrong))
      server.now += minute
    }
    const made = await spend(held)
    expect(made.reversible_until).toBe(made.redeemed_at)
    expect(made.manager_reversible_until).toBe(made.redeemed_at)
    const path = `/redemptions/${made.redemption_id}/reverse`
    expect((await counter.ask('POST', path, wrong)).body.code).toBe('REVERSAL_LIMIT')
    const { ask } = await desk(server)
    expect((await ask('POST', `/admin${path}`, wrong)).body.code).toBe('REVERSAL_LIMIT')
  })

  it('suspends, resumes and takes back a voucher, each as it was looked at', async () => {
    const { server, till: counter } = ground
    const { ask } = await desk(server)
    const held = await holder()
    const at = `/admin/vouchers/${held.id}`
    const { version } = await must(ask('GET', at))
    const suspend = { reason: 'fraud_suspected', expected_version: version }
    const suspended = await must(ask('POST', `${at}/suspend`, suspend))
    expect(suspended).toMatchObject({ id: held.id, state: 'suspended', version: 2 })
    const shown = { code: held.member.code(held.id) }
    for (const path of ['/redemptions/prepare', '/redemptions']) {
      const { status, body } = await counter.ask('POST', path, shown)
      expect([status, body.code]).toEqual([409, 'VOUCHER_SUSPENDED'])
    }
    const again = await ask('POST', `${at}/suspend`, suspend)
    expect([again.status, again.body.code]).toEqual([409, 'VOUCHER_SUSPENDED'])
    const stale = { reason: 'cleared', expected_version: 1 }
    const conflict = await ask('POST', `${at}/resume`, stale)
    expect(conflict).toMatchObject({ status: 409, body: { code: 'VERSION_CONFLICT', version: 2 } })
    expect(await must(ask('POST', `${at}/resume`, { reason: 'cleared' }))).toMatchObject({
      state: 'active',
    })
    const gone = await must(ask('POST', `${at}/void`, { reason: 'duplicate' }))
    expect(gone).toMatchObject({ state: 'void', version: 4 })
    for (const [act, reason] of [
      ['suspend', 'complaint'],
      ['resume', 'cleared'],
      ['void', 'fraud'],
    ]) {
      const { status, body } = await ask('POST', `${at}/${act}`, { reason })
      expect([status, body.code]).toEqual([409, 'VOUCHER_VOID'])
    }
    expect((await counter.ask('POST', '/redemptions', shown)).body.code).toBe('VOUCHER_VOID')
    expect((await ask('POST', `${at}/void`, { reason: 'because' })).status).toBe(400)
    const reader = await desk(server, { role: 'approver' })
    const may = await reader.ask('POST', `${at}/void`, { reason: 'fraud' })
    expect([may.status, may.body.code]).toEqual([403, 'FORBIDDEN'])
    const { events } = await must(ask('GET', at))
    expect((events as unknown as { kind: string }[]).map(({ kind }) => kind)).toEqual([
      ...['voucher.claim', 'voucher.suspend', 'voucher.resume', 'voucher.void'],
    ])
  })

  it('tells of a voucher of two uses when the first of them was', async () => {
    const { server, till: counter } = ground
    const held = await holder({ uses: 2, throttle_seconds: 0 })
    const first = await spend(held)
    server.now += minute
    const prepared = await must(
      counter.ask('POST', '/redemptions/prepare', { code: held.member.code(held.id) }),
      201,
    )
    server.now += minute
    await spend(held)
    server.now += minute
    const asked = [
      ['/redemptions', { code: held.member.code(held.id) }],
      ['/redemptions', { preparation_id: prepared.preparation_id }],
      ['/redemptions/prepare', { code: held.member.code(held.id, 1) }],
    ] as const
    for (const [path, body] of asked) {
      const told = await counter.ask('POST', path, body)
      expect(told.body).toMatchObject({
        code: 'ALREADY_REDEEMED',
        first_redeemed_at: first.redeemed_at,
      })
    }
  })

  it('answers five of many wrong numbers that are typed at once, and no right one then', async () => {
    const { server, shop } = ground
    const { ask } = await desk(server)
    const own = await till(server, ask, shop.storeId)
    const { member, id } = await holder()
    const fresh = { code: member.code(id) }
    const { digits } = await must(member.ask('POST', `/me/vouchers/${id}/numeric-code`, fresh), 201)
    const all: Promise<Reply>[] = Array.from({ length: 24 }, (_, i) =>
      own.ask('POST', i % 2 ? '/redemptions' : '/redemptions/prepare', {
        digits: makeNumericCode(systemRandom),
      }),
    )
    const codes = (await Promise.all(all)).map(({ body }) => body.code)
    expect(codes.filter((code) => code === 'VOUCHER_NOT_FOUND')).toHaveLength(5)
    expect(codes.filter((code) => code === 'TOO_MANY_CODE_ATTEMPTS')).toHaveLength(19)
    const right = await own.ask('POST', '/redemptions', { digits })
    expect([right.status, right.body.code]).toEqual([429, 'TOO_MANY_CODE_ATTEMPTS'])
    const other = await till(server, ask, shop.storeId)
    await must(other.ask('POST', '/redemptions', { digits }), 201)
    const { refusedRedemptions } = server.store.read.tables
    const refused = await server.store.read.select().from(refusedRedemptions)
    expect(refused.filter(({ terminalId }) => terminalId === own.terminalId)).toHaveLength(25)
  })

  it('answers a wrong number that is asked again under its key the same, for one try', async () => {
    const { server, shop } = ground
    const { ask } = await desk(server)
    const own = await till(server, ask, shop.storeId)
    const digits = makeNumericCode(systemRandom)
    const key = crypto.randomUUID()
    for (let i = 0; i < 7; i++) {
      const { status, body, headers } = await own.ask('POST', '/redemptions', { digits }, { key })
      expect([status, body.code]).toEqual([404, 'VOUCHER_NOT_FOUND'])
      expect(headers.get('idempotent-replayed')).toBe(i === 0 ? null : 'true')
    }
  })
})
