import { createHash } from 'node:crypto'

import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { minute } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { verifyEvidence } from '../../src/identity/passkey-approval.ts'
import { siteOf } from '../../src/identity/passkeys.ts'
import type { Wrong } from '../support/authenticator.ts'
import { staffed } from '../support/browser-session.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  benefit,
  counties,
  desk,
  importRoster,
  plantTree,
  programme,
  roster,
} from '../support/union.ts'
import { submittedBatch } from './ground.ts'

const [here, there] = counties

describe.each(engines)('approval by passkey on %s', (engine) => {
  let server: TestServer
  let benefitId: string
  type Person = Awaited<ReturnType<typeof staffed>>
  let maker: Person
  let approver: Person
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    const setup = await desk(server)
    await importRoster(server, setup, { org: here, file: roster(here, 6).csv })
    const programmeId = await programme(server, setup.ask)
    benefitId = await benefit(setup.ask, programmeId, { supply: 'batch', stock: undefined })
    maker = await staffed(server, { name: '经办', role: 'maker', org: here })
    approver = await staffed(server, { name: '审批', role: 'approver', org: here })
  })
  afterAll(() => server.close())

  const submitted = () => submittedBatch({ maker: { ask: maker.ask } }, benefitId)
  const asked = async (id: string, by: Person, decision = 'approve') =>
    (await must(by.ask('POST', `/admin/batches/${id}/decisions/options`, { decision }))) as {
      statement: string
      options: { challenge: string; allowCredentials: { id: string }[] }
    }
  const decide = async (id: string, by: Person, wrong: Wrong = {}) => {
    const { statement, options } = await asked(id, by)
    const passkey = by.authenticator.get(options, wrong)
    return by.ask('POST', `/admin/batches/${id}/decisions`, { statement, passkey })
  }
  const told = ({ status, body }: { status: number; body: { code?: string } }) => [
    status,
    body.code,
  ]

  it('signs the SHA-256 of a statement that names batch, digest and decision', async () => {
    const { id, digest } = await submitted()
    const { statement, options } = await asked(id, approver)
    const sum = createHash('sha256').update(statement).digest('base64url')
    expect(options.challenge).toBe(sum)
    expect(options.allowCredentials.map((one) => one.id)).toEqual([approver.authenticator.id])
    expect(JSON.parse(statement)).toMatchObject({
      ...{ batch: id, digest, decision: 'approve', iss: approver.principalId, aud: server.url },
    })
    const answer = await decide(id, approver)
    expect([answer.status, answer.body.state]).toEqual([200, 'approved'])
  })

  it('is kept so that an auditor can verify it, and not another in its place', async () => {
    const { id, digest } = await submitted()
    await must(decide(id, approver))
    const auditor = await staffed(server, { role: 'auditor' })
    const { items } = await must(auditor.ask('GET', `/audit/batches/${id}/decisions`))
    const [one] = items as { statement: string; passkey: Record<string, string> }[]
    expect(one).toMatchObject({
      ...{ digest, decision: 'approve', principal_id: approver.principalId },
      passkey: { credential_id: approver.authenticator.id, verified: true },
    })
    const { verified: _, ...passkey } = one!.passkey
    const evidence = { statement: one!.statement, ...passkey } as Parameters<
      typeof verifyEvidence
    >[1]
    const site = siteOf(server.url)
    const said = await verifyEvidence(site, evidence)
    expect(said).toMatchObject({ batchId: id, principalId: approver.principalId })
    const altered = { ...evidence, statement: evidence.statement.replace('approve"', 'reject"') }
    await expect(verifyEvidence(site, altered)).rejects.toMatchObject({ code: 'PROOF_INVALID' })
    const other = await staffed(server, { role: 'auditor', org: there })
    expect(told(await other.ask('GET', `/audit/batches/${id}/decisions`))).toEqual([
      ...[404, 'NOT_FOUND'],
    ])
  })

  it('of the maker’s own is refused, whichever principal of the person signs', async () => {
    const both = await staffed(server, { name: '兼任', role: 'admin', org: here })
    const { id } = await submittedBatch({ maker: { ask: both.ask } }, benefitId)
    expect(told(await decide(id, both))).toEqual([403, 'SELF_APPROVAL'])
    const { state } = await must(both.ask('GET', `/admin/batches/${id}/progress`))
    expect(state).toBe('submitted')
  })

  it('counts an invited person as the one who invited them, until a third confirms', async () => {
    const boss = await staffed(server, { name: '主任' })
    const { id } = await submittedBatch({ maker: { ask: boss.ask } }, benefitId)
    const { store } = server
    const puppet = await staffed(server, { role: 'approver', org: here })
    const { principals } = store.read.tables
    await store.transaction(async (tx) => {
      await tx
        .update(principals)
        .set({ registeredBy: boss.principalId })
        .where(eq(principals.id, puppet.principalId))
    })
    expect(told(await decide(id, puppet))).toEqual([403, 'SELF_APPROVAL'])
    const third = await staffed(server, { name: '第三人' })
    await must(third.ask('POST', `/admin/principals/${puppet.principalId}/confirm`, {}))
    expect((await decide(id, puppet)).body.state).toBe('approved')
  })

  it('is void once the batch has changed: before the signature, and after', async () => {
    const { id } = await submitted()
    const { statement, options } = await asked(id, approver)
    const before = await must(maker.ask('GET', `/admin/batches/${id}/progress`))
    const edit = {
      ...{ org_code: here, delivery: 'active', note: '改了' },
      expected_version: before.version,
    }
    await must(maker.ask('PUT', `/admin/batches/${id}`, edit))
    const passkey = approver.authenticator.get(options)
    const late = await approver.ask('POST', `/admin/batches/${id}/decisions`, {
      ...{ statement, passkey },
    })
    expect(told(late)).toEqual([409, 'BATCH_STATE'])
    const again = await must(maker.ask('POST', `/admin/batches/${id}/dry-run`, {}))
    await must(maker.ask('POST', `/admin/batches/${id}/submit`, {}))
    const stale = { statement, passkey: approver.authenticator.get(options) }
    const old = await approver.ask('POST', `/admin/batches/${id}/decisions`, stale)
    expect(old.status).toBeGreaterThanOrEqual(400)
    expect(again.digest).not.toBe(JSON.parse(statement).digest)
    expect((await decide(id, approver)).body.state).toBe('approved')
  })

  it('takes a statement once, for five minutes, from its approver, for its batch', async () => {
    const { id } = await submitted()
    const other = await submitted()
    const post = (at: string, body: object, by = approver) =>
      by.ask('POST', `/admin/batches/${at}/decisions`, body)
    const { statement, options } = await asked(id, approver)
    const shown = () => ({ statement, passkey: approver.authenticator.get(options) })
    expect(told(await post(other.id, shown()))).toEqual([401, 'PROOF_INVALID'])
    const second = await staffed(server, { role: 'approver', org: here })
    expect(told(await post(id, shown(), second))).toEqual([401, 'PROOF_INVALID'])
    const foreign = { statement, passkey: second.authenticator.get(options) }
    expect(told(await post(id, foreign))).toEqual([401, 'PROOF_INVALID'])
    const rejecting = statement.replace('"approve"', '"reject"')
    const altered = { ...shown(), statement: rejecting }
    expect(told(await post(id, altered))).toEqual([401, 'PROOF_INVALID'])
    server.now += 5 * minute
    expect(told(await post(id, shown()))).toEqual([401, 'PROOF_INVALID'])
    expect((await decide(id, approver)).status).toBe(200)
  })

  it.each<[string, Wrong]>([
    ['the wrong origin', { origin: 'https://phishing.example' }],
    ['an unverified holder', { unverified: true }],
    ['a counter that goes back', { counter: 1 }],
  ])('refuses %s', async (_name, wrong) => {
    const { id } = await submitted()
    const third = await staffed(server, { role: 'approver', org: here })
    await third.signIn()
    expect(told(await decide(id, third, wrong))).toEqual([401, 'PROOF_INVALID'])
  })

  it('is not for a program, which signs with its own key', async () => {
    const { id } = await submitted()
    const program = await desk(server, { role: 'approver', org: here })
    const path = `/admin/batches/${id}/decisions/options`
    expect(told(await program.ask('POST', path, { decision: 'approve' }))).toEqual([
      ...[403, 'FORBIDDEN'],
    ])
  })
})
