import { forgetResultsNaming } from '../credentials/presentation/forget-results.ts'
import { forgetAnswersNaming } from '../identity/forget-answers.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Store } from '../store/store.ts'

/**
 * Deletes what was answered to others about somebody who was erased: stored answers and what
 * wallets have shown. After the erasure, so that nothing new can name them; doing it again does no
 * harm. `words`: member ids and numbers.
 */
export async function forgetTraces(
  { store, node }: { readonly store: Store; readonly node: ThisNode },
  words: readonly string[],
): Promise<void> {
  const given = words.filter((word) => word !== '')
  for (let after: Parameters<typeof forgetAnswersNaming>[3]; ; ) {
    const at = after
    const next = await store.transaction((tx) => forgetAnswersNaming(tx, node, given, at), {
      bulk: true,
    })
    if (!next) break
    after = next
  }
  await store.transaction((tx) => forgetResultsNaming(tx, node, given), { bulk: true })
}
