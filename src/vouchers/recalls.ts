import { createHash } from 'node:crypto'

import { and, asc, desc, eq, inArray, lt, type SQL, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { type Batch, readBatch, stateRefusal } from '../benefits/batches/batch.ts'
import { under } from '../benefits/criteria/compile-leaf.ts'
import { mostNumbers, readList } from '../benefits/lists.ts'
import type { Page } from '../benefits/page.ts'
import { type Actor, orgPathOf, requireSight } from '../benefits/scope.ts'
import type { Tables } from '../store/schema/tables.ts'
import type { Reader, Tx } from '../store/store.ts'

export type Recall = Tables['recalls']['$inferSelect']

/** States in which a voucher nobody has used can be taken back. */
export const recallableStates = ['offered', 'active', 'suspended'] as const

/** Which vouchers of a batch to take back: those that all that is given holds for. */
export interface Selection {
  /** Of members who are at or below this organisation now. */
  readonly orgCode?: string
  /** Of members on this list. */
  readonly listId?: string
  /**
   * Of these members, in the order of their ids. Never their numbers: the selection is signed and
   * kept, and an id says nothing of somebody who was erased (docs/decisions/0008-erasure.md).
   */
  readonly memberIds?: readonly string[]
  readonly states?: readonly (typeof recallableStates)[number][]
}

/** The same as it is asked for: members by their numbers, 5000 at the most. */
export type Asked = Omit<Selection, 'memberIds'> & { readonly memberNos?: readonly string[] }

/**
 * Trying out a recall in steps, as a dry run: `planRecall`, `collectRecall` in one
 * transaction a step until it answers nothing, `measureRecall` outside any, `storeRecall`. One that
 * is given up leaves rows that nothing refers to.
 */
export interface RecallPlan {
  readonly id: string
  readonly batch: Batch
  readonly selection: Selection
  readonly reason: string
  readonly now: Instant
}

/**
 * Begins to try out a recall of a batch that has ended or is paused. Refusals NOT_FOUND (the batch,
 * the organisation, the list), BATCH_STATE, VALIDATION_FAILED (too many numbers).
 */
export async function planRecall(
  reader: Reader,
  given: Omit<RecallPlan, 'id' | 'batch' | 'selection'> & {
    readonly batchId: string
    readonly actor: Actor
    readonly asked: Asked
  },
): Promise<RecallPlan> {
  const { batchId, actor, asked, reason, now } = given
  const batch = await readBatch(reader, batchId)
  await requireSight(reader, actor.orgPaths, { orgCode: batch.orgCode, what: 'batch' })
  if (!['completed', 'cancelled', 'paused'].includes(batch.state)) throw stateRefusal(batch)
  const { memberNos, ...rest } = asked
  const { orgCode, listId } = rest
  const own = { orgPaths: [await orgPathOf(reader, batch.orgCode)] }
  if (orgCode !== undefined) {
    await requireSight(reader, own.orgPaths, { orgCode, what: 'organisation' })
  }
  if (listId !== undefined) {
    const { orgCode: of } = await readList(reader, listId)
    await requireSight(reader, actor.orgPaths, { orgCode: of, what: 'list' })
  }
  const memberIds = memberNos && (await holdersAmong(reader, batchId, memberNos))
  const selection = { ...rest, ...(memberIds && { memberIds }) }
  return { id: newId(now), batch, selection, reason, now }
}

/** Who of these numbers has a voucher of the batch; of others nothing is said. */
async function holdersAmong(
  reader: Reader,
  batchId: string,
  memberNos: readonly string[],
): Promise<string[]> {
  if (memberNos.length > mostNumbers) {
    throw new Refusal('VALIDATION_FAILED', { issues: [`members: at most ${mostNumbers} at once`] })
  }
  const { members: m, vouchers: v } = reader.tables
  const rows = await reader
    .selectDistinct({ id: m.id })
    .from(m)
    .innerJoin(v, and(eq(v.batchId, batchId), eq(v.memberId, m.id)))
    .where(inArray(m.memberNo, [...memberNos]))
    .orderBy(asc(m.id))
  return rows.map(({ id }) => id)
}

/** Vouchers looked at in one step: some 50 ms of the writer. */
const stepSize = 10_000

/** Where a step begins: behind this voucher, `'-1/'` for the first. */
export type RecallCursor = { readonly bucket: number; readonly id: string }

/**
 * Collects what can be taken back among the next `size` vouchers of the batch behind `after`.
 * Answers where to go on, or nothing when all were looked at.
 */
export async function collectRecall(
  tx: Tx,
  plan: RecallPlan,
  after: RecallCursor,
  size: number = stepSize,
): Promise<RecallCursor | undefined> {
  const { vouchers, recallVouchers } = tx.tables
  const mine = and(
    eq(vouchers.batchId, plan.batch.id),
    sql`(${vouchers.bucket}, ${vouchers.id}) > (${after.bucket}, ${after.id})`,
  )
  const [last] = await tx
    .select({ bucket: vouchers.bucket, id: vouchers.id })
    .from(vouchers)
    .where(mine)
    .orderBy(asc(vouchers.bucket), asc(vouchers.id))
    .limit(1)
    .offset(size - 1)
  const upTo = last
    ? sql`(${vouchers.bucket}, ${vouchers.id}) <= (${last.bucket}, ${last.id})`
    : undefined
  const which = and(mine, upTo, await chosen(tx, plan), unused(tx, plan.selection.states))
  await tx.insert(recallVouchers).select(
    sql`select ${plan.id} as recall_id, ${vouchers.bucket} as bucket, ${vouchers.id} as voucher_id
      from ${vouchers} where ${which}`,
  )
  return last
}

/** Vouchers that no use was taken of, in one of the states. */
export function unused(
  { tables: { vouchers } }: Reader,
  states: readonly (typeof recallableStates)[number][] = recallableStates,
): SQL | undefined {
  return and(inArray(vouchers.state, [...states]), eq(vouchers.usesLeft, vouchers.usesTotal))
}

/** The part of a selection that is about members. */
async function chosen(reader: Reader, { selection }: RecallPlan): Promise<SQL | undefined> {
  const { vouchers: v, members: m, organisations: o, listMembers: l } = reader.tables
  const { orgCode, listId, memberIds } = selection
  const below =
    orgCode === undefined
      ? undefined
      : sql`${v.memberId} in (select ${m.id} from ${m} join ${o} on ${eq(o.code, m.orgCode)}
          where ${under(o.path, await orgPathOf(reader, orgCode))})`
  const listed =
    listId === undefined
      ? undefined
      : sql`${v.memberId} in (select ${l.memberId} from ${l} where ${eq(l.listId, listId)})`
  const named = memberIds && inArray(v.memberId, [...memberIds])
  return and(below, listed, named)
}

/** What a recall would do. */
export interface RecallMeasure {
  readonly count: number
  /** Fen that come back. */
  readonly amount: number
  /** SHA-256 over the vouchers' ids in their order, each followed by a line feed. */
  readonly hash: Uint8Array
  /** JSON: what was asked for and stays, by state; `part_used` where uses are left. */
  readonly cannot: string
}

/** Measures what was collected. Reads only, outside any transaction. */
export async function measureRecall(reader: Reader, plan: RecallPlan): Promise<RecallMeasure> {
  const cannot = JSON.stringify(await cannotBe(reader, plan))
  return { ...(await measured(reader, plan.id)), cannot }
}

/** Stores it. Refusal VALIDATION_FAILED when there is nothing to take back. */
export async function storeRecall(
  tx: Tx,
  plan: RecallPlan,
  { count, amount, hash, cannot }: RecallMeasure,
  actor: Actor,
): Promise<Recall> {
  const { recalls } = tx.tables
  const { id, batch, selection, reason, now } = plan
  if (count === 0) throw new Refusal('VALIDATION_FAILED', { issues: ['vouchers: none to recall'] })
  const [made] = await tx
    .insert(recalls)
    .values({
      ...{ id, batchId: batch.id, selection: JSON.stringify(selection), reason },
      ...{ state: 'ready', count, amount, cannot, vouchersHash: hash, cursor: '' },
      ...{ recalled: 0, returned: 0, createdBy: actor.principalId, createdAt: now },
    })
    .returning()
  if (!made) throw new TypeError('an insert returns its row')
  return made
}

/** Counts, sums and hashes the set in the order of its key. */
async function measured(reader: Reader, recallId: string) {
  const { recallVouchers: r, vouchers: v } = reader.tables
  const hash = createHash('sha256')
  let [count, amount] = [0, 0]
  for (let after: RecallCursor = { bucket: -1, id: '' }; ; ) {
    const rows = await reader
      .select({ bucket: r.bucket, id: r.voucherId, amount: v.amount, uses: v.usesLeft })
      .from(r)
      .innerJoin(v, and(eq(v.bucket, r.bucket), eq(v.id, r.voucherId)))
      .where(
        and(
          eq(r.recallId, recallId),
          sql`(${r.bucket}, ${r.voucherId}) > (${after.bucket}, ${after.id})`,
        ),
      )
      .orderBy(asc(r.bucket), asc(r.voucherId))
      .limit(stepSize)
    for (const row of rows) {
      hash.update(`${row.id}\n`)
      amount += row.amount * row.uses
    }
    count += rows.length
    const last = rows.at(-1)
    if (!last || rows.length < stepSize) return { count, amount, hash: hash.digest() }
    after = last
  }
}

async function cannotBe(reader: Reader, plan: RecallPlan): Promise<Record<string, number>> {
  const { vouchers: v } = reader.tables
  const kind = sql`case when ${v.state} in ('offered', 'active', 'suspended')
    then 'part_used' else ${v.state} end`
  const rest = and(
    eq(v.batchId, plan.batch.id),
    await chosen(reader, plan),
    sql`not (${unused(reader)})`,
  )
  const rows = await reader.rows<{ kind: string; n: number }>(
    sql`select ${kind} as kind, count(*) as n from ${v} where ${rest} group by 1 order by 1`,
  )
  return Object.fromEntries(rows.map((row) => [row.kind, row.n]))
}

/** A recall of a batch within the scopes. Refusal NOT_FOUND, also for another's. */
export async function readRecall(
  reader: Reader,
  id: string,
  orgPaths: readonly string[],
): Promise<Recall> {
  const { recalls } = reader.tables
  const [row] = await reader.select().from(recalls).where(eq(recalls.id, id))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'recall' })
  const { orgCode } = await readBatch(reader, row.batchId)
  await requireSight(reader, orgPaths, { orgCode, what: 'recall' })
  return row
}

/** The recalls of a batch, the latest first; its scope is the caller's to check. */
export async function recallsOf(reader: Reader, batchId: string, page: Page): Promise<Recall[]> {
  const { recalls } = reader.tables
  return reader
    .select()
    .from(recalls)
    .where(and(eq(recalls.batchId, batchId), page.after ? lt(recalls.id, page.after) : undefined))
    .orderBy(desc(recalls.id))
    .limit(page.limit)
}
