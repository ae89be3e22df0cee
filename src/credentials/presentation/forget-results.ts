import { eq, isNotNull } from 'drizzle-orm'

import type { ThisNode } from '../../keys/this-node.ts'
import type { Tx } from '../../store/store.ts'
import { resultText } from './verifications.ts'

/** Deletes what wallets have shown where it holds one of `words`; the verification stays. */
export async function forgetResultsNaming(
  tx: Tx,
  node: ThisNode,
  words: readonly string[],
): Promise<void> {
  const { verifications: v } = tx.tables
  const rows = await tx
    .select({ id: v.id, sealed: v.sealedResult })
    .from(v)
    .where(isNotNull(v.sealedResult))
  for (const { id, sealed } of rows) {
    const text = sealed ? resultText(node, id, sealed) : ''
    if (!words.some((word) => text.includes(word))) continue
    await tx.update(v).set({ sealedResult: null }).where(eq(v.id, id))
  }
}
