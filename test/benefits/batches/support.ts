import { decideBatch, submitBatch } from '../../../src/benefits/batches/approve.ts'
import type { Batch } from '../../../src/benefits/batches/batch.ts'
import {
  collectDryRun,
  type DryRunPlan,
  measureDryRun,
  planDryRun,
  storeDryRun,
} from '../../../src/benefits/batches/dry-run.ts'
import { type BatchContent, createBatch } from '../../../src/benefits/batches/edit.ts'
import { startBatch } from '../../../src/benefits/batches/run.ts'
import type { Store, Tx } from '../../../src/store/store.ts'
import { actor, addMember, maker, now } from '../support.ts'

export const content: BatchContent = { orgCode: '640000', delivery: 'offer', note: 'June' }

/** m00 … of 640100, so many of them. */
export async function addMembers(tx: Tx, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await addMember(tx, `m${String(i).padStart(2, '0')}`)
}

export function draft(store: Store, benefitId: string, changes: Partial<BatchContent> = {}) {
  return store.transaction((tx) =>
    createBatch(tx, benefitId, { ...content, ...changes }, maker, now),
  )
}

/** All steps of a dry run; `size` members a step. */
export async function dryRun(store: Store, batchId: string, at = now, size = 1000) {
  const plan = await planDryRun(store.read, batchId, at)
  await collectAll(store, plan, size)
  const report = await measureDryRun(store.read, plan)
  return { plan, report, ...(await store.transaction((tx) => storeDryRun(tx, plan, report))) }
}

export async function collectAll(store: Store, plan: DryRunPlan, size: number): Promise<void> {
  let after: string | undefined = ''
  while (after !== undefined) {
    const from: string = after
    after = await store.transaction((tx) => collectDryRun(tx, plan, from, size))
  }
}

export function submit(store: Store, batchId: string, by = maker, at = now): Promise<Batch> {
  return store.transaction((tx) => submitBatch(tx, batchId, by, at))
}

export function decide(
  store: Store,
  batchId: string,
  digest: Uint8Array,
  personId: string,
  decision: 'approve' | 'reject' = 'approve',
  ...orgPaths: string[]
): Promise<Batch> {
  const { principalId, orgPaths: paths } = actor(personId, ...orgPaths)
  const signed = { principalId, personId, orgPaths: paths, digest, decision, statement: 'jws' }
  return store.transaction((tx) => decideBatch(tx, batchId, signed, now))
}

/** A batch of a small benefit, dry-run, submitted, approved by one person and started. */
export async function running(store: Store, benefitId: string): Promise<Batch> {
  const { id } = await draft(store, benefitId)
  const { digest } = await dryRun(store, id)
  await submit(store, id)
  await decide(store, id, digest, 'checker')
  return store.transaction((tx) => startBatch(tx, id, maker, now))
}
