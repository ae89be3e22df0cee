import { and, eq, gt, type SQL, sql } from 'drizzle-orm'

import type { Instant } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import type { leftOutReasons } from '../../store/schema/batches.ts'
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

/**
 * Tries those again whom a run that has ended left out, and nobody else: the approvals were for
 * them too. Refusals NOT_FOUND, BATCH_STATE, BENEFIT_STATE, DRY_RUN_STALE (the benefit or a segment
 * has changed since), FREEZE_ACTIVE, VALIDATION_FAILED when nobody was left out.
 */
export async function retryBatch(tx: Tx, batchId: string, actor: Actor): Promise<Batch> {
  const batch = await inScope(tx, batchId, actor)
  if (batch.state !== 'completed') throw stateRefusal(batch)
  await requireThawed(tx, batch.orgCode)
  await requireSame(tx, batch)
  const { batches } = tx.tables
  const [again] = await tx
    .update(batches)
    .set({
      ...{ state: 'running', cursor: '', finishedAt: null },
      ...{ version: sql`${batches.version} + 1`, retries: sql`${batches.retries} + 1` },
    })
    .where(and(eq(batches.id, batchId), eq(batches.state, 'completed'), gt(batches.dropped, 0)))
    .returning()
  if (again) return again
  const { dropped, ...now } = await readBatch(tx, batchId)
  if (dropped > 0) throw stateRefusal(now)
  throw new Refusal('VALIDATION_FAILED', { issues: ['members: nobody was left out'] })
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

export type LeftOutReason = (typeof leftOutReasons)[number]

export interface ChunkMember {
  readonly memberId: string
  readonly personId: string
  readonly bucket: number
  /** Why not; none for who is still entitled, still in scope, and below the cap. */
  readonly leftOut: LeftOutReason | undefined
}

/**
 * The next `size` members of the batch's dry run behind its cursor, in the order of their ids, each
 * judged at `now` in the same statement; of those it left out, when they are tried again. Fewer
 * than `size`: the last ones. Whoever moved out of the organisation is there too, left out.
 */
export async function nextChunkMembers(
  reader: Reader,
  batch: Batch,
  size: number,
  now: Instant,
): Promise<ChunkMember[]> {
  if (batch.dryRunId === null) return []
  const { members } = reader.tables
  const { selection, capReached } = await groundOf(reader, batch, now)
  const { from, holds } = selection
  const rows = await reader.rows<Omit<ChunkMember, 'leftOut'> & { why: LeftOutReason | '' }>(
    sql`select ${members.id} as "memberId", ${members.personId} as "personId",
        ${members.bucket} as bucket,
        case when ${holds} then case when ${capReached} then 'cap_reached' else '' end
          else 'not_entitled' end as why
      from ${from} join (${toDeal(reader, batch)} limit ${size}) chunk on chunk.id = ${members.id}
      order by ${members.id}`,
  )
  return rows.map(({ why, ...row }) => ({ ...row, leftOut: why === '' ? undefined : why }))
}

/** Whom the run still has to deal with, as `id`: of the dry run, or of those it left out. */
function toDeal({ tables }: Reader, { id, dryRunId, retries, cursor }: Batch): SQL {
  const { dryRunMembers: d, batchLeftOut: l } = tables
  return retries > 0
    ? sql`select ${l.memberId} as id from ${l} where ${eq(l.batchId, id)}
        and ${l.memberId} > ${cursor} order by ${l.memberId}`
    : sql`select ${d.memberId} as id from ${d} where ${d.dryRunId} = ${dryRunId}
        and ${d.memberId} > ${cursor} order by ${d.memberId}`
}

export interface Step {
  readonly batchId: string
  /** The cursor the chunk began behind. */
  readonly from: string
  /** The last member dealt with; the same as `from` when nobody was left. */
  readonly to: string
  readonly issued: number
  /** Below nothing where some are issued to whom it had left out. */
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
