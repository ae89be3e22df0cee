import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

export const transferStates = ['waiting', 'done', 'refused', 'withdrawn'] as const
export const transferSides = ['release', 'receive'] as const

/** Moves of members from one union to another, each consented to by both. Rows are the history. */
export function transferTables(kit: Kit) {
  const transfers = kit.table(
    'transfers',
    {
      id: kit.text().primaryKey(),
      memberId: kit.text().notNull(),
      fromOrg: kit.text().notNull(),
      toOrg: kit.text().notNull(),
      state: kit.choice(transferStates).notNull(),
      /** The principal of the union that asked; none: the member did. */
      askedBy: kit.text(),
      askedAt: kit.instant().notNull(),
      /** Who consented for the old union, the principal and the person. */
      releasedBy: kit.text(),
      releasedByPerson: kit.text(),
      releasedAt: kit.instant(),
      /** Who consented for the new one. */
      receivedBy: kit.text(),
      receivedByPerson: kit.text(),
      receivedAt: kit.instant(),
      /** When it was done, refused or withdrawn. */
      endedAt: kit.instant(),
      refusedBy: kit.text(),
      refusedSide: kit.choice(transferSides),
      /** What the refusing union told the member, sealed. */
      sealedReason: kit.bytes(),
    },
    (t) => [
      kit.uniqueIndex('transfers_open').on(t.memberId).where(sql`state = 'waiting'`),
      kit.index('transfers_member').on(t.memberId, t.id),
      kit.index('transfers_from').on(t.fromOrg, t.id),
      kit.index('transfers_to').on(t.toOrg, t.id),
      kit.check(
        'transfers_consent',
        sql`${t.state} <> 'done' or (${t.releasedByPerson} is not null
          and ${t.receivedByPerson} is not null and ${t.releasedByPerson} <> ${t.receivedByPerson})`,
      ),
    ],
  )

  return { transfers }
}
