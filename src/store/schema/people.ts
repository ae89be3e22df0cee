import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

export const levels = ['national', 'provincial', 'municipal', 'county', 'grassroots'] as const
export const standings = ['active', 'suspended', 'retired', 'left'] as const
export const genders = ['female', 'male'] as const
export const idTypes = ['resident_id', 'passport', 'other'] as const

/** Organisations, the people in them, and what they hold. */
export function peopleTables(kit: Kit) {
  /** A place in the tree of unions. `path` is every code from the root down, each with a `/`. */
  const organisations = kit.table(
    'organisations',
    {
      code: kit.text().primaryKey(),
      parentCode: kit.text(),
      level: kit.choice(levels).notNull(),
      nameZh: kit.text().notNull(),
      path: kit.path().notNull(),
      /** GB/T 2260 division, six digits. */
      region: kit.count().notNull(),
      createdAt: kit.instant().notNull(),
      /** The organisation that it was merged into: closed, nobody joins it any more. */
      mergedInto: kit.text(),
    },
    (t) => [
      kit.uniqueIndex('organisations_path').on(t.path),
      // A part of a name is looked for here, in a fifth of what the rows take.
      kit.index('organisations_name').on(t.path, t.nameZh),
      kit.index('organisations_parent').on(t.parentCode, t.code),
      kit.index('organisations_merged').on(t.code).where(sql`merged_into is not null`),
      kit.foreignKey({ columns: [t.parentCode], foreignColumns: [t.code] }),
    ],
  )

  /** One verified human being. Caps and separation of duties count persons. */
  const persons = kit.table(
    'persons',
    {
      /** Random; its first 12 bits are the person's bucket. */
      id: kit.text().primaryKey(),
      idType: kit.choice(idTypes),
      /** Keyed hash of type and number, for look-up. */
      idHash: kit.bytes(),
      /** The number, AES-256-GCM under the node's data key. */
      sealedId: kit.bytes(),
      createdAt: kit.instant().notNull(),
    },
    (t) => [kit.uniqueIndex('persons_id_hash').on(t.idHash)],
  )

  /** A person's membership of this node as it stands now: what entitlement is decided on. */
  const members = kit.table(
    'members',
    {
      id: kit.text().primaryKey(),
      bucket: kit.count().notNull(),
      personId: kit
        .text()
        .notNull()
        .references(() => persons.id),
      memberNo: kit.text().notNull(),
      name: kit.text().notNull(),
      orgCode: kit
        .text()
        .notNull()
        .references(() => organisations.code),
      standing: kit.choice(standings).notNull(),
      occupation: kit.text(),
      joinedOn: kit.date(),
      birthDate: kit.date(),
      gender: kit.choice(genders),
      hardship: kit.flag(),
      modelWorker: kit.flag(),
      mobileHash: kit.bytes(),
      sealedMobile: kit.bytes(),
      createdAt: kit.instant().notNull(),
      updatedAt: kit.instant().notNull(),
    },
    (t) => [
      kit.uniqueIndex('members_no').on(t.memberNo),
      kit.uniqueIndex('members_one_per_person').on(t.personId).where(sql`standing <> 'left'`),
      kit.index('members_left').on(t.personId).where(sql`standing = 'left'`),
      kit.index('members_organisation').on(t.orgCode, t.id),
      kit
        .index('members_standing')
        .on(t.standing, t.orgCode, t.id)
        .where(sql`standing <> 'active'`),
      kit.index('members_mobile').on(t.mobileHash),
    ],
  )

  /** The history behind `members`: one row for each stay in one organisation. */
  const memberships = kit.table(
    'memberships',
    {
      memberId: kit
        .text()
        .notNull()
        .references(() => members.id),
      seq: kit.count().notNull(),
      orgCode: kit.text().notNull(),
      from: kit.date(),
      until: kit.date(),
    },
    (t) => [kit.primaryKey({ columns: [t.memberId, t.seq] })],
  )

  /** The key that seals one member's disclosures, wrapped. Deleting it is erasure. */
  const memberKeys = kit.table('member_keys', {
    memberId: kit
      .text()
      .primaryKey()
      .references(() => members.id),
    wrapped: kit.bytes().notNull(),
  })

  /** A phone or browser that holds a P-256 key of a member's. */
  const devices = kit.table(
    'devices',
    {
      id: kit.text().primaryKey(),
      memberId: kit
        .text()
        .notNull()
        .references(() => members.id),
      bucket: kit.count().notNull(),
      /** The first two octets of the key's RFC 7638 thumbprint: how a code names its key. */
      tag: kit.count().notNull(),
      thumbprint: kit.text().notNull(),
      /** SubjectPublicKeyInfo, DER. */
      spki: kit.bytes().notNull(),
      name: kit.text().notNull(),
      enrolledAt: kit.instant().notNull(),
      revokedAt: kit.instant(),
    },
    (t) => [
      kit.uniqueIndex('devices_tag').on(t.memberId, t.tag).where(sql`revoked_at is null`),
      kit.uniqueIndex('devices_thumbprint').on(t.thumbprint),
    ],
  )

  /** A one-time code that lets a member enrol a device. Five wrong tries end it. */
  const activations = kit.table(
    'activations',
    {
      id: kit.text().primaryKey(),
      memberId: kit
        .text()
        .notNull()
        .references(() => members.id),
      codeHash: kit.bytes().notNull(),
      triesLeft: kit.count().notNull(),
      expiresAt: kit.instant().notNull(),
      usedAt: kit.instant(),
    },
    (t) => [kit.index('activations_member').on(t.memberId, t.expiresAt)],
  )

  return { organisations, persons, members, memberships, memberKeys, devices, activations }
}
