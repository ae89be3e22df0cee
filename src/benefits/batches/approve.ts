import { and, eq } from 'drizzle-orm'

import { equal } from '../../base/bytes.ts'
import { day, type Instant } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import { countAsOne } from '../../identity/vouching.ts'
import type { Reader, Tx } from '../../store/store.ts'
import { type Actor, requireSight } from '../scope.ts'
import { type Batch, move, readBatch, stateRefusal } from './batch.ts'
import { readDryRun, requireSame } from './dry-run.ts'
import { addEditor, addUploaders } from './edit.ts'

/** A dry run may be submitted for so long. */
const freshMs = day

/** How many persons must approve an issue of `amount` fen: up to CNY 10 000, 1 000 000, above. */
export function approvalsFor(amount: number): number {
  if (amount <= 1_000_000) return 1
  return amount <= 100_000_000 ? 2 : 3
}

/**
 * Hands a dry-run batch over to its approvers; whoever submits can not approve. Refusals:
 * NOT_FOUND, BATCH_STATE unless ready, BENEFIT_STATE, DRY_RUN_STALE (24 hours old, or
 * another version or criteria in force), VALIDATION_FAILED when nobody is eligible.
 */
export async function submitBatch(
  tx: Tx,
  batchId: string,
  actor: Actor,
  now: Instant,
): Promise<Batch> {
  const batch = await readBatch(tx, batchId)
  await requireSight(tx, actor.orgPaths, { orgCode: batch.orgCode, what: 'batch' })
  if (batch.state !== 'ready') throw stateRefusal(batch)
  const { createdAt } = await readDryRun(tx, batch)
  if (now - createdAt >= freshMs) throw new Refusal('DRY_RUN_STALE')
  const { budget, eligible } = await requireSame(tx, batch)
  if (eligible === 0) throw new Refusal('VALIDATION_FAILED', { issues: ['members: none eligible'] })
  await addEditor(tx, batchId, actor.personId)
  await addUploaders(tx, batch)
  const approvalsNeeded = approvalsFor(budget.total)
  return move(tx, batchId, ['ready'], 'submitted', { approvalsNeeded }, batch.dryRunId)
}

/**
 * The digest that an approver of this batch is to sign, 32 octets. Refusals: NOT_FOUND (`orgPaths`
 * must cover the batch's organisation), BATCH_STATE unless submitted.
 */
export async function toDecide(
  reader: Reader,
  batchId: string,
  orgPaths: readonly string[],
): Promise<Uint8Array> {
  const batch = await readBatch(reader, batchId)
  await requireSight(reader, orgPaths, { orgCode: batch.orgCode, what: 'batch' })
  if (batch.state !== 'submitted') throw stateRefusal(batch)
  return (await readDryRun(reader, batch)).digest
}

/** A decision whose signature was verified by the caller. */
export interface SignedDecision {
  readonly principalId: string
  readonly personId: string
  /** Paths of the organisations in whose subtrees the approver may approve. */
  readonly orgPaths: readonly string[]
  /** The dry run's digest that was signed, 32 octets. */
  readonly digest: Uint8Array
  readonly decision: 'approve' | 'reject'
  /** The signed statement itself, kept as evidence. */
  readonly statement: string
}

/**
 * Counts an approver's decision: enough approvals approve the batch, one rejection rejects it. The
 * batch's row is written first, so that decisions on one batch queue up and the last one needed
 * sees the others. Refusals: NOT_FOUND (the approver's scope must cover the batch's
 * organisation), BATCH_STATE unless submitted, SELF_APPROVAL (a maker, editor, uploader or
 * submitter, or who counts as one person with them), DRY_RUN_STALE (another digest was signed),
 * ALREADY_EXISTS (the person has decided, or one they count as).
 */
export async function decideBatch(
  tx: Tx,
  batchId: string,
  decision: SignedDecision,
  now: Instant,
): Promise<Batch> {
  const { personId, principalId, orgPaths, digest, statement } = decision
  const batch = await move(tx, batchId, ['submitted'], 'submitted')
  await requireSight(tx, orgPaths, { orgCode: batch.orgCode, what: 'batch' })
  const { approvals } = tx.tables
  if (await countAsOne(tx, personId, await handsIn(tx, batchId))) throw new Refusal('SELF_APPROVAL')
  const dryRun = await readDryRun(tx, batch)
  if (!equal(dryRun.digest, digest)) throw new Refusal('DRY_RUN_STALE')
  if (await countAsOne(tx, personId, await decidersOf(tx, dryRun.id))) {
    throw new Refusal('ALREADY_EXISTS', { what: 'approval' })
  }
  const row = { dryRunId: dryRun.id, personId, principalId, statement, at: now }
  const [counted] = await tx
    .insert(approvals)
    .values({ ...row, decision: decision.decision })
    .onConflictDoNothing()
    .returning({ personId: approvals.personId })
  if (!counted) throw new Refusal('ALREADY_EXISTS', { what: 'approval' })
  if (decision.decision === 'reject') return move(tx, batchId, ['submitted'], 'rejected')
  const given = await tx.$count(
    approvals,
    and(eq(approvals.dryRunId, dryRun.id), eq(approvals.decision, 'approve')),
  )
  if (given < batch.approvalsNeeded) return batch
  return move(tx, batchId, ['submitted'], 'approved')
}

/** Everybody who had a hand in a batch, as persons. */
async function handsIn(tx: Tx, batchId: string): Promise<string[]> {
  const { batchEditors } = tx.tables
  const rows = await tx
    .select({ personId: batchEditors.personId })
    .from(batchEditors)
    .where(eq(batchEditors.batchId, batchId))
  return rows.map(({ personId }) => personId)
}

/** Everybody who has decided on a dry run. */
async function decidersOf(tx: Tx, dryRunId: string): Promise<string[]> {
  const { approvals } = tx.tables
  const rows = await tx
    .select({ personId: approvals.personId })
    .from(approvals)
    .where(eq(approvals.dryRunId, dryRunId))
  return rows.map(({ personId }) => personId)
}
