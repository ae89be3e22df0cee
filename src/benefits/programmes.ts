import { and, asc, eq, or, type SQL, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { bucketOf, newId, newRandomId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { type Account, post } from '../ledger/journal.ts'
import { accounts } from '../store/schema/ledger.ts'
import type { Tables } from '../store/schema/tables.ts'
import type { Reader, Tx } from '../store/store.ts'
import { under } from './criteria/compile-leaf.ts'
import { isTimeZone } from './criteria/zone.ts'
import { behind, type Page } from './page.ts'
import { type Actor, requireScope, requireSight } from './scope.ts'

export type Programme = Tables['programmes']['$inferSelect']

export interface NewProgramme {
  /** What the log calls it; unique, printable ASCII without a quote or backslash. */
  readonly publicId: string
  readonly nameZh: string
  readonly nameEn: string
  readonly orgCode: string
  /** Half open. */
  readonly periodFrom: Instant
  readonly periodTo: Instant
  /** IANA name. */
  readonly timeZone: string
}

/**
 * Creates a programme without money. Refusals: VALIDATION_FAILED, NOT_FOUND (the organisation),
 * OUT_OF_SCOPE, ALREADY_EXISTS (the public id).
 */
export async function createProgramme(
  tx: Tx,
  programme: NewProgramme,
  actor: Actor,
  now: Instant,
): Promise<Programme> {
  const { periodFrom, periodTo, timeZone, publicId } = programme
  const issues = [
    ...(periodFrom < periodTo ? [] : ['period: from must be before to']),
    ...(isTimeZone(timeZone) ? [] : ['time_zone: unknown']),
    ...(/^[!#-[\]-~]{1,64}$/.test(publicId) ? [] : ['public_id: not plain ASCII']),
  ]
  if (issues.length > 0) throw new Refusal('VALIDATION_FAILED', { issues })
  await requireScope(tx, actor.orgPaths, programme.orgCode)
  const id = newRandomId()
  const { programmes } = tx.tables
  const [created] = await tx
    .insert(programmes)
    .values({ id, bucket: bucketOf(id), ...programme, available: 0, version: 1, createdAt: now })
    .onConflictDoNothing()
    .returning()
  if (!created) throw new Refusal('ALREADY_EXISTS', { public_id: publicId })
  return created
}

export interface BudgetChange {
  readonly programmeId: string
  /** Fen, not zero; negative gives money back to the fund. */
  readonly amount: number
  /** The programme's version that the caller has seen. */
  readonly expectedVersion: number
  readonly reason?: string
}

/**
 * Adds to or takes from what a programme has available, and books `budget.allocate` (fund_bank →
 * budget_available: an account that gains a claim on money is credited, so its postings are
 * negative). Answers the programme as it is now. Refusals: VALIDATION_FAILED, NOT_FOUND,
 * VERSION_CONFLICT {version}, BUDGET_EXHAUSTED {available}.
 */
export async function changeBudget(
  tx: Tx,
  node: ThisNode,
  change: BudgetChange,
  actor: Actor,
  now: Instant,
): Promise<Programme> {
  const { programmeId, amount, expectedVersion, reason } = change
  if (!Number.isSafeInteger(amount) || amount === 0) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['amount: whole fen, not zero'] })
  }
  const { orgCode } = await readProgramme(tx, programmeId)
  await requireSight(tx, actor.orgPaths, { orgCode, what: 'programme' })
  const { programmes } = tx.tables
  const [changed] = await tx
    .update(programmes)
    .set({
      available: sql`${programmes.available} + ${amount}`,
      version: sql`${programmes.version} + 1`,
    })
    .where(
      and(
        eq(programmes.id, programmeId),
        eq(programmes.version, expectedVersion),
        sql`${programmes.available} + ${amount} between 0 and ${Number.MAX_SAFE_INTEGER}`,
      ),
    )
    .returning()
  if (!changed) throw await unchanged(tx, programmeId, expectedVersion)
  await post(tx, node, {
    id: newId(now),
    kind: 'budget.allocate',
    bucket: changed.bucket,
    at: now,
    programme: changed,
    amount: Math.abs(amount),
    postings: [
      { account: 'fund_bank', amount },
      { account: 'budget_available', amount: -amount },
    ],
    commits: { operator: actor.principalId, ...(reason !== undefined && { reason }) },
  })
  return changed
}

async function unchanged(tx: Tx, id: string, expectedVersion: number): Promise<Refusal> {
  const { version, available } = await readProgramme(tx, id)
  if (version !== expectedVersion) return new Refusal('VERSION_CONFLICT', { version })
  return new Refusal('BUDGET_EXHAUSTED', { available })
}

/**
 * Takes `amount` fen (0 or more) out of what is available, by one conditional update. Booking it
 * is the caller's. Refusals BUDGET_EXHAUSTED {available}, NOT_FOUND.
 */
export async function takeAvailable(tx: Tx, programmeId: string, amount: number): Promise<void> {
  const { programmes } = tx.tables
  const [taken] = await tx
    .update(programmes)
    .set({ available: sql`${programmes.available} - ${amount}` })
    .where(and(eq(programmes.id, programmeId), sql`${programmes.available} >= ${amount}`))
    .returning({ available: programmes.available })
  if (taken) return
  const { available } = await readProgramme(tx, programmeId)
  throw new Refusal('BUDGET_EXHAUSTED', { available })
}

/** Gives `amount` fen (0 or more) back to what is available. Booking it is the caller's. */
export async function returnAvailable(tx: Tx, programmeId: string, amount: number): Promise<void> {
  const { programmes } = tx.tables
  await tx
    .update(programmes)
    .set({ available: sql`${programmes.available} + ${amount}` })
    .where(eq(programmes.id, programmeId))
}

/** Refusal NOT_FOUND when there is no such programme. */
export async function readProgramme(reader: Reader, id: string): Promise<Programme> {
  const { programmes } = reader.tables
  const [row] = await reader.select().from(programmes).where(eq(programmes.id, id))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'programme' })
  return row
}

/** Programmes of organisations at or below one of `orgPaths`, in the order of their ids. */
export async function listProgrammes(
  reader: Reader,
  orgPaths: readonly string[],
  page: Page,
): Promise<Programme[]> {
  const { programmes } = reader.tables
  const rows = await reader
    .select({ programme: programmes })
    .from(programmes)
    .where(and(inScope(reader, orgPaths), behind(programmes.id, page)))
    .orderBy(asc(programmes.id))
    .limit(page.limit)
  return rows.map((row) => row.programme)
}

/** A condition on `programmes`: its organisation is at or below one of `orgPaths`. */
export function inScope({ tables }: Reader, orgPaths: readonly string[]): SQL {
  const { programmes, organisations } = tables
  const below = or(...orgPaths.map((path) => under(organisations.path, path))) ?? sql`1 = 0`
  return sql`exists (select 1 from ${organisations}
    where ${organisations.code} = ${programmes.orgCode} and (${below}))`
}

export interface Budget {
  readonly version: number
  /** Fen not yet committed, as the programme's row decides. */
  readonly available: number
  /** Fen by account as booked: debits less credits. They sum to zero. */
  readonly balances: Readonly<Record<Account, number>>
}

/** What became of a programme's money, summed from its postings. Refusal NOT_FOUND. */
export async function budgetOf(reader: Reader, programmeId: string): Promise<Budget> {
  const { version, available } = await readProgramme(reader, programmeId)
  const { postings } = reader.tables
  const rows = await reader.rows<{ account: Account; balance: number }>(
    sql`select ${postings.account} as account, cast(sum(${postings.amount}) as bigint) as balance
      from ${postings} where ${eq(postings.programmeId, programmeId)} group by ${postings.account}`,
  )
  const sums = new Map(rows.map((row) => [row.account, row.balance]))
  const balances = accounts.map((account) => [account, sums.get(account) ?? 0])
  return { version, available, balances: Object.fromEntries(balances) }
}
