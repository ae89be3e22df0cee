import { and, asc, eq, gt, sql } from 'drizzle-orm'

import type { Instant } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Tables } from '../../store/schema/tables.ts'
import type { Reader, Tx } from '../../store/store.ts'
import { stateRefusal as benefitRefusal, readBenefit } from '../benefits.ts'
import { type Batch, readBatch, stateRefusal } from './batch.ts'
import { dryRunDigest } from './digest.ts'
import { criteriaHashOf, groundOf, inForce, requireVersion } from './ground.ts'
import { type DryRunReport, foundIn, measure } from './report.ts'

/**
 * A dry run in three steps, so that a big one never holds the writer: `planDryRun`, then
 * `collectDryRun` in one transaction a step until it answers nothing, `measureDryRun` outside any,
 * and `storeDryRun`. A run that is given up leaves rows that nothing refers to.
 */
export interface DryRunPlan {
  readonly dryRunId: string
  readonly batch: Batch
  readonly now: Instant
}

/**
 * Begins a dry run of a batch in state draft or ready. Refusals NOT_FOUND, BATCH_STATE,
 * BENEFIT_STATE, DRY_RUN_STALE (a new version is in force: edit the batch first).
 */
export async function planDryRun(
  reader: Reader,
  batchId: string,
  now: Instant,
): Promise<DryRunPlan> {
  const batch = await readBatch(reader, batchId)
  if (batch.state !== 'draft' && batch.state !== 'ready') throw stateRefusal(batch)
  await requireInForce(reader, batch)
  return { dryRunId: newId(now), batch, now }
}

/** So many members in one step: some 50 ms of the writer. */
const stepSize = 10_000

/**
 * Collects the eligible among the next `size` members behind `after`, set-wise; first with ''.
 * Answers where to go on, or nothing when all were looked at.
 */
export async function collectDryRun(
  tx: Tx,
  plan: DryRunPlan,
  after: string,
  size: number = stepSize,
): Promise<string | undefined> {
  const { members, dryRunMembers } = tx.tables
  const [last] = await tx
    .select({ id: members.id })
    .from(members)
    .where(gt(members.id, after))
    .orderBy(asc(members.id))
    .limit(1)
    .offset(size - 1)
  const { selection, capReached } = await groundOf(tx, plan.batch, plan.now)
  const upTo = last ? sql` and ${members.id} <= ${last.id}` : sql``
  await tx.insert(dryRunMembers).select(
    sql`select ${plan.dryRunId} as dry_run_id, ${members.id} as member_id from ${selection.from}
      where ${members.id} > ${after}${upTo} and ${selection.holds} and not (${capReached})`,
  )
  return last?.id
}

/** The report of what was collected. Reads only, outside any transaction. */
export async function measureDryRun(reader: Reader, plan: DryRunPlan): Promise<DryRunReport> {
  return measure(reader, plan.batch, plan.dryRunId, plan.now)
}

export type DryRun = Tables['dryRuns']['$inferSelect']

/**
 * Stores a dry run and makes the batch ready, if it is still as it was planned. Answers the batch
 * with the digest to be approved. Refusals BATCH_STATE, VERSION_CONFLICT {version}.
 */
export async function storeDryRun(
  tx: Tx,
  plan: DryRunPlan,
  report: DryRunReport,
): Promise<{ batch: Batch; digest: Uint8Array }> {
  const { dryRunId, now } = plan
  const { batches, dryRuns } = tx.tables
  const { id, version } = plan.batch
  const [batch] = await tx
    .update(batches)
    .set({ state: 'ready', dryRunId, version: sql`${batches.version} + 1` })
    .where(
      and(
        eq(batches.id, id),
        eq(batches.version, version),
        sql`${batches.state} in ('draft', 'ready')`,
      ),
    )
    .returning()
  if (!batch) throw await overtaken(tx, id)
  const benefit = await requireVersion(tx, batch)
  const digest = dryRunDigest(batch, benefit, foundIn(report))
  await tx
    .insert(dryRuns)
    .values({ id: dryRunId, batchId: id, digest, report: JSON.stringify(report), createdAt: now })
  return { batch, digest }
}

async function overtaken(tx: Tx, batchId: string): Promise<Refusal> {
  const batch = await readBatch(tx, batchId)
  if (batch.state !== 'draft' && batch.state !== 'ready') return stateRefusal(batch)
  return new Refusal('VERSION_CONFLICT', { version: batch.version })
}

/** The dry run that a batch stands on. Refusal NOT_FOUND when it has none. */
export async function readDryRun(
  reader: Reader,
  { dryRunId }: Batch,
): Promise<Omit<DryRun, 'report'> & { readonly report: DryRunReport }> {
  const { dryRuns } = reader.tables
  const [row] = await reader
    .select()
    .from(dryRuns)
    .where(eq(dryRuns.id, dryRunId ?? ''))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'dry_run' })
  return { ...row, report: JSON.parse(row.report) as DryRunReport }
}

/**
 * Refusal DRY_RUN_STALE when the benefit, its version in force or a segment has changed since the
 * dry run, BENEFIT_STATE when the benefit is not published.
 */
export async function requireSame(reader: Reader, batch: Batch): Promise<DryRunReport> {
  await requireInForce(reader, batch)
  const { report, digest } = await readDryRun(reader, batch)
  const found = { ...foundIn(report), criteriaHash: await criteriaHashOf(reader, batch) }
  const same = Buffer.from(dryRunDigest(batch, await requireVersion(reader, batch), found))
  if (!same.equals(digest)) throw new Refusal('DRY_RUN_STALE')
  return report
}

async function requireInForce(reader: Reader, batch: Batch): Promise<void> {
  switch (await inForce(reader, batch)) {
    case 'not_published':
      throw benefitRefusal(await readBenefit(reader, batch.benefitId))
    case 'other_version':
      throw new Refusal('DRY_RUN_STALE')
  }
}
