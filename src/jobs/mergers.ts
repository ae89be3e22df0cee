import { type Clock, hour } from '../base/clock.ts'
import { followMerger, unfollowedMerger } from '../identity/follow-merger.ts'
import type { Store } from '../store/store.ts'

const chunk = 500

/** Moves a chunk of members whose organisation was merged. Answers whether there may be more. */
export async function followMergers({
  store,
  clock,
}: {
  readonly store: Store
  readonly clock: Clock
}): Promise<boolean> {
  const merged = await unfollowedMerger(store.read)
  if (!merged) return false
  const now = clock()
  const today = new Date(now + 8 * hour).toISOString().slice(0, 10)
  const given = { limit: chunk, today, now }
  return (await store.transaction((tx) => followMerger(tx, merged, given), { bulk: true })) > 0
}
