import type { Kit } from '../kit.postgres.ts'

/** Whom this node trusts, as the roots that it pins have last said. */
export function trustTables(kit: Kit) {
  /** The list in force of each root, and the one before it. A lower number never replaces it. */
  const trustLists = kit.table('trust_lists', {
    /** Thumbprint (RFC 7638) of the root's key, which signed it. */
    root: kit.text().primaryKey(),
    sequence: kit.amount().notNull(),
    /** Of the payload: two lists of one number are told apart by it. */
    digest: kit.text().notNull(),
    token: kit.text().notNull(),
    nextUpdate: kit.instant().notNull(),
    acceptedAt: kit.instant().notNull(),
    /** The token it replaced, for keys that are being replaced. */
    previousToken: kit.text(),
  })

  return { trustLists }
}
