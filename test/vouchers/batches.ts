import { decideBatch, submitBatch } from '../../src/benefits/batches/approve.ts'
import type { Batch } from '../../src/benefits/batches/batch.ts'
import {
  collectDryRun,
  measureDryRun,
  planDryRun,
  storeDryRun,
} from '../../src/benefits/batches/dry-run.ts'
import { createBatch } from '../../src/benefits/batches/edit.ts'
import { startBatch } from '../../src/benefits/batches/run.ts'
import type { Voucher } from '../../src/vouchers/states.ts'
import { type Story, staff } from '../support/story.ts'

/** A batch for everybody entitled, dry-run, approved by a second person and started. */
export async function startedBatch(
  { store, now }: Story,
  benefitId: string,
  delivery: 'offer' | 'active' = 'active',
): Promise<Batch> {
  const content = { orgCode: '640000', delivery, note: 'June' }
  const { id } = await store.transaction((tx) => createBatch(tx, benefitId, content, staff, now))
  const plan = await planDryRun(store.read, id, now)
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from: string = after
    after = await store.transaction((tx) => collectDryRun(tx, plan, from, 1000))
  }
  const report = await measureDryRun(store.read, plan)
  const { digest } = await store.transaction((tx) => storeDryRun(tx, plan, report))
  await store.transaction((tx) => submitBatch(tx, id, staff, now))
  const checker = { ...staff, principalId: 'principal-checker', personId: 'person-checker' }
  const decision = { ...checker, digest, decision: 'approve', statement: 'jws' } as const
  await store.transaction((tx) => decideBatch(tx, id, decision, now))
  return store.transaction((tx) => startBatch(tx, id, staff, now))
}

/** What the batch runner is handed, with so many members in a chunk. */
export function running(story: Story, size: number) {
  const { store, node } = story
  return { store, node, clock: () => story.now, size }
}

/** Every voucher there is. */
export function allVouchers({ store }: Story): Promise<Voucher[]> {
  return store.read.select().from(store.read.tables.vouchers)
}

/** How many of `rows` there are of each state. */
export function countStates(rows: readonly Voucher[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1
  return counts
}
