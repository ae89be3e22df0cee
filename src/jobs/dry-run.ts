import type { Instant } from '../base/clock.ts'
import {
  collectDryRun,
  measureDryRun,
  planDryRun,
  storeDryRun,
} from '../benefits/batches/dry-run.ts'
import type { Store } from '../store/store.ts'

/**
 * Dry-runs a batch: collects its members a step a transaction, measures outside of any, stores the
 * report. Refusals: those of `planDryRun` and `storeDryRun`.
 */
export async function dryRunBatch(given: {
  readonly store: Store
  readonly batchId: string
  readonly now: Instant
}): Promise<void> {
  const { store, batchId, now } = given
  const plan = await planDryRun(store.read, batchId, now)
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from: string = after
    after = await store.transaction((tx) => collectDryRun(tx, plan, from), { bulk: true })
  }
  const report = await measureDryRun(store.read, plan)
  await store.transaction((tx) => storeDryRun(tx, plan, report))
}
