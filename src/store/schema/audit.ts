import type { Kit } from '../kit.postgres.ts'

/** Why an auditor asks who a pseudonym is. Closed: a free text would be about the member. */
export const unmaskReasons = ['complaint', 'suspicion', 'difference', 'sample', 'legal'] as const
export const decisionOutcomes = ['entitled', 'not_entitled', 'unknown'] as const

/** What lets decisions be looked at again, and who was let behind a pseudonym. */
export function auditTables(kit: Kit) {
  /** Receipts of decisions on entitlement (section 15): what was asked, of what, with what end. */
  const decisionReceipts = kit.table(
    'decision_receipts',
    {
      bucket: kit.count().notNull(),
      id: kit.text().notNull(),
      memberId: kit.text().notNull(),
      benefitId: kit.text().notNull(),
      benefitVersion: kit.count().notNull(),
      /** SHA-256 of the rule with its segments written out. */
      criteriaHash: kit.bytes().notNull(),
      /** Of the evaluator: a change in its meaning counts up. */
      evaluator: kit.count().notNull(),
      /** The day of the programme's time zone on which the rule was asked. */
      today: kit.date().notNull(),
      outcome: kit.choice(decisionOutcomes).notNull(),
      /** Code of the refusal that was the answer; none when a voucher was. */
      refused: kit.text(),
      /** JSON text: a keyed hash for each fact that was used. */
      factHashes: kit.text().notNull(),
      /** The facts and the hashes' key under the member's key; none where they have none. */
      sealedFacts: kit.bytes(),
      at: kit.instant().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.id] }),
      kit.index('decision_receipts_id').on(t.id),
    ],
  )

  /** An auditor asks who a pseudonym is; another person decides, once. */
  const unmaskRequests = kit.table('unmask_requests', {
    id: kit.text().primaryKey(),
    memberId: kit.text().notNull(),
    reason: kit.choice(unmaskReasons).notNull(),
    requestedBy: kit.text().notNull(),
    requestedByPerson: kit.text().notNull(),
    requestedAt: kit.instant().notNull(),
    decision: kit.choice(['approve', 'reject']),
    decidedBy: kit.text(),
    decidedByPerson: kit.text(),
    decidedAt: kit.instant(),
    /** The statement that a passkey signed, with all that verifies it. */
    evidence: kit.text(),
  })

  return { decisionReceipts, unmaskRequests }
}
