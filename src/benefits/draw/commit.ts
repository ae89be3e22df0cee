import { and, eq } from 'drizzle-orm'

import { toBase64url } from '../../base/bytes.ts'
import type { Instant } from '../../base/clock.ts'
import { newId, type Random, systemRandom } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { sha256 } from '../../base/sha256.ts'
import { seal } from '../../keys/seal.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import { book, drawUp } from '../../ledger/journal.ts'
import type { Tx } from '../../store/store.ts'
import { benefitOfDraw, type Draw } from './draw.ts'

/** Parts of the entrance: so many entrants can come in at the same time on PostgreSQL. */
export const gates = 16

interface Commitment {
  readonly draw: Draw
  /** Verifier key of the outside key that will sign the closing leaf. */
  readonly witness: string | undefined
  readonly now: Instant
  readonly random?: Random
}

/**
 * Fixes a planned draw before anybody can enter: a seed that nobody sees, its hash, the closing
 * time, the units and the outside key, all in the opening leaf. A window of seconds that was to
 * open before now opens now. Refusal DRAW_STATE {state} when it was fixed before, or is over.
 */
export async function commitDraw(
  tx: Tx,
  node: ThisNode,
  { draw, witness, now, random = systemRandom }: Commitment,
): Promise<Draw> {
  const { id, benefitId, units, mode } = draw
  const late = mode === 'fair_window' ? Math.max(0, now - draw.opensAt) : 0
  const opensAt = draw.opensAt + late
  const closesAt = draw.closesAt + late
  if (closesAt <= now) throw new Refusal('DRAW_STATE', { state: draw.state })
  const seed = random(32)
  const seedHash = sha256(seed)
  const { programme } = await benefitOfDraw(tx, draw)
  const drawn = drawUp(node, {
    ...{ id: newId(now), kind: 'draw.open', bucket: programme.bucket, at: now, programme },
    fields: {
      ...{ draw: id, benefit: benefitId, definition: await definitionDigest(tx, draw) },
      ...{ mode, units, seed: toBase64url(seedHash), opens: opensAt, closes: closesAt },
      ...(witness !== undefined && { witness }),
    },
  })
  const { draws, drawGates } = tx.tables
  const [opened] = await tx
    .update(draws)
    .set({
      ...{ state: 'open' as const, opensAt, closesAt, witness: witness ?? null, seedHash },
      sealedSeed: seal(node.sealing, seed, seedPurpose(id)),
      ...{ openEntryId: drawn.entry.id, openLeaf: drawn.hash },
    })
    .where(and(eq(draws.id, id), eq(draws.state, 'planned')))
    .returning()
  if (!opened) throw new Refusal('DRAW_STATE', { state: draw.state })
  await book(tx, drawn)
  await tx.insertMany(
    drawGates,
    Array.from({ length: gates }, (_, gate) => ({
      ...{ drawId: id, gate, opensAt, closesAt, shut: false, entrants: 0 },
    })),
  )
  return opened
}

/** What a draw's seed is sealed for. */
export function seedPurpose(drawId: string): string {
  return `draw:${drawId}`
}

async function definitionDigest(tx: Tx, { benefitId, benefitVersion }: Draw): Promise<string> {
  const { benefitVersions: v } = tx.tables
  const [row] = await tx
    .select({ digest: v.digest })
    .from(v)
    .where(and(eq(v.benefitId, benefitId), eq(v.version, benefitVersion)))
  if (!row) throw new TypeError(`benefit ${benefitId} has no version ${benefitVersion}`)
  return toBase64url(row.digest)
}
