import { and, asc, eq, sql } from 'drizzle-orm'

import { toHex } from '../base/bytes.ts'
import { day, type Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { approvalsFor } from '../benefits/batches/approve.ts'
import { type Batch, readBatch } from '../benefits/batches/batch.ts'
import { type Proposal, propose } from '../benefits/proposals.ts'
import type { Actor } from '../benefits/scope.ts'
import { benefitVersion } from '../benefits/versions.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { closeChunkSize, readCursor, recallChunk, writeCursor } from './close-chunk.ts'
import { type Recall, readRecall } from './recalls.ts'
import { recallBatch } from './run-batch.ts'

/** A recall that was tried out may be submitted for so long. */
const freshMs = day

/**
 * How many others must sign before `amount` fen are taken back: one fewer than issuing them takes,
 * because whoever asks may approve batches. None up to CNY 10 000.
 */
export function signersFor(amount: number): number {
  return approvalsFor(amount) - 1
}

/**
 * Lets a recall that was tried out run, or hands it over to others where it is worth more than one
 * person may take back. Refusals NOT_FOUND, PROPOSAL_STATE unless ready, DRY_RUN_STALE (24 hours).
 */
export async function submitRecall(
  tx: Tx,
  id: string,
  actor: Actor,
  now: Instant,
): Promise<Recall> {
  const recall = await readRecall(tx, id, actor.orgPaths)
  if (now - recall.createdAt >= freshMs) throw new Refusal('DRY_RUN_STALE')
  const approvalsNeeded = signersFor(recall.amount)
  if (approvalsNeeded === 0) return move(tx, id, 'ready', { state: 'running' })
  const { batchId, count, amount, reason, selection, vouchersHash } = recall
  const { programmeId, orgCode } = await readBatch(tx, batchId)
  const vouchers = toHex(vouchersHash)
  const content = { recall: id, batch: batchId, selection, count, amount, vouchers }
  const about = { kind: 'recall', subject: id, programmeId, orgCode } as const
  const wish = { ...about, content, amount, reason, approvalsNeeded }
  const { id: proposalId } = await propose(tx, wish, actor, now)
  return move(tx, id, 'ready', { state: 'proposed', proposalId })
}

/**
 * Takes back all of a batch at once, where it is worth no more than one person may take back: what
 * it has issued counts, used or not. Refusals: those of `recallBatch`, APPROVAL_NEEDED above.
 */
export async function recallAlone(tx: Tx, batchId: string, actor: Actor): Promise<Batch> {
  const batch = await recallBatch(tx, batchId, actor)
  const benefit = await benefitVersion(tx, batch.benefitId, batch.benefitVersion)
  const { amount = 0, uses = 1 } = benefit?.definition ?? {}
  const worth = (batch.issued - batch.recalled) * amount * uses
  if (signersFor(worth) > 0) throw new Refusal('APPROVAL_NEEDED')
  return batch
}

/** Lets a recall run that others have signed. */
export async function startRecall(tx: Tx, { subject }: Proposal): Promise<Recall> {
  return move(tx, subject, 'proposed', { state: 'running' })
}

async function move(
  tx: Tx,
  id: string,
  from: Recall['state'],
  change: Partial<Recall>,
): Promise<Recall> {
  const { recalls } = tx.tables
  const [moved] = await tx
    .update(recalls)
    .set(change)
    .where(and(eq(recalls.id, id), eq(recalls.state, from)))
    .returning()
  if (moved) return moved
  const [row] = await tx.select().from(recalls).where(eq(recalls.id, id))
  throw new Refusal('PROPOSAL_STATE', { state: row?.state ?? '' })
}

/** Recalls that have work to do, oldest first. */
export async function recallsToRun(reader: Reader): Promise<Recall[]> {
  const { recalls } = reader.tables
  return reader
    .select()
    .from(recalls)
    .where(eq(recalls.state, 'running'))
    .orderBy(asc(recalls.id))
    .limit(20)
}

/**
 * Takes back the next vouchers of a running recall's set that nobody has used meanwhile, and moves
 * its cursor in the same transaction. Answers the recall afterwards. Refusal VERSION_CONFLICT when
 * another runner has taken the chunk, or one of the vouchers was used at that moment.
 */
export async function runRecallChunk(
  tx: Tx,
  node: ThisNode,
  { recall, now, size = closeChunkSize }: { recall: Recall; now: Instant; size?: number },
): Promise<Recall> {
  const { batches, batchChunks } = tx.tables
  const held = await advance(tx, recall, {})
  const batch = await readBatch(tx, recall.batchId)
  const benefit = await benefitVersion(tx, batch.benefitId, batch.benefitVersion)
  if (!benefit) throw new TypeError(`batch of an unpublished benefit ${batch.benefitId}`)
  const after = readCursor(held.cursor)
  const to = await lastOf(tx, held, size)
  if (!to) return advance(tx, held, { state: 'completed', finishedAt: now })
  const part = { recallId: recall.id, to }
  const closed = await recallChunk(tx, node, { batchId: batch.id, benefit, after, now, part })
  const { count, amount, entryId = null } = closed
  const [counted] = await tx
    .update(batches)
    .set({ recalled: sql`${batches.recalled} + ${count}`, chunks: sql`${batches.chunks} + 1` })
    .where(eq(batches.id, batch.id))
    .returning({ n: batches.chunks })
  if (!counted) throw new TypeError(`no batch ${batch.id}`)
  const chunk = { batchId: batch.id, n: counted.n, entryId, count, amount, at: now }
  await tx.insertMany(batchChunks, [{ ...chunk, kind: 'recall' as const }])
  return advance(tx, held, {
    cursor: writeCursor(to),
    recalled: held.recalled + count,
    returned: held.returned + amount,
  })
}

/** Moves a running recall on from where it was read. Refusal VERSION_CONFLICT. */
async function advance(tx: Tx, { id, cursor }: Recall, change: Partial<Recall>): Promise<Recall> {
  const { recalls } = tx.tables
  const [row] = await tx
    .update(recalls)
    .set({ cursor, ...change })
    .where(and(eq(recalls.id, id), eq(recalls.state, 'running'), eq(recalls.cursor, cursor)))
    .returning()
  if (!row) throw new Refusal('VERSION_CONFLICT')
  return row
}

/** The last voucher of the next `size` of the set; none when nothing is left. */
async function lastOf(tx: Tx, { id, cursor }: Recall, size: number) {
  const { recallVouchers: r } = tx.tables
  const after = readCursor(cursor)
  const rows = await tx
    .select({ bucket: r.bucket, id: r.voucherId })
    .from(r)
    .where(
      and(eq(r.recallId, id), sql`(${r.bucket}, ${r.voucherId}) > (${after.bucket}, ${after.id})`),
    )
    .orderBy(asc(r.bucket), asc(r.voucherId))
    .limit(size)
  return rows.at(-1)
}
