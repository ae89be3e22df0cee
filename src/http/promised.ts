import { z } from 'zod'

import { toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { signPromise } from '../formats/promise.ts'
import type { EntryReceipt } from '../ledger/receipt.ts'
import type { Context } from './context.ts'

/** A receipt of level 1 in the answer to what was booked. */
export const promiseSchema = z
  .string()
  .describe('signed promise that the leaf will be in the log within a minute (receipt, level 1)')

/** A receipt of one leaf, at the best level there is by now. */
export const receiptSchema = z.object({
  level: z.enum(['promise', 'inclusion', 'witnessed']),
  leaf_hash: z.string().describe("base64url of the ledger leaf's hash"),
  promise: promiseSchema,
  receipt: z
    .string()
    .optional()
    .describe('c2sp.org/tlog-proof@v1 with the leaf in it: to be kept as a .tlog-proof file'),
})

/**
 * The promise of a leaf, for an answer: the same text whenever it is asked for. It names the log
 * that was open at `at`; what is booked while that one is being closed is the next one's, which the
 * closing names.
 */
export async function promiseOf(
  { promises, logs }: Context,
  leaf: string,
  at: Instant,
): Promise<{ readonly promise: string }> {
  return { promise: await signPromise(promises, logs.nameAt(at), leaf, at) }
}

/** A leaf's receipt, as the API tells it. */
export async function renderReceipt(
  context: Context,
  { leafHash, at }: { readonly leafHash: Uint8Array; readonly at: Instant },
  receipt: EntryReceipt | undefined,
): Promise<z.input<typeof receiptSchema>> {
  const leaf = toBase64url(leafHash)
  return {
    level: receipt?.level ?? 'promise',
    leaf_hash: leaf,
    ...(await promiseOf(context, leaf, at)),
    ...(receipt && { receipt: new TextDecoder().decode(receipt.bytes) }),
  }
}
