import { z } from 'zod'

import { bestReceiptOf } from '../../ledger/receipt.ts'
import type { Redeemed } from '../../vouchers/redeem.ts'
import { requireRedemption } from '../../vouchers/redemption.ts'
import type { Context } from '../context.ts'
import { redemptionSchema, renderRedemption } from '../merchant/views.ts'
import { readReference } from '../reference.ts'

const pairwise = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/)

/** A terminal of another node: what rules need, and names between two nodes alone. */
export const placeSchema = z
  .strictObject({
    merchant: pairwise,
    store: pairwise,
    terminal: pairwise,
    shift: pairwise,
    region: z.int().min(100_000).max(999_999).describe('GB/T 2260'),
    category: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[^\p{Cc}]+$/u),
  })
  .describe('pairwise names: they mean something to these two nodes alone')

const receipt = z
  .string()
  .optional()
  .describe('c2sp.org/tlog-proof@v1 with the leaf in it; asked again by key until it is there')

/** What a node is told of a redemption: what the counter shows, and what opens the leaf. */
export const nodeRedemptionSchema = redemptionSchema.omit({ promise: true }).extend({
  evidence: z.string().describe('disclosure: the digests of code and terminal’s signature'),
  merchant: z.string().describe('disclosure: the node that is owed'),
  receipt,
})

/** What it is told of a reversal. */
export const nodeReversalSchema = z.object({
  redemption_id: z.string(),
  amount: z.int().describe('fen'),
  reversed_at: z.int().describe('ms since 1970-01-01T00:00:00Z'),
  uses_left: z.int(),
  valid_to: z.int(),
  leaf_hash: z.string(),
  receipt,
})

/** A redemption, as the other node sees it. */
export function renderForNode(made: Redeemed): z.input<typeof nodeRedemptionSchema> {
  const { evidence, merchant } = made.opens
  if (!evidence || !merchant) throw new TypeError('a redemption commits to evidence and merchant')
  return { ...renderRedemption(made), evidence, merchant }
}

/** The best receipt there is by now of a redemption's leaf, or of the one that undid it. */
export async function receiptFor(
  { store }: Pick<Context, 'store'>,
  redemptionId: string,
  step: 'redeem' | 'reverse',
): Promise<{ receipt?: string }> {
  const made = await requireRedemption(store.read, readReference(redemptionId))
  const entryId = step === 'redeem' ? made.entryId : made.reversalEntryId
  const found = entryId === null ? undefined : await bestReceiptOf(store.read, entryId)
  return found ? { receipt: new TextDecoder().decode(found.bytes) } : {}
}
