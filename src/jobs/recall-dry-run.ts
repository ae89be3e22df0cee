import type { Store } from '../store/store.ts'
import { fromStart } from '../vouchers/close-chunk.ts'
import {
  collectRecall,
  measureRecall,
  planRecall,
  type Recall,
  type RecallCursor,
  storeRecall,
} from '../vouchers/recalls.ts'

/**
 * Tries out a recall of a part of a batch: collects its vouchers a step a transaction, measures
 * outside of any, stores what it would do. Refusals: those of `planRecall` and `storeRecall`.
 */
export async function dryRunRecall(
  store: Store,
  given: Parameters<typeof planRecall>[1],
): Promise<Recall> {
  const plan = await planRecall(store.read, given)
  for (let after: RecallCursor | undefined = fromStart; after !== undefined; ) {
    const from: RecallCursor = after
    after = await store.transaction((tx) => collectRecall(tx, plan, from), { bulk: true })
  }
  const found = await measureRecall(store.read, plan)
  return store.transaction((tx) => storeRecall(tx, plan, found, given.actor))
}
