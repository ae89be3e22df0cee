import { and, eq, inArray, lte } from 'drizzle-orm'

import { toBase64url } from '../../base/bytes.ts'
import { day, hour, type Instant } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { sha256 } from '../../base/sha256.ts'
import { drawRoot, rankEntrants } from '../../formats/draw.ts'
import { unseal } from '../../keys/seal.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import { book, drawUp } from '../../ledger/journal.ts'
import type { Tx } from '../../store/store.ts'
import { seedPurpose } from './commit.ts'
import { benefitOfDraw, type Draw, type DrawState } from './draw.ts'

/**
 * Shuts the entrance once the time has come: from the commit on, the list stands. False when
 * another has done it, or it is too early.
 */
export async function shutDraw(tx: Tx, drawId: string, now: Instant): Promise<boolean> {
  const { draws, drawGates } = tx.tables
  const [shut] = await tx
    .update(draws)
    .set({ state: 'closing' })
    .where(and(eq(draws.id, drawId), eq(draws.state, 'open'), lte(draws.closesAt, now)))
    .returning({ id: draws.id })
  if (!shut) return false
  await tx.update(drawGates).set({ shut: true }).where(eq(drawGates.drawId, drawId))
  return true
}

/**
 * Writes the closing leaf over the list of a draw that was shut. Refusal DRAW_STATE when another
 * has done it.
 */
export async function closeDraw(
  tx: Tx,
  node: ThisNode,
  { draw, pseudonyms, now }: { draw: Draw; pseudonyms: readonly string[]; now: Instant },
): Promise<Draw> {
  const { programme } = await benefitOfDraw(tx, draw)
  const entrants = pseudonyms.length
  const drawn = drawUp(node, {
    ...{ id: newId(now), kind: 'draw.close', bucket: programme.bucket, at: now, programme },
    ...(draw.openLeaf && { ref: draw.openLeaf }),
    fields: { draw: draw.id, entrants, root: toBase64url(drawRoot(sha256, pseudonyms)) },
  })
  const next = { entrants, closeEntryId: drawn.entry.id, closeLeaf: drawn.hash }
  const closed = await step(tx, draw, 'closed', next)
  await book(tx, drawn)
  return closed
}

/**
 * Opens the seed of a closed draw and writes what fixes its winners, for everybody to see. The
 * caller has verified the signature. Refusals: DRAW_STATE, also of a draw whose outside key has not
 * signed.
 */
export async function runDraw(
  tx: Tx,
  node: ThisNode,
  { draw, signature, now }: { draw: Draw; signature: Uint8Array | undefined; now: Instant },
): Promise<Draw> {
  const { id, entrants, units, sealedSeed, closeLeaf, witness } = draw
  if (!sealedSeed || entrants === null || (witness !== null && !signature)) {
    throw new Refusal('DRAW_STATE', { state: draw.state })
  }
  const seed = unseal(node.sealing, sealedSeed, seedPurpose(id))
  const { programme, definition } = await benefitOfDraw(tx, draw)
  const drawn = drawUp(node, {
    ...{ id: newId(now), kind: 'draw.run', bucket: programme.bucket, at: now, programme },
    ...(closeLeaf && { ref: closeLeaf }),
    fields: {
      ...{ draw: id, seed: toBase64url(seed) },
      ...(signature && { signature: toBase64url(signature) }),
    },
  })
  const run = await step(tx, draw, 'drawn', {
    ...{ seed, signature: signature ?? null, drawnAt: now, runEntryId: drawn.entry.id },
    ...{ target: Math.min(units, entrants), round: 1 },
    againAt: now + definition.offer_days * day + hour,
  })
  await book(tx, drawn)
  return run
}

/** Ends a draw whose benefit was stopped before anything was drawn. */
export async function cancelDraw(tx: Tx, drawId: string): Promise<void> {
  const { draws } = tx.tables
  const before: DrawState[] = ['planned', 'open', 'closing', 'closed']
  await tx
    .update(draws)
    .set({ state: 'cancelled' })
    .where(and(eq(draws.id, drawId), inArray(draws.state, before)))
  const { drawGates } = tx.tables
  await tx.update(drawGates).set({ shut: true }).where(eq(drawGates.drawId, drawId))
}

/** Everybody by rank, of a draw that is over. */
export function rankingOf(
  { seed, signature, id }: Draw,
  pseudonyms: readonly string[],
): readonly string[] {
  if (!seed) throw new TypeError(`draw ${id} is not over`)
  return rankEntrants(sha256, { seed, signature: signature ?? new Uint8Array(0), pseudonyms })
}

/** Moves a draw on from the state it was read in. */
async function step(tx: Tx, { id, state }: Draw, to: DrawState, set: Partial<Draw>): Promise<Draw> {
  const from: DrawState = to === 'closed' ? 'closing' : 'closed'
  const { draws } = tx.tables
  const [moved] = await tx
    .update(draws)
    .set({ ...set, state: to })
    .where(and(eq(draws.id, id), eq(draws.state, from)))
    .returning()
  if (!moved) throw new Refusal('DRAW_STATE', { state })
  return moved
}
