import { eq, lt, sql } from 'drizzle-orm'

import { day, type Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { appendAtOnce, holdLog, type KeyOf } from './integrate.ts'
import { post } from './journal.ts'
import type { Reconciliation } from './reconcile.ts'
import { trialBalance } from './trial-balance.ts'

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
 * false when the day was closed.
 */
export async function closeDay(
  tx: Tx,
  node: ThisNode,
  keyOf: KeyOf,
  now: Instant,
): Promise<boolean> {
  const { ledgerCloses } = tx.tables
  await holdLog(tx)
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
  await appendAtOnce(tx, keyOf, entryId, now)
  return true
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
