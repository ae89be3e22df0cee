import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

export const benefitKinds = ['checkup', 'insurance', 'package', 'coupon'] as const
export const benefitStates = ['draft', 'published', 'paused', 'stopped'] as const

/** Programmes with their money, benefits with their versions, and the lists that rules refer to. */
export function benefitTables(kit: Kit) {
  const programmes = kit.table(
    'programmes',
    {
      /** Random; its first 12 bits are the programme's bucket. */
      id: kit.text().primaryKey(),
      bucket: kit.count().notNull(),
      /** What the log calls it. */
      publicId: kit.text().notNull(),
      nameZh: kit.text().notNull(),
      nameEn: kit.text().notNull(),
      orgCode: kit.text().notNull(),
      periodFrom: kit.instant().notNull(),
      periodTo: kit.instant().notNull(),
      timeZone: kit.text().notNull(),
      /** Fen not yet committed. Decides; the journal's `budget_available` must always equal it. */
      available: kit.amount().notNull(),
      version: kit.count().notNull(),
      createdAt: kit.instant().notNull(),
    },
    (t) => [
      kit.uniqueIndex('programmes_public_id').on(t.publicId),
      kit.check('programmes_not_overspent', sql`${t.available} >= 0`),
    ],
  )

  const benefits = kit.table(
    'benefits',
    {
      id: kit.text().primaryKey(),
      programmeId: kit
        .text()
        .notNull()
        .references(() => programmes.id),
      kind: kit.choice(benefitKinds).notNull(),
      state: kit.choice(benefitStates).notNull(),
      /** The version in force; 0 until one is published. */
      version: kit.count().notNull(),
      createdAt: kit.instant().notNull(),
    },
    (t) => [kit.index('benefits_programme').on(t.programmeId)],
  )

  /** What a benefit is, word for word. A published version never changes. */
  const benefitVersions = kit.table(
    'benefit_versions',
    {
      benefitId: kit
        .text()
        .notNull()
        .references(() => benefits.id),
      version: kit.count().notNull(),
      /** JSON text of the definition, as hashed in `digest`. */
      definition: kit.text().notNull(),
      digest: kit.bytes().notNull(),
      editedBy: kit.text().notNull(),
      publishedAt: kit.instant(),
    },
    (t) => [kit.primaryKey({ columns: [t.benefitId, t.version] })],
  )

  /**
   * Units left to take. `scope` is `total` (of open stock, counted by claims), or a sub-quota's:
   * `org:<code>`, `day:<YYYY-MM-DD>` or `org:<code>/day:<YYYY-MM-DD>`, counted by `quota_units`.
   */
  const quotas = kit.table(
    'quotas',
    {
      benefitId: kit.text().notNull(),
      scope: kit.text().notNull(),
      total: kit.amount().notNull(),
      used: kit.amount().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.benefitId, t.scope] }),
      kit.check('quotas_not_exceeded', sql`${t.used} between 0 and ${t.total}`),
    ],
  )

  /** One unit of a sub-quota, held by a voucher. Distributed by `bucket`. */
  const quotaUnits = kit.table(
    'quota_units',
    {
      bucket: kit.count().notNull(),
      voucherId: kit.text().notNull(),
      scope: kit.text().notNull(),
      benefitId: kit.text().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.voucherId, t.scope] }),
      kit.index('quota_units_level').on(t.benefitId, t.scope),
    ],
  )

  /** A named set of members, uploaded. */
  const lists = kit.table('lists', {
    id: kit.text().primaryKey(),
    name: kit.text().notNull(),
    orgCode: kit.text().notNull(),
    createdBy: kit.text().notNull(),
    createdAt: kit.instant().notNull(),
  })

  const listMembers = kit.table(
    'list_members',
    { listId: kit.text().notNull(), memberId: kit.text().notNull() },
    (t) => [kit.primaryKey({ columns: [t.listId, t.memberId] })],
  )

  /** Named criteria; a version never changes. */
  const segments = kit.table(
    'segments',
    {
      id: kit.text().notNull(),
      version: kit.count().notNull(),
      name: kit.text().notNull(),
      criteria: kit.text().notNull(),
      orgCode: kit.text().notNull(),
      createdAt: kit.instant().notNull(),
      /** The principal who saved this version. */
      createdBy: kit.text(),
      /** On the last version: no new rule may name it. Rules that do go on as they are. */
      retiredAt: kit.instant(),
    },
    (t) => [kit.primaryKey({ columns: [t.id, t.version] })],
  )

  return { programmes, benefits, benefitVersions, quotas, quotaUnits, lists, listMembers, segments }
}
