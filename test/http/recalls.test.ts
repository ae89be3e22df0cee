import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { expectAudited } from '../support/audited.ts'
import { engines } from '../support/engines.ts'
import { benefit, counties, type Desk, desk, ended, phone, province } from '../support/union.ts'
import { type Ground, openGround, submittedBatch } from './ground.ts'

describe.each(engines)('a part of a batch is taken back, on %s', (engine) => {
  let ground: Ground
  let approver: Desk
  let third: Desk
  beforeAll(async () => {
    ground = await openGround(engine)
    approver = await desk(ground.server)
    third = await desk(ground.server, { role: 'approver' })
  })
  afterAll(() => ground.server.close())

  const issued = async (changes: object) => {
    const { maker, programmeId } = ground
    const supply = { supply: 'batch', stock: undefined, ...changes }
    const batch = await submittedBatch(ground, await benefit(maker.ask, programmeId, supply))
    for (const by of [approver, third]) {
      const statement = by.approval(batch.id, batch.digest)
      await by.ask('POST', `/admin/batches/${batch.id}/decisions`, { statement })
    }
    await must(maker.ask('POST', `/admin/batches/${batch.id}/start`, {}))
    await ended(maker.ask, `/admin/batches/${batch.id}/progress`)
    return batch.id
  }
  const tryOut = (batch: string, selection: object, by: Desk = approver) =>
    by.ask('POST', `/admin/batches/${batch}/recalls`, { selection, reason: 'sent twice' })
  const run = async (id: string) => {
    await must(approver.ask('POST', `/admin/recalls/${id}/submit`, {}))
    return ended(approver.ask, `/admin/recalls/${id}`)
  }
  const available = async () => {
    const path = `/admin/programmes/${ground.programmeId}/budget`
    return Number((await must(ground.maker.ask('GET', path))).available)
  }
  /** The member's voucher of a batch's benefit, claimed. */
  const claimed = async (member: Ground['member'], benefitId: string) => {
    const { items } = await must(member.ask('GET', '/me/vouchers'))
    const mine = items as unknown as { id: string; benefit_id: string }[]
    const { id } = mine.find((one) => one.benefit_id === benefitId)!
    await must(member.ask('POST', `/me/vouchers/${id}/claim`, {}))
    return id
  }
  /** Erases a member whom a recall chose: their number is gone, what was signed stays good. */
  const expectForgotten = async (memberNo: string, proposal: string, auditor: Desk) => {
    const { maker, server } = ground
    const { recalls, proposals } = server.store.read.tables
    const kept = async () => [
      ...(await server.store.read.select({ text: recalls.selection }).from(recalls)),
      ...(await server.store.read.select({ text: proposals.content }).from(proposals)),
    ]
    const { id } = await must(maker.ask('POST', '/admin/members/search', { member_no: memberNo }))
    const text = () => kept().then((rows) => rows.map((row) => row.text).join())
    expect(await text()).toContain(id)
    await must(maker.ask('POST', `/admin/members/${id}/erase`, { reason: 'member_request' }))
    for (const one of ground.people) expect(await text()).not.toContain(one.memberNo)
    expect(await must(auditor.ask('GET', `/audit/proposals/${proposal}`))).toMatchObject({
      ...{ intact: true, decisions: [{ program: { verified: true } }] },
    })
  }
  const benefitOf = async (batch: string) =>
    String((await must(ground.maker.ask('GET', `/admin/batches/${batch}/progress`))).benefit_id)

  it('says first what comes back and what cannot, and takes no more than that', async () => {
    const { member, people, till, maker, server } = ground
    const batch = await issued({ amount: 1000 })
    const [before, given] = [await available(), await benefitOf(batch)]
    const used = await claimed(member, given)
    await must(till.ask('POST', '/redemptions', { code: member.code(used) }), 201)
    const numbers = people.slice(0, 6).map(({ memberNo }) => memberNo)
    const half = await must(tryOut(batch, { member_nos: numbers }))
    expect(half).toMatchObject({ state: 'ready', count: 5, amount: 5000, cannot: { used: 1 } })
    expect(half).toMatchObject({ approvals_needed: 0, recalled: 0 })
    const other = await phone(server, maker.ask, people[1]!.memberNo)
    const later = await claimed(other, given)
    await must(till.ask('POST', '/redemptions', { code: other.code(later) }), 201)
    expect(await run(String(half.id))).toMatchObject({
      ...{ state: 'completed', count: 5, recalled: 4, returned: 4000 },
    })
    expect(await available()).toBe(before + 4000)
    const again = await approver.ask('POST', `/admin/recalls/${half.id}/submit`, {})
    expect(again).toMatchObject({ status: 409, body: { code: 'PROPOSAL_STATE' } })
    const batchNow = await must(maker.ask('GET', `/admin/batches/${batch}/progress`))
    expect(batchNow).toMatchObject({ state: 'completed', issued: 12, recalled: 4 })
  })

  it('is told as events while it runs, to the end, and to nobody else', async () => {
    const { maker, server } = ground
    const supply = { supply: 'batch', stock: undefined, amount: 100 }
    const given = await benefit(maker.ask, ground.programmeId, supply)
    const { id, digest } = await submittedBatch(ground, given)
    const statement = approver.approval(id, digest)
    await must(approver.ask('POST', `/admin/batches/${id}/decisions`, { statement }))
    await must(maker.ask('POST', `/admin/batches/${id}/start`, {}))
    const stream = (token: string) =>
      fetch(`${server.url}/api/v1/admin/batches/${id}/progress/events`, {
        headers: { authorization: `Bearer ${token}` },
      })
    const answer = await stream(maker.token)
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    const told = (await answer.text()).split('\n\n').filter((one) => one.startsWith('event: '))
    const last = JSON.parse(told.at(-1)!.replace('event: progress\ndata: ', ''))
    expect(last).toMatchObject({ state: 'completed', done: 12, of: 12, issued: 12, left_out: {} })
    const elsewhere = await desk(server, { org: counties[1] })
    expect((await stream(elsewhere.token)).status).toBe(404)
  })

  it('is chosen by state, by organisation and by a list', async () => {
    const { maker, people, server } = ground
    const batch = await issued({ amount: 500 })
    const own = await phone(server, maker.ask, people[7]!.memberNo)
    await claimed(own, await benefitOf(batch))
    expect(await must(tryOut(batch, { states: ['active'] }))).toMatchObject({ count: 1 })
    expect(await must(tryOut(batch, { org_code: counties[0] }))).toMatchObject({ count: 12 })
    const nobody = await tryOut(batch, { org_code: counties[0], member_nos: ['T-none'] })
    expect(nobody).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    for (const where of [{ org_code: counties[1] }, { org_code: province }, { list_id: 'none' }]) {
      expect(await tryOut(batch, where)).toMatchObject({ status: 404 })
    }
    const { id } = await must(
      maker.ask('POST', '/admin/lists', { name: 'x', org_code: counties[0] }),
      201,
    )
    const numbers = { member_nos: people.slice(6, 9).map(({ memberNo }) => memberNo) }
    await must(maker.ask('POST', `/admin/lists/${id}/members`, numbers))
    const listed = await must(tryOut(batch, { list_id: id, states: ['offered'] }))
    expect(listed).toMatchObject({ count: 2, amount: 1000 })
    expect(await run(String(listed.id))).toMatchObject({ state: 'completed', recalled: 2 })
    const elsewhere = await desk(server, { org: counties[1] })
    expect(await tryOut(batch, {}, elsewhere)).toMatchObject({ status: 404 })
    const unseen = await elsewhere.ask('GET', `/admin/recalls/${listed.id}`)
    expect(unseen).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
  })

  it('tries again whom the run left out, and nobody else, once there is room', async () => {
    const { maker, people } = ground
    const sub_quotas = { organisations: [{ org_code: counties[0], units: 5 }] }
    const batch = await issued({ amount: 300, sub_quotas })
    const progress = () => must(maker.ask('GET', `/admin/batches/${batch}/progress`))
    const full = { issued: 5, dropped: 7, left_out: { quota_exhausted: 7 } }
    expect(await progress()).toMatchObject(full)
    const retry = async () => {
      await must(maker.ask('POST', `/admin/batches/${batch}/retry-failed`, {}))
      return ended(maker.ask, `/admin/batches/${batch}/progress`)
    }
    expect(await retry()).toMatchObject({ state: 'completed', ...full })
    const whom = { member_nos: people.slice(0, 3).map(({ memberNo }) => memberNo) }
    const { id, count } = await must(tryOut(batch, whom))
    expect(await run(String(id))).toMatchObject({ recalled: count })
    const issuedNow = 5 + Number(count)
    expect(await retry()).toMatchObject({
      ...{ issued: issuedNow, dropped: 12 - issuedNow, recalled: count },
      left_out: { quota_exhausted: 12 - issuedNow },
    })
    const { items } = await must(maker.ask('GET', `/admin/batches/${batch}/left-out?limit=200`))
    expect(items).toHaveLength(12 - issuedNow)
    const whole = await issued({ amount: 300 })
    const nobody = await maker.ask('POST', `/admin/batches/${whole}/retry-failed`, {})
    expect(nobody).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
  })

  it('takes others’ signatures above what one person may take back, alone or all at once', async () => {
    const batch = await issued({ amount: 200_000 })
    const all = await approver.ask('POST', `/admin/batches/${batch}/recall`, {})
    expect(all).toMatchObject({ status: 409, body: { code: 'APPROVAL_NEEDED' } })
    const numbers = ground.people.map(({ memberNo }) => memberNo)
    const { id } = await must(tryOut(batch, { member_nos: [...numbers, 'T-none'] }))
    const waits = await must(approver.ask('POST', `/admin/recalls/${id}/submit`, {}))
    expect(waits).toMatchObject({ state: 'proposed', amount: 2_400_000, approvals_needed: 1 })
    const proposal = await must(third.ask('GET', `/admin/proposals/${waits.proposal_id}`))
    expect(JSON.parse(String(proposal.content))).toMatchObject({ recall: id, batch, count: 12 })
    const word = (by: Desk, decision = 'approve') =>
      by.ask('POST', `/admin/proposals/${proposal.id}/decisions`, {
        statement: by.approval(String(proposal.id), String(proposal.digest), decision),
      })
    expect(await word(approver)).toMatchObject({ status: 403, body: { code: 'SELF_APPROVAL' } })
    await must(word(third))
    expect(await ended(approver.ask, `/admin/recalls/${id}`)).toMatchObject({
      ...{ state: 'completed', recalled: 12, returned: 2_400_000 },
    })
    const [newest] = (await must(approver.ask('GET', `/admin/batches/${batch}/recalls`)))
      .items as unknown as { id: string }[]
    expect(newest!.id).toBe(id)
    const auditor = await desk(ground.server, { role: 'auditor' })
    const audited = await must(auditor.ask('GET', `/audit/proposals/${proposal.id}`))
    expect(audited).toMatchObject({ kind: 'recall', about: id, intact: true })
    expect(audited.content).toBeUndefined()
    await expectForgotten(numbers[11]!, String(proposal.id), auditor)
    await expectAudited({ ...ground.server.deployment, close: async () => {} })
  })
})
