import { and, eq, sql } from 'drizzle-orm'

import type { Instant } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Reader, Tx } from '../../store/store.ts'
import { requireThawed } from '../freezes.ts'
import { type Actor, requireSight } from '../scope.ts'
import { type Batch, type BatchState, move, readBatch, stateRefusal } from './batch.ts'
import { requireSame } from './dry-run.ts'
import { groundOf } from './ground.ts'

/**
 * Lets an approved batch run. Refusals NOT_FOUND, BATCH_STATE, BENEFIT_STATE,
 * DRY_RUN_STALE (the benefit or a segment has changed since it was approved), FREEZE_ACTIVE.
 */
export async function startBatch(
  tx: Tx,
  batchId: string,
  actor: Actor,
  now: Instant,
): Promise<Batch> {
  const batch = await inScope(tx, batchId, actor)
  if (batch.state !== 'approved') throw stateRefusal(batch)
  await requireThawed(tx, batch.orgCode)
  await requireSame(tx, batch)
  return move(tx, batchId, ['approved'], 'running', { startedAt: now }, batch.dryRunId)
}

/** Stops a run before its next chunk. Refusals NOT_FOUND, BATCH_STATE. */
export async function pauseBatch(tx: Tx, batchId: string, actor: Actor): Promise<Batch> {
  await inScope(tx, batchId, actor)
  return move(tx, batchId, ['running'], 'paused')
}

/** Goes on where the run was paused. Refusals NOT_FOUND, BATCH_STATE, FREEZE_ACTIVE. */
export async function resumeBatch(tx: Tx, batchId: string, actor: Actor): Promise<Batch> {
  const { orgCode } = await inScope(tx, batchId, actor)
  await requireThawed(tx, orgCode)
  return move(tx, batchId, ['paused'], 'running')
}

const cancellable: readonly BatchState[] = [
  ...(['draft', 'ready', 'submitted', 'approved', 'rejected', 'running', 'paused'] as const),
]

/** Ends a batch; what it has issued stays. Refusals NOT_FOUND, BATCH_STATE. */
export async function cancelBatch(
  tx: Tx,
  batchId: string,
  actor: Actor,
  now: Instant,
): Promise<Batch> {
  await inScope(tx, batchId, actor)
  return move(tx, batchId, cancellable, 'cancelled', { finishedAt: now })
}

async function inScope(tx: Tx, batchId: string, actor: Actor): Promise<Batch> {
  const batch = await readBatch(tx, batchId)
  await requireSight(tx, actor.orgPaths, { orgCode: batch.orgCode, what: 'batch' })
  return batch
}

export interface ChunkMember {
  readonly memberId: string
  readonly personId: string
  readonly bucket: number
  /** Still entitled, still in scope, and below the cap. */
  readonly qualifies: boolean
}

/**
 * The next `size` members of the batch's dry run behind its cursor, in the order of their ids, each
 * judged at `now` in the same statement. Fewer than `size`: the last ones. Whoever moved out of the
 * organisation is there too, and does not qualify.
 */
export async function nextChunkMembers(
  reader: Reader,
  batch: Batch,
  size: number,
  now: Instant,
): Promise<ChunkMember[]> {
  if (batch.dryRunId === null) return []
  const { members, dryRunMembers } = reader.tables
  const { selection, capReached } = await groundOf(reader, batch, now)
  const { from, holds } = selection
  const rows = await reader.rows<Omit<ChunkMember, 'qualifies'> & { qualifies: number }>(
    sql`select ${members.id} as "memberId", ${members.personId} as "personId",
        ${members.bucket} as bucket,
        case when ${holds} and not (${capReached}) then 1 else 0 end as qualifies
      from ${from} join (select ${dryRunMembers.memberId} as id from ${dryRunMembers}
        where ${dryRunMembers.dryRunId} = ${batch.dryRunId}
          and ${dryRunMembers.memberId} > ${batch.cursor}
        order by ${dryRunMembers.memberId} limit ${size}) chunk on chunk.id = ${members.id}
      order by ${members.id}`,
  )
  return rows.map((row) => ({ ...row, qualifies: row.qualifies === 1 }))
}

export interface Step {
  readonly batchId: string
  /** The cursor the chunk began behind. */
  readonly from: string
  /** The last member dealt with; the same as `from` when nobody was left. */
  readonly to: string
  readonly issued: number
  readonly dropped: number
  /** Nobody is left: the batch is completed. */
  readonly last: boolean
}

/**
 * Moves the cursor over a chunk, in the transaction that issued it, and answers the batch; its
 * `chunks` is the number of this one. Refusals, on which the chunk must be undone: BATCH_STATE
 * {state} when it is not running, VERSION_CONFLICT {cursor} when another runner has moved it.
 */
export async function advance(tx: Tx, step: Step, now: Instant): Promise<Batch> {
  const { batchId, from, to, issued, dropped, last } = step
  const { batches } = tx.tables
  const [moved] = await tx
    .update(batches)
    .set({
      cursor: to,
      chunks: sql`${batches.chunks} + 1`,
      issued: sql`${batches.issued} + ${issued}`,
      dropped: sql`${batches.dropped} + ${dropped}`,
      ...(last && { state: 'completed' as const, finishedAt: now }),
    })
    .where(and(eq(batches.id, batchId), eq(batches.state, 'running'), eq(batches.cursor, from)))
    .returning()
  if (moved) return moved
  const batch = await readBatch(tx, batchId)
  if (batch.state !== 'running') throw stateRefusal(batch)
  throw new Refusal('VERSION_CONFLICT', { cursor: batch.cursor })
}
