import type { Clock } from '../base/clock.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { closeDay, hasYesterday, reconciledOn, storeReconciliation, utcDay } from '../ledger/day.ts'
import type { Logs } from '../ledger/logs.ts'
import { reconcile } from '../ledger/reconcile.ts'
import type { Store } from '../store/store.ts'

/**
 * What each day begins with, once for all instances: yesterday's trial balance as a leaf, and a
 * reconciliation that is kept; by one that can sign the log. Answers false: there is no more to do
 * at once.
 */
export async function endDay(given: {
  readonly store: Store
  readonly node: ThisNode
  readonly clock: Clock
  readonly logs: Pick<Logs, 'keyOf' | 'lacking'>
}): Promise<boolean> {
  const { store, node, clock, logs } = given
  if (logs.lacking !== undefined) return false
  const now = clock()
  if (await reconciledOn(store.read, utcDay(now))) return false
  if (!(await hasYesterday(store.read, now))) return false
  await store.transaction((tx) => closeDay(tx, node, logs.keyOf, now), { bulk: true })
  const found = await reconcile(store.read, now)
  await store.transaction((tx) => storeReconciliation(tx, found))
  return false
}
