import { and, eq, isNull, lt } from 'drizzle-orm'

import { day, type Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { disputeReasons } from '../store/schema/statements.ts'
import type { Reader, Tx } from '../store/store.ts'
import { requireStatement, type Statement, stateRefusal } from './statements.ts'

/** A merchant that says nothing for so long has agreed. */
export const silenceMs = 10 * day

/** Who speaks for a merchant: a manager whose shift is open at one of its terminals. */
export interface Spokesperson {
  readonly merchantId: string
  readonly cashierId: string
}

/**
 * The manager at a terminal. A merchant that is suspended, or whose agreement has ended, is still
 * owed what it earned, so neither is asked. Refusals: SHIFT_CLOSED, FORBIDDEN for other cashiers.
 */
export async function requireManager(reader: Reader, terminalId: string): Promise<Spokesperson> {
  const { terminals, stores, shifts, cashiers } = reader.tables
  const [row] = await reader
    .select({
      merchantId: stores.merchantId,
      cashierId: cashiers.id,
      role: cashiers.role,
      revokedAt: cashiers.revokedAt,
    })
    .from(terminals)
    .innerJoin(stores, eq(stores.id, terminals.storeId))
    .innerJoin(shifts, and(eq(shifts.terminalId, terminals.id), isNull(shifts.closedAt)))
    .innerJoin(cashiers, eq(cashiers.id, shifts.cashierId))
    .where(eq(terminals.id, terminalId))
  if (!row) throw new Refusal('SHIFT_CLOSED')
  if (row.role !== 'manager' || row.revokedAt !== null) throw new Refusal('FORBIDDEN')
  return { merchantId: row.merchantId, cashierId: row.cashierId }
}

/** A statement of the merchant's. Refusal NOT_FOUND, for another's too. */
export async function requireOwnStatement(
  reader: Reader,
  id: string,
  { merchantId }: Pick<Spokesperson, 'merchantId'>,
): Promise<Statement> {
  const statement = await requireStatement(reader, id)
  if (statement.merchantId !== merchantId) throw new Refusal('NOT_FOUND', { what: 'statement' })
  return statement
}

/** The merchant agrees. Refusals: NOT_FOUND, STATEMENT_STATE unless it waits for the merchant. */
export async function confirmStatement(
  tx: Tx,
  id: string,
  by: Spokesperson,
  now: Instant,
): Promise<Statement> {
  const statement = await requireOwnStatement(tx, id, by)
  const { statements } = tx.tables
  const [row] = await tx
    .update(statements)
    .set({ state: 'confirmed', confirmedAt: now, confirmedBy: by.cashierId })
    .where(and(eq(statements.id, id), eq(statements.state, 'issued')))
    .returning()
  if (!row) throw stateRefusal(statement)
  return row
}

/** What a merchant holds against a statement. */
export interface Dispute {
  readonly reason: (typeof disputeReasons)[number]
  readonly text: string | undefined
}

/** The merchant does not agree. Refusals: as `confirmStatement`. */
export async function disputeStatement(
  tx: Tx,
  id: string,
  by: Spokesperson,
  { reason, text, now }: Dispute & { readonly now: Instant },
): Promise<Statement> {
  const statement = await requireOwnStatement(tx, id, by)
  const { statements } = tx.tables
  const [row] = await tx
    .update(statements)
    .set({
      ...{ state: 'disputed' as const, disputedAt: now, disputedBy: by.cashierId },
      ...{ disputeReason: reason, disputeText: text ?? null },
    })
    .where(and(eq(statements.id, id), eq(statements.state, 'issued')))
    .returning()
  if (!row) throw stateRefusal(statement)
  return row
}

/**
 * The union's answer to a dispute, once; what it grants is an adjustment in the next statement.
 * Refusal STATEMENT_STATE unless it is disputed and unanswered.
 */
export async function answerDispute(
  tx: Tx,
  statement: Statement,
  { answer, personId, now }: { answer: string; personId: string; now: Instant },
): Promise<Statement> {
  const { statements: s } = tx.tables
  const [row] = await tx
    .update(s)
    .set({ answer, answeredBy: personId, answeredAt: now })
    .where(and(eq(s.id, statement.id), eq(s.state, 'disputed'), isNull(s.answeredAt)))
    .returning()
  if (!row) throw stateRefusal(statement)
  return row
}

/** Confirms what merchants have been silent about for ten days; answers how many. */
export async function confirmSilent(tx: Tx, now: Instant): Promise<number> {
  const { statements: s } = tx.tables
  const rows = await tx
    .update(s)
    .set({ state: 'confirmed', confirmedAt: now })
    .where(and(eq(s.state, 'issued'), lt(s.closedAt, now - silenceMs)))
    .returning({ id: s.id })
  return rows.length
}
