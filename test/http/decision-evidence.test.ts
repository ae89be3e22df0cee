import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { engines } from '../support/engines.ts'
import { benefit, type Desk, desk } from '../support/union.ts'
import { type Ground, openGround, submittedBatch } from './ground.ts'

/** A kept word with one octet of it changed. */
function altered<Kept extends { statement: string }>(kept: Kept, at: number, personId: string) {
  const octets = [...kept.statement]
  const i = at < 0 ? octets.length + at : at
  octets[i] = octets[i] === 'A' ? 'B' : 'A'
  return { ...kept, statement: octets.join(''), personId }
}

/** Whether a program's signature holds, by the person it counts as. */
function verified(decisions: unknown) {
  const given = decisions as { person_id: string; program?: { verified: boolean } }[]
  return Object.fromEntries(given.map((one) => [one.person_id, one.program?.verified]))
}

describe.each(engines)('decisions that programs signed, on %s', (engine) => {
  let ground: Ground
  let auditor: Desk
  let signer: Desk
  beforeAll(async () => {
    ground = await openGround(engine)
    auditor = await desk(ground.server, { role: 'auditor' })
    signer = await desk(ground.server, { role: 'approver' })
  })
  afterAll(() => ground.server.close())

  const sign = async (at: string, { id, digest }: Record<string, unknown>) => {
    const statement = signer.approval(String(id), String(digest))
    await must(signer.ask('POST', `${at}/${id}/decisions`, { statement }))
    return String(id)
  }
  const signedBatch = async () => {
    const supply = { supply: 'batch', stock: undefined }
    const given = await benefit(ground.maker.ask, ground.programmeId, supply)
    return sign('/admin/batches', await submittedBatch(ground, given))
  }
  const signedProposal = async () => {
    const at = `/admin/programmes/${ground.programmeId}/budget`
    const { version: expected_version } = await must(ground.maker.ask('GET', at))
    const wish = { amount: 100, expected_version, reason: 'plan' }
    const made = await must(ground.maker.ask('POST', `${at}-changes`, wish), 201)
    return sign('/admin/proposals', made)
  }
  /** Words that nobody said, beside those that the signer did; each under a person of its own. */
  async function forge() {
    const { read } = ground.server.store
    const { approvals: a, proposalDecisions: d } = read.tables
    const [batch] = await read.select().from(a).where(eq(a.principalId, signer.clientId))
    const [other] = await read.select().from(d).where(eq(d.principalId, signer.clientId))
    await ground.server.store.transaction(async (tx) => {
      const another = { ...batch!, principalId: auditor.clientId, personId: 'another' }
      const reject = { ...batch!, decision: 'reject' as const, personId: 'reject' }
      await tx.insert(a).values([another, reject])
      await tx.insert(a).values([altered(batch!, 120, 'payload'), altered(batch!, -40, 'end')])
      await tx.insert(d).values([altered(other!, 120, 'payload'), altered(other!, -40, 'end')])
      await tx.insert(d).values({ ...other!, statement: batch!.statement, personId: 'moved' })
    })
  }

  it('are verified by the key they were registered with, years later, on both', async () => {
    const [batch, proposal] = [await signedBatch(), await signedProposal()]
    await forge()
    await must(ground.maker.ask('DELETE', `/admin/principals/${signer.clientId}`))
    ground.server.now += 400 * day
    const { ask } = await auditor.signIn()
    const { items } = await must(ask('GET', `/audit/batches/${batch}/decisions`))
    expect(verified(items)).toEqual({
      ...{ [signer.personId]: true, another: false, reject: false, payload: false, end: false },
    })
    const program = { public_key: signer.key.jwk, verified: true }
    expect(items).toContainEqual(expect.objectContaining({ program }))
    const { decisions } = await must(ask('GET', `/audit/proposals/${proposal}`))
    expect(verified(decisions)).toEqual({
      ...{ [signer.personId]: true, moved: false, payload: false, end: false },
    })
  })
})
