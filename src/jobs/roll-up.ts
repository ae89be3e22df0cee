import type { Clock } from '../base/clock.ts'
import type { Store } from '../store/store.ts'
import { countRefusals, nextRefusals } from '../vouchers/funnel/refusals.ts'
import { countStep, nextStep, progress } from '../vouchers/funnel/roll-up.ts'

/**
 * Counts what was logged since, a step each of what is behind, for the dashboard. Any number of
 * instances may run it. Answers whether there may be more.
 */
export async function rollUp({
  store,
  clock,
}: {
  readonly store: Store
  readonly clock: Clock
}): Promise<boolean> {
  let more = false
  for (const { log, size, counted } of await progress(store.read)) {
    if (counted >= size) continue
    const step = await nextStep(store.read, log, counted)
    if (!step) continue
    await store.transaction((tx) => countStep(tx, step), { bulk: true })
    more = true
  }
  const refusals = await nextRefusals(store.read, clock())
  if (!refusals) return more
  await store.transaction((tx) => countRefusals(tx, refusals), { bulk: true })
  return true
}
