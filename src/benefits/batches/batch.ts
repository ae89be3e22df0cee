import { and, desc, eq, inArray, lt, or, sql } from 'drizzle-orm'

import type { Instant } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import type { batchStates } from '../../store/schema/batches.ts'
import type { Tables } from '../../store/schema/tables.ts'
import type { Reader, Tx } from '../../store/store.ts'
import { under } from '../criteria/compile-leaf.ts'
import type { Page } from '../page.ts'
import { leftOutOf } from './left-out.ts'

export type Batch = Tables['batches']['$inferSelect']
export type BatchState = (typeof batchStates)[number]

/** Refusal NOT_FOUND when there is no such batch. */
export async function readBatch(reader: Reader, batchId: string): Promise<Batch> {
  const { batches } = reader.tables
  const [row] = await reader.select().from(batches).where(eq(batches.id, batchId))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'batch' })
  return row
}

/** Batches of organisations at or below one of `orgPaths`, the latest first. */
export async function listBatches(
  reader: Reader,
  orgPaths: readonly string[],
  page: Page & { readonly benefitId?: string; readonly states?: readonly BatchState[] },
): Promise<Batch[]> {
  const { batches, organisations } = reader.tables
  const { benefitId, states } = page
  const below = or(...orgPaths.map((path) => under(organisations.path, path))) ?? sql`1 = 0`
  const rows = await reader
    .select({ batch: batches })
    .from(batches)
    .innerJoin(organisations, eq(organisations.code, batches.orgCode))
    .where(
      and(
        below,
        page.after ? lt(batches.id, page.after) : undefined,
        benefitId === undefined ? undefined : eq(batches.benefitId, benefitId),
        states === undefined ? undefined : inArray(batches.state, [...states]),
      ),
    )
    .orderBy(desc(batches.id))
    .limit(page.limit)
  return rows.map((row) => row.batch)
}

/** Refusal BATCH_STATE {state}, for an act that the batch's state does not allow. */
export function stateRefusal({ state }: Pick<Batch, 'state'>): Refusal {
  return new Refusal('BATCH_STATE', { state })
}

/** What a change may set besides the state. */
export type BatchChange = Partial<
  Pick<Batch, 'startedAt' | 'finishedAt' | 'approvalsNeeded' | 'dryRunId' | 'benefitVersion'>
>

/**
 * Moves a batch on by one conditional update and answers it. With `dryRunId`, only while that dry
 * run is the batch's. Refusals NOT_FOUND, BATCH_STATE {state}.
 */
export async function move(
  tx: Tx,
  batchId: string,
  from: readonly BatchState[],
  to: BatchState,
  change: BatchChange = {},
  dryRunId?: string | null,
): Promise<Batch> {
  const { batches } = tx.tables
  const [moved] = await tx
    .update(batches)
    .set({ state: to, version: sql`${batches.version} + 1`, ...change })
    .where(
      and(
        eq(batches.id, batchId),
        inArray(batches.state, [...from]),
        dryRunId ? eq(batches.dryRunId, dryRunId) : undefined,
      ),
    )
    .returning()
  if (!moved) throw stateRefusal(await readBatch(tx, batchId))
  return moved
}

export interface Progress {
  readonly state: BatchState
  /** Members of the dry run: what there is to do. */
  readonly members: number
  readonly issued: number
  /** Members who no longer qualified, or had reached their cap. */
  readonly dropped: number
  /** Whom the run left out, by reason. */
  readonly leftOut: Readonly<Record<string, number>>
  readonly recalled: number
  readonly chunks: number
  readonly startedAt: Instant | null
  readonly finishedAt: Instant | null
}

/** How far a batch is. Refusal NOT_FOUND. */
export async function progressOf(reader: Reader, batchId: string): Promise<Progress> {
  const batch = await readBatch(reader, batchId)
  const { state, issued, dropped, recalled, chunks, startedAt, finishedAt } = batch
  const { dryRunMembers } = reader.tables
  const members =
    batch.dryRunId === null
      ? 0
      : await reader.$count(dryRunMembers, eq(dryRunMembers.dryRunId, batch.dryRunId))
  const leftOut = await leftOutOf(reader, batchId)
  return { state, members, issued, dropped, leftOut, recalled, chunks, startedAt, finishedAt }
}
