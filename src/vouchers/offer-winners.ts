import { and, eq, inArray, sql } from 'drizzle-orm'

import { day, hour, type Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { benefitOfDraw, type Draw, mostRounds } from '../benefits/draw/draw.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import { issueChunk, type Recipient } from './issue.ts'

/** Winners dealt with in one transaction, at the most. */
const winnersAtOnce = 500

/** The batch that a draw's vouchers name. */
export function batchOfDraw(drawId: string): string {
  return `draw:${drawId}`
}

/**
 * Offers a unit each to the next in rank, and moves the draw's cursor in the same transaction:
 * whatever kills the process, a winner is dealt with once. With the guarantees of any batch: cap,
 * sub-quotas, stock, leaf and proof of issue. A winner whose membership is not active, or who has
 * reached their cap, gets none: the unit stays for the next round. Refusals: VERSION_CONFLICT
 * (another has taken the chunk), QUOTA_EXHAUSTED (the stock was closed).
 */
export async function offerWinners(
  tx: Tx,
  node: ThisNode,
  given: { draw: Draw; ranking: readonly string[]; now: Instant },
): Promise<number> {
  const { draw, ranking, now } = given
  const { id, cursor, target } = draw
  const to = Math.min(target, cursor + winnersAtOnce)
  const { draws } = tx.tables
  const held = await tx
    .update(draws)
    .set({ cursor: to })
    .where(and(eq(draws.id, id), eq(draws.cursor, cursor), eq(draws.target, target)))
    .returning({ id: draws.id })
  if (held.length === 0) throw new Refusal('VERSION_CONFLICT')
  const names = ranking.slice(cursor, to)
  const recipients = await recipientsOf(tx, id, names)
  const benefit = await benefitOfDraw(tx, draw)
  const batchId = batchOfDraw(id)
  const done = await issueChunk(tx, node, {
    ...{ batchId, source: 'stock', benefit, delivery: 'offer', recipients, now },
  })
  const { entryId = null, issued: count, amount } = done
  const chunk = { batchId, n: to, kind: 'issue' as const, entryId, count, amount, at: now }
  await tx.insertMany(tx.tables.batchChunks, [chunk])
  await linkVouchers(tx, id, names)
  return count
}

/**
 * Begins the next round over what came back, at its published time, or ends the draw: after the
 * last round, or when everybody was offered one.
 */
export async function nextRound(
  tx: Tx,
  { draw, now }: { draw: Draw; now: Instant },
): Promise<void> {
  const { id, benefitId, cursor, target, entrants, round } = draw
  const { draws, quotas } = tx.tables
  const [stock] = await tx
    .select()
    .from(quotas)
    .where(and(eq(quotas.benefitId, benefitId), eq(quotas.scope, 'total')))
  const free = stock ? stock.total - stock.used : 0
  const { definition } = await benefitOfDraw(tx, draw)
  const over = round >= mostRounds || cursor >= (entrants ?? 0)
  await tx
    .update(draws)
    .set(
      over
        ? { state: 'done' }
        : {
            round: round + 1,
            target: Math.min(entrants ?? 0, cursor + free),
            againAt: now + definition.offer_days * day + hour,
          },
    )
    .where(
      and(
        ...[eq(draws.id, id), eq(draws.state, 'drawn'), eq(draws.round, round)],
        ...[eq(draws.cursor, cursor), eq(draws.target, target)],
      ),
    )
}

/** Ends a draw that nothing more can be given from: its stock was closed. */
export async function endDraw(tx: Tx, drawId: string): Promise<void> {
  const { draws } = tx.tables
  await tx
    .update(draws)
    .set({ state: 'done' })
    .where(and(eq(draws.id, drawId), eq(draws.state, 'drawn')))
}

/** The entrants of these names, in their order, whose membership is active. */
async function recipientsOf(
  tx: Tx,
  drawId: string,
  names: readonly string[],
): Promise<Recipient[]> {
  const { drawEntries: e, members: m } = tx.tables
  if (names.length === 0) return []
  const rows = await tx
    .select({ name: e.pseudonym, memberId: m.id, personId: m.personId, bucket: m.bucket })
    .from(e)
    .innerJoin(m, eq(m.id, e.memberId))
    .where(and(eq(e.drawId, drawId), inArray(e.pseudonym, [...names]), eq(m.standing, 'active')))
  const found = new Map(rows.map(({ name, ...to }) => [name, to]))
  return names.flatMap((name) => found.get(name) ?? [])
}

/** Writes on each entry which voucher it won. */
async function linkVouchers(tx: Tx, drawId: string, names: readonly string[]): Promise<void> {
  const { drawEntries: e } = tx.tables
  if (names.length === 0) return
  await tx
    .update(e)
    .set({
      voucherId: sql`(select v.id from vouchers v where v.bucket = draw_entries.bucket
        and v.member_id = draw_entries.member_id and v.batch_id = ${batchOfDraw(drawId)})`,
    })
    .where(and(eq(e.drawId, drawId), inArray(e.pseudonym, [...names])))
}
