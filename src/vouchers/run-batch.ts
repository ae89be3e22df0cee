import { and, asc, eq, gt, inArray, lte, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { type Batch, move, readBatch } from '../benefits/batches/batch.ts'
import { advance, type LeftOutReason, nextChunkMembers } from '../benefits/batches/run.ts'
import { isFrozen } from '../benefits/freezes.ts'
import { type Actor, requireSight } from '../benefits/scope.ts'
import { type BenefitVersion, benefitVersion } from '../benefits/versions.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { readCursor, recallChunk, writeCursor } from './close-chunk.ts'
import { issueChunk } from './issue.ts'

/** Members that a chunk deals with, at the most: some 50 ms of the writer. */
export const chunkSize = 2000

/** Batches that have work to do, oldest first. */
export async function batchesToRun(reader: Reader): Promise<Batch[]> {
  const { batches } = reader.tables
  return reader
    .select()
    .from(batches)
    .where(inArray(batches.state, ['running', 'recalling']))
    .orderBy(asc(batches.id))
    .limit(20)
}

/**
 * Runs the next chunk of a running or recalling batch and moves its cursor in the same transaction:
 * whatever kills the process, a chunk is done once or not at all. Answers the batch afterwards.
 * Refusals: BATCH_STATE (paused or finished meanwhile), VERSION_CONFLICT (another runner has taken
 * the chunk), BUDGET_EXHAUSTED.
 */
export async function runChunk(
  tx: Tx,
  node: ThisNode,
  { batchId, now, size = chunkSize }: { batchId: string; now: Instant; size?: number },
): Promise<Batch> {
  const batch = await holdBatch(tx, await readBatch(tx, batchId))
  const benefit = await versionOf(tx, batch)
  if (batch.state === 'running' && (await isFrozen(tx, batch.orgCode))) {
    return move(tx, batchId, ['running'], 'paused') // it was started while the freeze began
  }
  return batch.state === 'recalling'
    ? recallNext(tx, node, batch, benefit, now)
    : issueNext(tx, node, { batch, benefit, now, size })
}

/**
 * Begins to take back what a batch has issued and nobody has used. Refusals: NOT_FOUND,
 * BATCH_STATE.
 */
export async function recallBatch(tx: Tx, batchId: string, actor: Actor): Promise<Batch> {
  const batch = await readBatch(tx, batchId)
  await requireSight(tx, actor.orgPaths, { orgCode: batch.orgCode, what: 'batch' })
  const { batches } = tx.tables
  const moved = await move(tx, batchId, ['completed', 'cancelled', 'paused'], 'recalling')
  await tx.update(batches).set({ cursor: '' }).where(eq(batches.id, batchId))
  return moved
}

async function issueNext(
  tx: Tx,
  node: ThisNode,
  {
    batch,
    benefit,
    now,
    size,
  }: { batch: Batch; benefit: BenefitVersion; now: Instant; size: number },
): Promise<Batch> {
  const members = await nextChunkMembers(tx, batch, size, now)
  const recipients = members.filter(({ leftOut }) => leftOut === undefined)
  const { delivery, cursor } = batch
  const done = await issueChunk(tx, node, { batchId: batch.id, benefit, delivery, recipients, now })
  const moved = await advance(
    tx,
    {
      batchId: batch.id,
      from: cursor,
      to: members.at(-1)?.memberId ?? cursor,
      issued: done.issued,
      dropped: batch.retries > 0 ? -done.issued : members.length - done.issued,
      last: members.length < size,
    },
    now,
  )
  const full = benefit.definition.sub_quotas ? 'quota_exhausted' : 'cap_reached'
  const missed = new Set(done.missed.map(({ memberId }) => memberId))
  await keepLeftOut(
    tx,
    { batch, to: moved.cursor },
    members.map(({ memberId, leftOut }) => ({
      memberId,
      reason: missed.has(memberId) ? full : leftOut,
    })),
  )
  const { entryId = null, issued: count, amount } = done
  const chunk = { batchId: batch.id, n: moved.chunks, entryId, count, amount, at: now }
  await tx.insertMany(tx.tables.batchChunks, [{ ...chunk, kind: 'issue' as const }])
  return moved
}

/** Writes down whom the chunk has left out, in place of what was written of them before. */
async function keepLeftOut(
  tx: Tx,
  { batch: { id: batchId, cursor, retries }, to }: { batch: Batch; to: string },
  judged: readonly { memberId: string; reason: LeftOutReason | undefined }[],
): Promise<void> {
  const { batchLeftOut: l } = tx.tables
  if (retries > 0) {
    const here = and(eq(l.batchId, batchId), gt(l.memberId, cursor), lte(l.memberId, to))
    await tx.delete(l).where(here)
  }
  const rows = judged.flatMap(({ memberId, reason }) =>
    reason === undefined ? [] : [{ batchId, memberId, reason }],
  )
  if (rows.length > 0) await tx.insertMany(l, rows)
}

async function recallNext(
  tx: Tx,
  node: ThisNode,
  batch: Batch,
  benefit: BenefitVersion,
  now: Instant,
): Promise<Batch> {
  const after = readCursor(batch.cursor)
  const {
    count,
    amount,
    entryId = null,
    next,
  } = await recallChunk(tx, node, {
    batchId: batch.id,
    benefit,
    after,
    now,
  })
  const { batches } = tx.tables
  const [moved] = await tx
    .update(batches)
    .set({
      cursor: next ? writeCursor(next) : batch.cursor,
      recalled: sql`${batches.recalled} + ${count}`,
      chunks: sql`${batches.chunks} + 1`,
      ...(!next && { state: 'recalled' as const, finishedAt: now }),
    })
    .where(
      and(
        eq(batches.id, batch.id),
        eq(batches.state, 'recalling'),
        eq(batches.cursor, batch.cursor),
      ),
    )
    .returning()
  if (!moved) throw new Refusal('VERSION_CONFLICT')
  const chunk = { batchId: batch.id, n: moved.chunks, entryId, count, amount, at: now }
  await tx.insertMany(tx.tables.batchChunks, [{ ...chunk, kind: 'recall' as const }])
  return moved
}

/**
 * Locks the batch's row by writing it, before anything is issued: a second runner of the same chunk
 * waits here and then finds the cursor moved, instead of doing the chunk's work in vain.
 */
async function holdBatch(tx: Tx, { id, state, cursor }: Batch): Promise<Batch> {
  const { batches } = tx.tables
  const [held] = await tx
    .update(batches)
    .set({ cursor })
    .where(and(eq(batches.id, id), eq(batches.state, state), eq(batches.cursor, cursor)))
    .returning()
  if (!held) throw new Refusal('VERSION_CONFLICT')
  return held
}

async function versionOf(tx: Tx, batch: Batch): Promise<BenefitVersion> {
  const benefit = await benefitVersion(tx, batch.benefitId, batch.benefitVersion)
  if (!benefit) throw new TypeError(`batch of an unpublished benefit ${batch.benefitId}`)
  return benefit
}
