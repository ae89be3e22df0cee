import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

export const statementStates = ['issued', 'confirmed', 'disputed', 'approved', 'paid'] as const
export const statementLineKinds = ['redemption', 'reversal', 'adjustment'] as const
export const disputeReasons = [
  'missing_redemption',
  'wrong_amount',
  'not_ours',
  'reversal_not_made',
  'other',
] as const
export const adjustmentReasons = [
  'dispute_upheld',
  'duplicate',
  'not_delivered',
  'price_corrected',
] as const

/** What a merchant is owed for a month, line by line, and what became of it. */
export function statementTables(kit: Kit) {
  const statements = kit.table(
    'statements',
    {
      id: kit.text().primaryKey(),
      merchantId: kit.text().notNull(),
      /** The merchant's: its entries are booked there. */
      bucket: kit.count().notNull(),
      /** A calendar month of the union's time zone, `YYYY-MM`. */
      month: kit.text().notNull(),
      state: kit.choice(statementStates).notNull(),
      /** The person who closed it; none when the node did by itself. */
      closedBy: kit.text(),
      closedAt: kit.instant().notNull(),
      lines: kit.count().notNull(),
      /** Fen, each 0 or more but the last two. */
      redeemed: kit.amount().notNull(),
      reversed: kit.amount().notNull(),
      adjusted: kit.amount().notNull(),
      total: kit.amount().notNull(),
      /** SHA-256 of its octets (`formats/statement.ts`); fixed once it is there. */
      digest: kit.bytes(),
      /** When the merchant agreed, or was silent for too long: then nobody is named. */
      confirmedAt: kit.instant(),
      confirmedBy: kit.text(),
      disputedAt: kit.instant(),
      disputedBy: kit.text(),
      disputeReason: kit.choice(disputeReasons),
      disputeText: kit.text(),
      answeredAt: kit.instant(),
      answeredBy: kit.text(),
      answer: kit.text(),
      approvals: kit.count().notNull(),
      approvedAt: kit.instant(),
      paidAt: kit.instant(),
      paidBy: kit.text(),
      /** The bank's, of the transfer; no personal datum. */
      bankReference: kit.text(),
    },
    (t) => [
      kit.uniqueIndex('statements_month').on(t.merchantId, t.month),
      kit.index('statements_state').on(t.state, t.closedAt),
    ],
  )

  /** Each a leaf of the log, and each leaf once. Never changed. */
  const statementLines = kit.table(
    'statement_lines',
    {
      statementId: kit.text().notNull(),
      /** From 1, in the order of time. */
      line: kit.count().notNull(),
      kind: kit.choice(statementLineKinds).notNull(),
      at: kit.instant().notNull(),
      programmeId: kit.text().notNull(),
      benefitId: kit.text(),
      storeId: kit.text(),
      /** The redemption's or the adjustment's. */
      subjectId: kit.text().notNull(),
      /** Fen owed to the merchant; negative where it owes. */
      amount: kit.amount().notNull(),
      /** The journal entry, and its leaf's hash. */
      bucket: kit.count().notNull(),
      entryId: kit.text().notNull(),
      leafHash: kit.bytes().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.statementId, t.line] }),
      kit.uniqueIndex('statement_lines_entry').on(t.bucket, t.entryId),
    ],
  )

  /** Who has approved a statement, and by which digest they named it. */
  const statementApprovals = kit.table(
    'statement_approvals',
    {
      statementId: kit.text().notNull(),
      personId: kit.text().notNull(),
      principalId: kit.text().notNull(),
      digest: kit.bytes().notNull(),
      at: kit.instant().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.statementId, t.personId] })],
  )

  /** Corrections of what was stated; each is a line of a later statement. */
  const statementAdjustments = kit.table(
    'statement_adjustments',
    {
      id: kit.text().primaryKey(),
      merchantId: kit.text().notNull(),
      programmeId: kit.text().notNull(),
      /** The statement that it corrects. */
      about: kit.text().notNull(),
      /** Fen more for the merchant; negative for less. Not 0. */
      amount: kit.amount().notNull(),
      reason: kit.choice(adjustmentReasons).notNull(),
      personId: kit.text().notNull(),
      at: kit.instant().notNull(),
      bucket: kit.count().notNull(),
      entryId: kit.text().notNull(),
      /** The statement that states it; none until there is one. */
      statementId: kit.text(),
    },
    (t) => [
      kit.index('statement_adjustments_open').on(t.merchantId).where(sql`statement_id is null`),
    ],
  )

  return { statements, statementLines, statementApprovals, statementAdjustments }
}
