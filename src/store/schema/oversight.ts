import type { Kit } from '../kit.postgres.ts'

/** What is done about the books from outside of them: erasing people, closing days, checking. */
export function oversightTables(kit: Kit) {
  /** Members whose person asked to be forgotten. What stays of a member is a surrogate. */
  const erasures = kit.table('erasures', {
    memberId: kit.text().primaryKey(),
    reason: kit.text().notNull(),
    /** A kind and an id: `staff:…`, or `cli`. */
    actor: kit.text().notNull(),
    at: kit.instant().notNull(),
  })

  /** The daily trial balances: one `ledger.close` a day. */
  const ledgerCloses = kit.table('ledger_closes', {
    /** Calendar day in UTC that was closed. */
    day: kit.date().primaryKey(),
    entryId: kit.text().notNull(),
    at: kit.instant().notNull(),
  })

  /** What the nightly reconciliation found. */
  const reconciliations = kit.table('reconciliations', {
    /** Calendar day in UTC that it ran on. */
    day: kit.date().primaryKey(),
    at: kit.instant().notNull(),
    good: kit.flag().notNull(),
    /** JSON text: every equation with its two sides. */
    report: kit.text().notNull(),
  })

  return { erasures, ledgerCloses, reconciliations }
}
