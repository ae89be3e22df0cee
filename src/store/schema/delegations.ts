import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

/** Who picks something up for a member. Distributed by `bucket`. */
export function delegationTables(kit: Kit) {
  const delegations = kit.table(
    'delegations',
    {
      bucket: kit.count().notNull(),
      id: kit.text().notNull(),
      voucherId: kit.text().notNull(),
      memberId: kit.text().notNull(),
      /** JSON of name and last four digits, AES-256-GCM; none once it was erased. */
      sealed: kit.bytes(),
      /** Keyed hash of the pick-up code; the digits are told once. */
      codeHash: kit.bytes().notNull(),
      /** SHA-256 of the proof with which the member's device named them. */
      evidence: kit.bytes().notNull(),
      validFrom: kit.instant().notNull(),
      validTo: kit.instant().notNull(),
      createdAt: kit.instant().notNull(),
      revokedAt: kit.instant(),
      usedAt: kit.instant(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.id] }),
      kit
        .uniqueIndex('delegations_one')
        .on(t.bucket, t.voucherId)
        .where(sql`revoked_at is null and used_at is null`),
      kit.index('delegations_code').on(t.codeHash),
      kit.check('delegations_dates', sql`${t.validFrom} < ${t.validTo}`),
    ],
  )

  return { delegations }
}
