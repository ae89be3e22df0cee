import type { Kit } from '../kit.postgres.ts'

export const reportReasons = ['not_me', 'not_received', 'wrong_amount', 'wrong_goods'] as const
export const reportStates = ['open', 'reversed', 'no_fault'] as const

/** What members say against redemptions. Distributed by `bucket`. */
export function reportTables(kit: Kit) {
  /** A case: a redemption that its member does not recognise, and what the union made of it. */
  const redemptionReports = kit.table(
    'redemption_reports',
    {
      bucket: kit.count().notNull(),
      id: kit.text().notNull(),
      redemptionId: kit.text().notNull(),
      voucherId: kit.text().notNull(),
      memberId: kit.text().notNull(),
      /** Of the programme: whose staff see it. */
      orgCode: kit.text().notNull(),
      reason: kit.choice(reportReasons).notNull(),
      state: kit.choice(reportStates).notNull(),
      createdAt: kit.instant().notNull(),
      decidedAt: kit.instant(),
      /** A principal; its person is not the member's. */
      decidedBy: kit.text(),
      /** What the union tells the member, sealed under the node's data key. */
      sealedAnswer: kit.bytes(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.id] }),
      kit.uniqueIndex('redemption_reports_once').on(t.bucket, t.redemptionId),
      kit.index('redemption_reports_state').on(t.state, t.id),
    ],
  )

  return { redemptionReports }
}
