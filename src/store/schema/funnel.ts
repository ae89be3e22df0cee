import type { Kit } from '../kit.postgres.ts'
import { accounts } from './ledger.ts'

/** What the dashboard reads: sums over the log's leaves, kept by a job (`jobs/roll-up.ts`). */
export function funnelTables(kit: Kit) {
  /** Vouchers, except where it says redemptions; amounts are fen. None is ever below 0 for long. */
  const measures = () => ({
    issued: kit.amount().notNull(),
    claimed: kit.amount().notNull(),
    /** Redemptions, reversed ones among them. */
    redeemed: kit.amount().notNull(),
    reversed: kit.amount().notNull(),
    returned: kit.amount().notNull(),
    voided: kit.amount().notNull(),
    expired: kit.amount().notNull(),
    /** Redemptions paid to their merchant. */
    settled: kit.amount().notNull(),
    redeemedAmount: kit.amount().notNull(),
    reversedAmount: kit.amount().notNull(),
    settledAmount: kit.amount().notNull(),
  })

  /** One row a day, benefit, organisation of the member at that time, and store. */
  const funnelDays = kit.table(
    'funnel_days',
    {
      /** In the union's time zone. */
      day: kit.date().notNull(),
      programmeId: kit.text().notNull(),
      benefitId: kit.text().notNull(),
      orgCode: kit.text().notNull(),
      /** '' where no store is concerned. */
      storeId: kit.text().notNull(),
      ...measures(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.orgCode, t.day, t.benefitId, t.storeId] }),
      kit.index('funnel_days_store').on(t.storeId, t.day),
    ],
  )

  /** The same of an organisation with everything below it; a move in the tree moves its sums. */
  const funnelSums = kit.table(
    'funnel_sums',
    {
      day: kit.date().notNull(),
      programmeId: kit.text().notNull(),
      benefitId: kit.text().notNull(),
      orgCode: kit.text().notNull(),
      ...measures(),
    },
    (t) => [kit.primaryKey({ columns: [t.orgCode, t.day, t.benefitId] })],
  )

  /**
   * The same of all days: what a desk looks at all the time does not grow with the years. Always
   * the sum of `funnel_sums`.
   */
  const funnelTotals = kit.table(
    'funnel_totals',
    {
      programmeId: kit.text().notNull(),
      benefitId: kit.text().notNull(),
      orgCode: kit.text().notNull(),
      ...measures(),
    },
    (t) => [kit.primaryKey({ columns: [t.orgCode, t.benefitId] })],
  )

  /** Postings of a programme, by day and account: debits less credits. */
  const budgetDays = kit.table(
    'budget_days',
    {
      programmeId: kit.text().notNull(),
      day: kit.date().notNull(),
      account: kit.choice(accounts).notNull(),
      amount: kit.amount().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.programmeId, t.day, t.account] })],
  )

  /** Refused redemptions of a store, by day and code. */
  const refusalDays = kit.table(
    'refusal_days',
    {
      day: kit.date().notNull(),
      storeId: kit.text().notNull(),
      code: kit.text().notNull(),
      count: kit.amount().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.day, t.storeId, t.code] })],
  )

  /** How far each roll-up has come. Whoever moves a cursor has counted what lies between. */
  const rollUps = kit.table('roll_ups', {
    /** `log:` and the log's origin, or `refusals`. */
    name: kit.text().primaryKey(),
    /** The next leaf's index, or the last refusal's id. */
    position: kit.text().notNull(),
  })

  return { funnelDays, funnelSums, funnelTotals, budgetDays, refusalDays, rollUps }
}
