import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, till } from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'

describe.each(engines)('what a phone and a terminal are told of themselves, on %s', (engine) => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(engine)
  })
  afterAll(() => ground.server.close())

  it('tells a member who they are, and nobody else', async () => {
    const { member, people, server } = ground
    const { memberNo, name } = people[0]!
    expect(await must(member.ask('GET', '/me'))).toMatchObject({ member_no: memberNo, name })
    const unasked = await fetch(`${server.url}/api/v1/me`)
    expect(unasked.status).toBe(401)
    expect(await unasked.text()).not.toMatch(new RegExp(`${memberNo}|${name}`))
  })

  it('is told for its own day: what stands, what was undone, latest first', async () => {
    const { maker, member, programmeId, shop, server, till: counter } = ground
    const cap = { count: 5, per: 'ever' }
    const benefitId = await benefit(maker.ask, programmeId, { cap })
    const other = await till(server, maker.ask, shop.storeId)
    const made: string[] = []
    for (const at of [counter, counter, other]) {
      const code = member.code(await claim(member, benefitId))
      made.push(String((await must(at.ask('POST', '/redemptions', { code }), 201)).redemption_id))
      server.now += 1000
    }
    const undo = { reason: 'wrong_voucher' }
    await must(counter.ask('POST', `/redemptions/${made[0]}/reverse`, undo))
    const info = await must(counter.ask('GET', '/terminal/info'))
    expect(info).toMatchObject({
      today: { redemptions: 1, reversals: 1, amount: 1000 },
      shift: { cashier: '李' },
    })
    expect(info.cashiers).toContainEqual(expect.objectContaining({ name: '李', role: 'cashier' }))
    const { items } = await must(counter.ask('GET', '/terminal/redemptions'))
    expect(items).toMatchObject([
      { redemption_id: made[1], state: 'committed', amount: 1000 },
      { redemption_id: made[0], state: 'reversed' },
    ])

    server.now += day
    const next = await must(counter.ask('GET', '/terminal/info'))
    expect(next.today).toEqual({ redemptions: 0, reversals: 0, amount: 0 })
    expect((await must(counter.ask('GET', '/terminal/redemptions'))).items).toEqual([])
  })
})
