import { createHash } from 'node:crypto'

import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { expectAudited } from '../support/audited.ts'
import { staffed } from '../support/browser-session.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { counties, desk, plantTree, province } from '../support/union.ts'

type Asker = Awaited<ReturnType<typeof desk>>

describe.each(engines)('a budget changes by two persons, on %s', (engine) => {
  let server: TestServer
  let maker: Asker
  let approver: Asker
  let programme: string
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    maker = await desk(server)
    approver = await desk(server, { role: 'approver' })
    const names = { public_id: 'two', name_zh: '项目', name_en: 'programme', org_code: province }
    const period = { period_from: server.now - day, period_to: server.now + day }
    programme = String(
      (await must(maker.ask('POST', '/admin/programmes', { ...names, ...period }), 201)).id,
    )
  })
  afterAll(() => server.close())

  const money = async () => {
    const { available, version } = await must(
      maker.ask('GET', `/admin/programmes/${programme}/budget`),
    )
    return { available: Number(available), version: Number(version) }
  }
  const asking = async (amount: number, version?: number) => {
    const expected_version = version ?? (await money()).version
    const body = { amount, expected_version, reason: 'annual plan' }
    return maker.ask('POST', `/admin/programmes/${programme}/budget-changes`, body)
  }
  const proposed = async (amount: number) => {
    const { id, digest } = await must(asking(amount), 201)
    return { id: String(id), digest: String(digest) }
  }
  const sign = ({ id, digest }: { id: string; digest: string }, by: Asker, decision = 'approve') =>
    by.ask('POST', `/admin/proposals/${id}/decisions`, {
      statement: by.approval(id, digest, decision),
    })
  const refused = (answer: { status: number; body: { code?: string } }) => [
    answer.status,
    answer.body.code,
  ]

  it('moves nothing before another person signs exactly what was proposed', async () => {
    const { id, digest } = await proposed(500_000)
    expect(await money()).toEqual({ available: 0, version: 1 })
    const shown = await must(approver.ask('GET', `/admin/proposals/${id}`))
    expect(createHash('sha256').update(String(shown.content)).digest('hex')).toBe(digest)
    expect(JSON.parse(String(shown.content))).toEqual({
      ...{ proposal: id, kind: 'budget', programme, amount: 500_000, version: 1 },
      reason: 'annual plan',
    })
    const wrong = { id, digest: createHash('sha256').update('else').digest('hex') }
    expect(refused(await sign(wrong, approver))).toEqual([422, 'DRY_RUN_STALE'])
    expect(await must(sign({ id, digest }, approver))).toMatchObject({ state: 'carried_out' })
    expect(await money()).toEqual({ available: 500_000, version: 2 })
    expect(refused(await sign({ id, digest }, approver))).toEqual([409, 'PROPOSAL_STATE'])
  })

  it('is never approved by its proposer, whatever program they use, nor from another county', async () => {
    const one = await proposed(1000)
    expect(refused(await sign(one, maker))).toEqual([403, 'SELF_APPROVAL'])
    const other = await desk(server, { role: 'approver', personId: maker.personId })
    expect(refused(await sign(one, other))).toEqual([403, 'SELF_APPROVAL'])
    const below = await desk(server, { role: 'approver', org: counties[0] })
    expect(refused(await sign(one, below))).toEqual([404, 'NOT_FOUND'])
    const mere = await desk(server, { role: 'maker' })
    expect(refused(await sign(one, mere))).toEqual([403, 'FORBIDDEN'])
    expect(refused(await approver.ask('POST', `/admin/proposals/${one.id}/withdraw`, {}))).toEqual([
      ...[403, 'FORBIDDEN'],
    ])
    await must(maker.ask('POST', `/admin/proposals/${one.id}/withdraw`, {}))
    expect(refused(await sign(one, approver))).toEqual([409, 'PROPOSAL_STATE'])
    expect(await money()).toEqual({ available: 500_000, version: 2 })
  })

  it('is signed by passkey too, and rejected by one word', async () => {
    const person = await staffed(server, { name: '审批', role: 'approver' })
    const word = async (id: string, decision: string) => {
      const at = `/admin/proposals/${id}/decisions`
      const { statement, options } = await must(person.ask('POST', `${at}/options`, { decision }))
      const passkey = person.authenticator.get(options as { challenge: string })
      return must(person.ask('POST', at, { statement, passkey }))
    }
    const [no, yes] = [await proposed(7), await proposed(-100_000)]
    expect(await word(no.id, 'reject')).toMatchObject({ state: 'rejected' })
    expect(await word(yes.id, 'approve')).toMatchObject({ state: 'carried_out' })
    expect(await money()).toEqual({ available: 400_000, version: 3 })
    const { proposalDecisions: made } = server.store.read.tables
    const kept = await server.store.read.select().from(made).where(eq(made.proposalId, yes.id))
    expect(JSON.parse(kept[0]!.statement).statement).toContain(yes.digest)
  })

  it('is read by auditors: who proposed, who decided, and that the signature holds', async () => {
    const auditor = await desk(server, { role: 'auditor' })
    const first = await must(auditor.ask('GET', '/audit/proposals?limit=2'))
    expect(first.items).toMatchObject([
      {
        ...{ kind: 'budget', about: programme, amount: -100_000, state: 'carried_out' },
        ...{ intact: true, proposed_by: { person_id: maker.personId } },
        decisions: [{ decision: 'approve', passkey: { verified: true } }],
      },
      { amount: 7, state: 'rejected', decisions: [{ decision: 'reject' }] },
    ])
    const more = await must(auditor.ask('GET', `/audit/proposals?after=${first.next}`))
    expect(more.items).toMatchObject([
      { state: 'withdrawn', decisions: [] },
      {
        state: 'carried_out',
        decisions: [{ person_id: approver.personId, program: { verified: true } }],
      },
    ])
    const [{ id, digest }] = first.items as unknown as [{ id: string; digest: string }]
    const shown = await must(auditor.ask('GET', `/audit/proposals/${id}`))
    expect(createHash('sha256').update(String(shown.content)).digest('hex')).toBe(digest)
    const only = await must(auditor.ask('GET', '/audit/proposals?state=rejected'))
    expect(only.items).toHaveLength(1)
    const below = await desk(server, { role: 'auditor', org: counties[0] })
    expect(await must(below.ask('GET', '/audit/proposals'))).toEqual({ items: [] })
    expect((await below.ask('GET', `/audit/proposals/${id}`)).status).toBe(404)
    expect((await approver.ask('GET', '/audit/proposals')).status).toBe(403)
    // Another content than what was signed, and a signature put where it does not belong.
    const { proposals, proposalDecisions: made } = server.store.read.tables
    const [row] = await server.store.read.select().from(proposals).where(eq(proposals.id, id))
    const [word] = await server.store.read.select().from(made).where(eq(made.proposalId, id))
    const put = (content: string) =>
      server.store.transaction((tx) =>
        tx.update(proposals).set({ content }).where(eq(proposals.id, id)),
      )
    await put(row!.content.replace('-100000', '-900000'))
    expect((await must(auditor.ask('GET', `/audit/proposals/${id}`))).intact).toBe(false)
    await put(row!.content)
    const [other] = only.items as unknown as [{ id: string }]
    const forged = { ...word!, proposalId: other.id, personId: 'somebody', at: word!.at + 1 }
    await server.store.transaction((tx) => tx.insert(made).values(forged))
    const { decisions } = await must(auditor.ask('GET', `/audit/proposals/${other.id}`))
    expect(decisions).toMatchObject([
      { decision: 'reject', passkey: { verified: true } },
      { person_id: 'somebody', passkey: { verified: false } },
    ])
  })

  it('never takes more than is available, nor books two for one version', async () => {
    expect(refused(await asking(-400_001))).toEqual([422, 'BUDGET_EXHAUSTED'])
    expect(refused(await asking(5, 1))).toEqual([409, 'VERSION_CONFLICT'])
    expect(refused(await asking(0))).toEqual([400, 'VALIDATION_FAILED'])
    const both = [await proposed(-400_000), await proposed(-300_000)]
    const answers = await Promise.all(both.map((one) => sign(one, approver)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const { available } = await money()
    expect([0, 100_000]).toContain(available)
    const open = await must(approver.ask('GET', '/admin/proposals?state=proposed'))
    expect(open.items).toHaveLength(1)
    const all = await must(maker.ask('GET', `/admin/proposals?subject=${programme}`))
    expect(all.items).toHaveLength(6)
    await expectAudited({ ...server.deployment, close: async () => {} })
  })
})
