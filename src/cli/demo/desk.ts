import { setTimeout as sleep } from 'node:timers/promises'

import { day, type Instant } from '../../base/clock.ts'
import { type Ask, adminAgent, type Reply, type Server, terminalAgent } from './agent.ts'
import { type DemoProgramme, demoProgrammes } from './catalogue.ts'
import { type DemoDesk, type DemoDesks, demoProvince } from './seed.ts'

/** A benefit that is in force, with where it is taken. */
export interface DemoBenefit {
  readonly benefitId: string
  readonly programmeId: string
  readonly programme: DemoProgramme
}

/** A shop of the demonstration, and a terminal in it with an open shift. */
export interface DemoShop {
  readonly category: string
  readonly storeId: string
  readonly ask: Ask
  readonly terminalId: string
}

/** All desks, signed in. */
export async function signIn(server: Server, { maker, approvers }: DemoDesks) {
  const enter = ({ clientId, key }: DemoDesk) => adminAgent(server, clientId, key)
  return { maker: await enter(maker), approvers: await Promise.all(approvers.map(enter)) }
}

export type SignedIn = Awaited<ReturnType<typeof signIn>>

/** Asks, and throws when the answer is not the expected status. */
export async function must(answer: Promise<Reply>, status = 200): Promise<Reply['body']> {
  const { status: got, body } = await answer
  if (got === status) return body
  throw new Error(
    `expected ${status}, got ${got} ${body.code ?? ''} ${JSON.stringify(body.issues ?? '')}`,
  )
}

/** Enters programmes, their budgets (another signs) and benefits, and puts them in force. */
export async function openProgrammes(
  { maker, approvers }: SignedIn,
  now: Instant,
): Promise<DemoBenefit[]> {
  const { ask } = maker
  const [second] = approvers
  if (!second) throw new TypeError('a demonstration has approvers')
  const made: DemoBenefit[] = []
  for (const programme of demoProgrammes(now)) {
    const { public_id, name_zh, name_en, definition, budget, category } = programme
    const period = { period_from: now - day, period_to: now + 365 * day }
    const given = { public_id, name_zh, name_en, org_code: demoProvince, ...period }
    const created = await must(ask('POST', '/admin/programmes', given), 201)
    const programmeId = String(created.id)
    await fund(ask, second, { programmeId, amount: budget })
    const draft = { programme_id: programmeId, definition }
    const { benefit_id } = await must(ask('POST', '/admin/benefits', draft), 201)
    const rules = { rules: [{ target: 'category', value: category }] }
    await must(ask('PUT', `/admin/benefits/${benefit_id}/acceptance`, rules))
    await must(ask('POST', `/admin/benefits/${benefit_id}/publish`, {}))
    made.push({ benefitId: String(benefit_id), programmeId, programme })
  }
  return made
}

/** Gives a new programme its first money: one proposes it, another signs. */
export async function fund(
  ask: Ask,
  second: Pick<SignedIn['maker'], 'ask' | 'approval'>,
  { programmeId, amount }: { programmeId: string; amount: number },
): Promise<void> {
  const money = { amount, expected_version: 1, reason: 'annual plan' }
  const asked = await must(
    ask('POST', `/admin/programmes/${programmeId}/budget-changes`, money),
    201,
  )
  const statement = second.approval(String(asked.id), String(asked.digest))
  await must(second.ask('POST', `/admin/proposals/${asked.id}/decisions`, { statement }))
}

/** Registers a merchant with a store and a terminal, provisions it and opens a shift. */
export async function openShop(
  server: Server,
  ask: Ask,
  { name, category, now }: { name: string; category: string; now: Instant },
): Promise<DemoShop> {
  const contract = { contract_from: now - day, contract_to: now + 365 * day }
  const merchant = { name, org_code: demoProvince, ...contract }
  const { id: merchantId } = await must(ask('POST', '/admin/merchants', merchant), 201)
  const shop = { name: `${name}一店`, category, region: 640104 }
  const store = await must(ask('POST', `/admin/merchants/${merchantId}/stores`, shop), 201)
  const at = `/admin/stores/${store.id}`
  const terminal = await must(ask('POST', `${at}/terminals`, { name: 'till 1' }), 201)
  const cashier = await must(ask('POST', `${at}/cashiers`, { name: '收银员', pin: '2468' }), 201)
  const provisioning = `/admin/terminals/${terminal.id}/provisionings`
  const { token } = await must(ask('POST', provisioning, {}), 201)
  const agent = await terminalAgent(server, String(token))
  const shift = { cashier_id: cashier.id, pin: '2468' }
  await must(agent.ask('POST', '/terminal/shifts', shift), 201)
  return { category, storeId: String(store.id), ask: agent.ask, terminalId: agent.terminalId }
}

/** Drafts a batch for everybody entitled, has it approved by others, and waits for its end. */
export async function issueByRule(
  { maker, approvers }: SignedIn,
  { benefitId }: DemoBenefit,
): Promise<{ batchId: string; issued: number; report: Record<string, unknown> }> {
  const draft = { benefit_id: benefitId, org_code: demoProvince, delivery: 'offer', note: 'demo' }
  const { id } = await must(maker.ask('POST', '/admin/batches', draft), 201)
  const batchId = String(id)
  const at = `/admin/batches/${batchId}`
  const dryRun = await must(maker.ask('POST', `${at}/dry-run`, {}))
  const { approvals_needed } = await must(maker.ask('POST', `${at}/submit`, {}))
  const own = { statement: maker.approval(batchId, String(dryRun.digest)) }
  const refused = await maker.ask('POST', `${at}/decisions`, own)
  if (refused.body.code !== 'SELF_APPROVAL') throw new Error('the maker could approve')
  for (const approver of approvers.slice(0, Number(approvals_needed))) {
    const statement = approver.approval(batchId, String(dryRun.digest))
    await must(approver.ask('POST', `${at}/decisions`, { statement }))
  }
  await must(maker.ask('POST', `${at}/start`, {}))
  const report = dryRun.report as Record<string, unknown>
  for (let tries = 0; tries < 2000; tries++) {
    const { state, issued } = await must(maker.ask('GET', `${at}/progress`))
    if (state === 'completed') return { batchId, issued: Number(issued), report }
    if (state !== 'running') throw new Error(`the batch is ${String(state)}`)
    await sleep(50)
  }
  throw new Error('the batch does not end')
}
