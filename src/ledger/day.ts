import { eq, lt, sql } from 'drizzle-orm'

import { day, type Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import type { LogKey } from '../keys/keyring.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { appendAtOnce, holdLog } from './integrate.ts'
import { post } from './journal.ts'
import type { Reconciliation } from './reconcile.ts'

/** The UTC calendar day of an instant, `YYYY-MM-DD`. */
export function utcDay(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** True when something was booked before today: there is a day to close. */
export async function hasYesterday(reader: Reader, now: Instant): Promise<boolean> {
  const { journalEntries: j } = reader.tables
  const today = now - (now % day)
  const [row] = await reader.select({ id: j.id }).from(j).where(lt(j.at, today)).limit(1)
  return row !== undefined
}

/**
 * Closes yesterday (UTC), once, whoever tries: a `ledger.close` leaf with the trial balance of the
 * node's accounts as the log stands right before it, which every auditor can recompute. Answers
 * false when the day was closed, or another instance holds the log just now.
 */
export async function closeDay(
  tx: Tx,
  node: ThisNode,
  key: LogKey,
  now: Instant,
): Promise<boolean> {
  const { ledgerCloses } = tx.tables
  if (!(await holdLog(tx, key.name))) return false
  const closing = utcDay(now - day)
  const entryId = newId(now)
  const mine = await tx
    .insert(ledgerCloses)
    .values({ day: closing, entryId, at: now })
    .onConflictDoNothing()
    .returning({ day: ledgerCloses.day })
  if (mine.length === 0) return false
  const fields = { day: closing, b: await trialBalance(tx) }
  await post(tx, node, { id: entryId, kind: 'ledger.close', bucket: 0, at: now, fields })
  await appendAtOnce(tx, key, entryId, now)
  return true
}

/** Accounts that are not zero, with their balance in fen; what waits for the log left out. */
async function trialBalance(tx: Tx): Promise<readonly (readonly [string, number])[]> {
  const rows = await tx.rows<{ account: string; fen: number }>(sql`
    select p.account as account, cast(sum(p.amount) as bigint) as fen from postings p
    where not exists (select 1 from pending_leaves w
      where w.bucket = p.bucket and w.entry_id = p.entry_id)
    group by p.account having sum(p.amount) <> 0`)
  const lines = rows.map(({ account, fen }) => [account, fen] as const)
  return lines.sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Whether today's reconciliation was stored. */
export async function reconciledOn(reader: Reader, today: string): Promise<boolean> {
  const { reconciliations: r } = reader.tables
  const rows = await reader.select({ day: r.day }).from(r).where(eq(r.day, today))
  return rows.length > 0
}

/** Keeps what a reconciliation found: the first of its day. */
export async function storeReconciliation(tx: Tx, found: Reconciliation): Promise<void> {
  const { at, good } = found
  await tx
    .insert(tx.tables.reconciliations)
    .values({ day: utcDay(at), at, good, report: JSON.stringify(found) })
    .onConflictDoNothing()
}

/** A stored reconciliation: that of a day, or the latest. */
export async function readReconciliation(
  reader: Reader,
  on?: string,
): Promise<Reconciliation | undefined> {
  const { reconciliations: r } = reader.tables
  const [row] = await reader
    .select({ report: r.report })
    .from(r)
    .where(on === undefined ? undefined : eq(r.day, on))
    .orderBy(sql`${r.day} desc`)
    .limit(1)
  return row && (JSON.parse(row.report) as Reconciliation)
}
