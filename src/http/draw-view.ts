import { z } from 'zod'

import { toBase64url } from '../base/bytes.ts'
import type { Draw } from '../benefits/draw/draw.ts'
import { drawModes, drawStates } from '../store/schema/draws.ts'
import type { Context } from './context.ts'
import { instantSchema } from './paging.ts'

const digest = z.string().describe('base64url')

/** What everybody may know of a draw. */
export const drawSchema = z.object({
  id: z.string(),
  benefit_id: z.string(),
  mode: z.enum(drawModes),
  state: z.enum(drawStates),
  opens_at: instantSchema,
  closes_at: instantSchema,
  units: z.int(),
  seed_hash: digest.optional().describe('SHA-256 of the seed, base64url, from the commitment on'),
  witness: z
    .string()
    .optional()
    .describe('name of the outside key that signs; none: the operator must be trusted'),
  entrants: z.int().optional().describe('once it is closed'),
  seed: digest.optional().describe('once it is over'),
  drawn_at: instantSchema.optional(),
  again_at: instantSchema
    .optional()
    .describe('when units that were given back or not taken go to the next in rank'),
  proof: z.string().describe('address below which its files are'),
})

/** A draw, as far as it is public. */
export function renderDraw({ publicUrl }: Context, draw: Draw): z.input<typeof drawSchema> {
  const { seedHash, witness, entrants, seed, drawnAt, againAt } = draw
  const again = draw.state === 'drawn' && againAt !== null
  return {
    id: draw.id,
    benefit_id: draw.benefitId,
    mode: draw.mode,
    state: draw.state,
    opens_at: draw.opensAt,
    closes_at: draw.closesAt,
    units: draw.units,
    ...(seedHash && { seed_hash: toBase64url(seedHash) }),
    ...(witness !== null && { witness: witness.split('+', 1)[0] ?? '' }),
    ...(entrants !== null && { entrants }),
    ...(seed && { seed: toBase64url(seed) }),
    ...(drawnAt !== null && { drawn_at: drawnAt }),
    ...(again && { again_at: againAt }),
    proof: `${publicUrl}/draws/${draw.id}/`,
  }
}
