import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { pseudonymOf } from '../../src/keys/pseudonym.ts'
import { expectAudited } from '../support/audited.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, counties, type Desk, desk } from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'

describe.each(engines)('a voucher’s time and its successor, on %s', (engine) => {
  let ground: Ground
  let approver: Desk
  beforeAll(async () => {
    ground = await openGround(engine)
    approver = await desk(ground.server, { role: 'approver' })
  })
  afterAll(() => ground.server.close())

  const held = async (amount: number) => {
    const given = await benefit(ground.maker.ask, ground.programmeId, { amount, stock: 2 })
    const id = await claim(ground.member, given)
    const { valid_to, version } = await look(id)
    return { id, valid_to, version }
  }
  const look = (id: string) => must(ground.maker.ask('GET', `/admin/vouchers/${id}`))
  const act = (id: string, name: string, body: object, by: Pick<Desk, 'ask'> = ground.maker) =>
    by.ask('POST', `/admin/vouchers/${id}/${name}`, body)
  const sign = async (proposal: unknown, by: Desk) => {
    const { id, digest } = await must(approver.ask('GET', `/admin/proposals/${proposal}`))
    const statement = by.approval(String(id), String(digest))
    return by.ask('POST', `/admin/proposals/${id}/decisions`, { statement })
  }

  it('is one person’s to give up to CNY 10 000, and on the member’s phone at once', async () => {
    const { id, valid_to, version } = await held(1000)
    const later = Number(valid_to) + 10 * day
    const longer = { reason: 'store_closed', valid_to: later, expected_version: version }
    expect(await must(act(id, 'extend', longer))).toMatchObject({ id, valid_to: later, version: 2 })
    const mine = await must(ground.member.ask('GET', `/me/vouchers/${id}`))
    expect(mine.valid_to).toBe(later)
    const beyond = await act(id, 'extend', { ...longer, valid_to: later + 366 * day })
    expect(beyond).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    const early = await act(id, 'reissue', { reason: 'lost' })
    expect(early).toMatchObject({ status: 409, body: { code: 'VERSION_CONFLICT' } })
    await must(act(id, 'void', { reason: 'issued_in_error' }))
    const anew = await must(act(id, 'reissue', { reason: 'issued_in_error' }))
    expect(anew).toMatchObject({ state: 'active', version: 1 })
    expect(await look(id)).toMatchObject({ state: 'void', successor: anew.id })
    expect(await look(String(anew.id))).toMatchObject({ predecessor: id })
    const twice = await act(id, 'reissue', { reason: 'lost' })
    expect(twice).toMatchObject({ status: 409, body: { code: 'ALREADY_EXISTS' } })
    const code = ground.member.code(String(anew.id))
    await must(ground.till.ask('POST', '/redemptions', { code }), 201)
    const elsewhere = await desk(ground.server, { org: counties[1] })
    for (const [name, body] of [
      ['extend', { ...longer, valid_to: later + day }],
      ['reissue', { reason: 'lost' }],
    ] as const) {
      const unseen = await act(id, name, body, elsewhere)
      expect(unseen).toMatchObject({ status: 404, body: { code: 'VOUCHER_NOT_FOUND' } })
    }
  })

  it('waits for another’s signature above that', async () => {
    const { id, valid_to } = await held(1_500_000)
    const later = Number(valid_to) + day
    const asked = await must(act(id, 'extend', { reason: 'complaint', valid_to: later }))
    expect(asked).toMatchObject({ valid_to, version: 1 })
    const own = await sign(asked.proposal_id, ground.maker)
    expect(own).toMatchObject({ status: 403, body: { code: 'SELF_APPROVAL' } })
    expect(await look(id)).toMatchObject({ valid_to })
    await must(sign(asked.proposal_id, approver))
    expect(await look(id)).toMatchObject({ valid_to: later, version: 2 })
    await must(act(id, 'void', { reason: 'duplicate' }))
    const second = await must(act(id, 'reissue', { reason: 'system_error' }))
    expect((await look(id)).successor).toBeUndefined()
    await must(sign(second.proposal_id, approver))
    const { successor } = await look(id)
    expect(await look(String(successor))).toMatchObject({ state: 'active', predecessor: id })
    // An auditor meets the member by the pseudonym that the log's events have.
    const auditor = await desk(ground.server, { role: 'auditor' })
    const { items } = await must(auditor.ask('GET', '/audit/proposals?limit=2'))
    const subject = pseudonymOf(ground.server.deployment.node, ground.member.memberId)
    expect(items).toMatchObject([
      { kind: 'reissue', about: id, subject, state: 'carried_out', intact: true },
      { kind: 'extend', about: id, subject, decisions: [{ person_id: approver.personId }] },
    ])
    expect(JSON.stringify(items)).not.toContain(ground.member.memberNo)
    await expectAudited({ ...ground.server.deployment, close: async () => {} })
  })
})
