import { parseArgs } from 'node:util'

import { toHex } from '../base/bytes.ts'
import { systemClock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { submitBatch } from '../benefits/batches/approve.ts'
import { progressOf, readBatch } from '../benefits/batches/batch.ts'
import { readDryRun } from '../benefits/batches/dry-run.ts'
import { createBatch } from '../benefits/batches/edit.ts'
import { cancelBatch, pauseBatch, resumeBatch, startBatch } from '../benefits/batches/run.ts'
import type { Actor } from '../benefits/scope.ts'
import { type Deployment, openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import { readPrincipal } from '../identity/principals.ts'
import { scopesOf } from '../identity/roles.ts'
import { runAllBatches } from '../jobs/batch-runner.ts'
import { dryRunBatch } from '../jobs/dry-run.ts'
import { recallBatch } from '../vouchers/run-batch.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = [
  'usage: symbolon batch create --data DIR --as PRINCIPAL --benefit ID --org CODE [--list ID]',
  '                             [--criteria JSON] [--delivery offer|active] [--note TEXT]',
  '       symbolon batch dry-run|submit|start|pause|resume|cancel|recall BATCH --data DIR --as PRINCIPAL',
  '       symbolon batch run --data DIR          runs what was started, to its end',
  '       symbolon batch show BATCH --data DIR',
  '       Approving takes a signature: see docs/api.md.',
  '',
].join('\n')

const acts = {
  submit: submitBatch,
  start: startBatch,
  pause: pauseBatch,
  resume: resumeBatch,
  cancel: cancelBatch,
  recall: recallBatch,
} as const

/** `symbolon batch`: what the desk does with a batch, from a shell on the machine. */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      as: { type: 'string' },
      benefit: { type: 'string' },
      org: { type: 'string' },
      list: { type: 'string' },
      criteria: { type: 'string' },
      delivery: { type: 'string', default: 'offer' },
      note: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [verb = '', id = ''] = positionals
  if (!values.data) return misused(io)
  const opened = await openDeployment({ data: values.data, config: readConfig(env) })
  try {
    const answer = await act(opened, verb, id, values)
    if (!answer) return misused(io)
    if (values.json) io.stdout.write(`${JSON.stringify(answer)}\n`)
    else for (const [word, text] of Object.entries(answer)) io.stdout.write(`${word} ${text}\n`)
    return 0
  } finally {
    await opened.close()
  }
}

interface Wishes {
  readonly as?: string | undefined
  readonly benefit?: string | undefined
  readonly org?: string | undefined
  readonly list?: string | undefined
  readonly criteria?: string | undefined
  readonly delivery: string
  readonly note: string
}

type Answer = Record<string, string | number>

async function act(
  opened: Deployment,
  verb: string,
  id: string,
  values: Wishes,
): Promise<Answer | undefined> {
  const { store, node } = opened
  if (verb === 'run') {
    await runAllBatches({ store, node, clock: systemClock })
    return { ran: 'everything that was started' }
  }
  if (verb === 'show') return show(opened, id)
  if (!values.as) return undefined
  const actor = await actorOf(opened, values.as, verb === 'recall')
  if (verb === 'create') return create(opened, values, actor)
  if (verb === 'dry-run') {
    await dryRunBatch({ store, batchId: id, now: systemClock() })
    return show(opened, id)
  }
  if (!Object.hasOwn(acts, verb)) return undefined
  const run = acts[verb as keyof typeof acts]
  await store.transaction((tx) => run(tx, id, actor, systemClock()))
  return show(opened, id)
}

async function create(
  { store }: Deployment,
  values: Wishes,
  actor: Actor,
): Promise<Answer | undefined> {
  const { benefit, org, list, criteria, delivery, note } = values
  if (!benefit || !org || (delivery !== 'offer' && delivery !== 'active')) return undefined
  if (criteria !== undefined && !isJson(criteria)) return undefined
  const content = {
    orgCode: org,
    listId: list,
    delivery,
    note,
    ...(criteria !== undefined && { criteria: JSON.parse(criteria) as unknown }),
  } as const
  const batch = await store.transaction((tx) =>
    createBatch(tx, benefit, content, actor, systemClock()),
  )
  return { batch: batch.id, state: batch.state }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

async function show({ store }: Deployment, id: string): Promise<Answer> {
  const batch = await readBatch(store.read, id)
  const { members } = await progressOf(store.read, id)
  const dryRun = batch.dryRunId ? await readDryRun(store.read, batch) : undefined
  const quotas = dryRun?.report.quotas
  const { state, issued, dropped, recalled, approvalsNeeded } = batch
  return {
    batch: id,
    state,
    members,
    issued,
    dropped,
    recalled,
    approvals_needed: approvalsNeeded,
    ...(dryRun && { digest: toHex(dryRun.digest), total_fen: dryRun.report.budget.total }),
    ...(quotas && { issuable: quotas.issuable.count, falls_out: quotas.falls_out.count }),
  }
}

async function actorOf({ store }: Deployment, id: string, approving: boolean): Promise<Actor> {
  const principal = await readPrincipal(store.read, id)
  if (!principal) throw new Refusal('NOT_FOUND', { what: 'principal' })
  const orgPaths = scopesOf(principal, approving ? 'batches.approve' : 'batches.write')
  return { principalId: id, personId: principal.personId, orgPaths }
}

function misused(io: Io): number {
  io.stderr.write(usage)
  return 2
}
