import { and, eq, sql } from 'drizzle-orm'

import { equal } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { countAsOne } from '../identity/vouching.ts'
import type { Tx } from '../store/store.ts'
import { type Statement, stateRefusal } from './statements.ts'

/** So many persons must approve a statement. */
export const statementApprovals = 2

/** From so many fen (CNY 10 000), whoever closed a statement is none of them. */
export const strictFromFen = 1_000_000

/** An approver's word on exactly one statement. */
export interface StatementApproval {
  readonly personId: string
  readonly principalId: string
  /** What they approve, 32 octets. */
  readonly digest: Uint8Array
  readonly now: Instant
}

/**
 * Counts one person's approval; the second one approves the statement. The statement's row is
 * written first, so that approvals of one statement queue up. Refusals: STATEMENT_STATE unless it
 * is confirmed, or disputed and answered; VERSION_CONFLICT (another digest), SELF_APPROVAL (who
 * adjusted what it states, answered its dispute or, from CNY 10 000, closed it, or who counts as
 * one person with them), ALREADY_EXISTS (the person has approved, or one they count as).
 */
export async function approveStatement(
  tx: Tx,
  statement: Statement,
  { personId, principalId, digest, now }: StatementApproval,
): Promise<Statement> {
  const { statements: s, statementApprovals: a } = tx.tables
  const ready = sql`(${s.state} = 'confirmed'
    or (${s.state} = 'disputed' and ${s.answeredAt} is not null))`
  const [row] = await tx
    .update(s)
    .set({ approvals: sql`${s.approvals} + 1` })
    .where(and(eq(s.id, statement.id), ready))
    .returning()
  if (!row?.digest) throw stateRefusal(statement)
  if (!equal(row.digest, digest)) throw new Refusal('VERSION_CONFLICT')
  if (await countAsOne(tx, personId, await handsIn(tx, row))) throw new Refusal('SELF_APPROVAL')
  const before = await tx.select().from(a).where(eq(a.statementId, row.id))
  const approvers = before.map((one) => one.personId)
  if (await countAsOne(tx, personId, approvers)) {
    throw new Refusal('ALREADY_EXISTS', { what: 'approval' })
  }
  await tx.insertMany(a, [{ statementId: row.id, personId, principalId, digest, at: now }])
  if (row.approvals < statementApprovals) return row
  const [approved] = await tx
    .update(s)
    .set({ state: 'approved', approvedAt: now })
    .where(eq(s.id, row.id))
    .returning()
  if (!approved) throw new TypeError('a statement vanished')
  return approved
}

/** Persons whose own work the approval would be about. */
async function handsIn(tx: Tx, { id, total, closedBy, answeredBy }: Statement): Promise<string[]> {
  const { statementAdjustments: a } = tx.tables
  const adjusted = await tx.select({ by: a.personId }).from(a).where(eq(a.statementId, id))
  return [
    ...adjusted.map(({ by }) => by),
    ...(answeredBy === null ? [] : [answeredBy]),
    ...(closedBy === null || total < strictFromFen ? [] : [closedBy]),
  ]
}
