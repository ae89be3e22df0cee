import { type Clock, second } from '../base/clock.ts'
import { timeOfId } from '../base/id.ts'
import { integrate } from '../ledger/integrate.ts'
import type { Logs } from '../ledger/logs.ts'
import type { Store } from '../store/store.ts'

/**
 * One tick: gives what waits its place in the log, unless another instance is at it, or this one
 * lacks the log's key. Answers whether there may be more.
 */
export async function sequence(given: {
  readonly store: Store
  readonly clock: Clock
  readonly logs: Pick<Logs, 'keyOf' | 'lacking'>
  readonly onIncluded: (seconds: number) => void
}): Promise<boolean> {
  const { store, clock, logs, onIncluded } = given
  if (logs.lacking !== undefined) return false
  let entryIds: string[] = []
  const onTaken = (ids: string[]) => {
    entryIds = ids
  }
  const taken = await store.transaction((tx) =>
    integrate(tx, logs.keyOf, clock(), { shared: true, onTaken }),
  )
  if (taken === 0) return false
  const now = clock()
  for (const id of entryIds) onIncluded(Math.max(0, now - timeOfId(id)) / second)
  return true
}
