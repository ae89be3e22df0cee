import { and, eq, gt, lte, sql } from 'drizzle-orm'

import { toBase64url } from '../../base/bytes.ts'
import type { Instant } from '../../base/clock.ts'
import { newId, type Random, systemRandom } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { memberKeyOf } from '../../identity/member-keys.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import { book, drawUp } from '../../ledger/journal.ts'
import type { Tx } from '../../store/store.ts'
import { gates } from './commit.ts'
import { benefitOfDraw, type Draw, type DrawEntry } from './draw.ts'

interface Entering {
  readonly draw: Draw
  readonly to: { readonly memberId: string; readonly personId: string; readonly bucket: number }
  readonly now: Instant
  readonly random?: Random
}

/**
 * Enters a person, once, under a random name of this draw alone, with a leaf of their own: whoever
 * holds its receipt can prove that they were in. The caller has asked for eligibility. Refusals:
 * DRAW_CLOSED (before, after, and whenever nothing can be won), ALREADY_ENTERED.
 */
export async function enterDraw(
  tx: Tx,
  node: ThisNode,
  { draw, to, now, random = systemRandom }: Entering,
): Promise<DrawEntry> {
  await pass(tx, draw.id, to.bucket, 1, now)
  const pseudonym = toBase64url(random(16))
  const drawn = await leaf(tx, node, 'draw.enter', { draw, to, pseudonym, now })
  const entry: DrawEntry = {
    ...{ drawId: draw.id, pseudonym, at: now },
    ...{ memberId: to.memberId, personId: to.personId, bucket: to.bucket },
    ...{ entryId: drawn.entry.id, leafHash: drawn.hash, voucherId: null },
  }
  const written = await tx.insertMany(tx.tables.drawEntries, [entry], { ignore: true })
  if (written === 0) throw new Refusal('ALREADY_ENTERED')
  await book(tx, drawn)
  return entry
}

/** Takes a person out again. Refusals: DRAW_CLOSED, NOT_FOUND (was never in). */
export async function leaveDraw(
  tx: Tx,
  node: ThisNode,
  { draw, to, now }: Omit<Entering, 'random'>,
): Promise<void> {
  await pass(tx, draw.id, to.bucket, 0, now)
  const { drawEntries: e } = tx.tables
  const [gone] = await tx
    .delete(e)
    .where(and(eq(e.bucket, to.bucket), eq(e.drawId, draw.id), eq(e.personId, to.personId)))
    .returning()
  if (!gone) throw new Refusal('NOT_FOUND', { what: 'entry' })
  await pass(tx, draw.id, to.bucket, -1, now)
  const { pseudonym, leafHash: ref } = gone
  await book(tx, await leaf(tx, node, 'draw.leave', { draw, to, pseudonym, now, ref }))
}

/**
 * Counts at the entrance, while it is open: one conditional statement, whose row closing must also
 * write, so that nobody comes in behind the list.
 */
async function pass(tx: Tx, drawId: string, bucket: number, by: number, now: Instant) {
  const { drawGates: g } = tx.tables
  const passed = await tx
    .update(g)
    .set({ entrants: sql`${g.entrants} + ${by}` })
    .where(
      and(
        ...[eq(g.drawId, drawId), eq(g.gate, bucket % gates), eq(g.shut, false)],
        ...[lte(g.opensAt, now), gt(g.closesAt, now)],
      ),
    )
    .returning({ gate: g.gate })
  if (passed.length === 0) throw new Refusal('DRAW_CLOSED')
}

async function leaf(
  tx: Tx,
  node: ThisNode,
  kind: 'draw.enter' | 'draw.leave',
  given: Omit<Entering, 'random'> & { readonly pseudonym: string; readonly ref?: Uint8Array },
) {
  const { draw, to, pseudonym, now, ref } = given
  const { programme } = await benefitOfDraw(tx, draw)
  const memberKey = await memberKeyOf(tx, node, to.memberId)
  return drawUp(node, {
    ...{ id: newId(now), kind, bucket: to.bucket, at: now, programme },
    fields: { draw: draw.id, entrant: pseudonym },
    commits: { member: to.memberId },
    ...(ref && { ref }),
    ...(memberKey && { memberKey }),
  })
}
