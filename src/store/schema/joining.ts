import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

export const applicationStates = ['waiting', 'more_needed', 'approved', 'rejected'] as const

/** How people come in: codes on posters, applications, welcomes, and a member's next phone. */
export function joiningTables(kit: Kit) {
  /** A code that a union prints. Whoever has it may apply to that organisation. */
  const joinCodes = kit.table(
    'join_codes',
    {
      id: kit.text().primaryKey(),
      /** Keyed hash; the code itself is told once. */
      codeHash: kit.bytes().notNull(),
      orgCode: kit.text().notNull(),
      /** Where it hangs, for the union's own use. */
      note: kit.text().notNull(),
      createdBy: kit.text().notNull(),
      createdAt: kit.instant().notNull(),
      endsAt: kit.instant(),
      revokedAt: kit.instant(),
    },
    (t) => [
      kit.uniqueIndex('join_codes_hash').on(t.codeHash),
      kit.index('join_codes_organisation').on(t.orgCode, t.id),
    ],
  )

  /** Somebody who wants to be a member. What they say of themselves is sealed. */
  const applications = kit.table(
    'applications',
    {
      id: kit.text().primaryKey(),
      orgCode: kit.text().notNull(),
      /** The code they came by; none for a row of a collective file. */
      joinCodeId: kit.text(),
      /** The collective file they came in. */
      fileId: kit.text(),
      state: kit.choice(applicationStates).notNull(),
      /** Counts what was sent and decided: staff decide on what they have read. */
      version: kit.count().notNull(),
      /** Keyed hash of the identity, as `persons.id_hash`. */
      idHash: kit.bytes().notNull(),
      /** JSON of what was said, AES-256-GCM under the node's data key; empty once approved. */
      sealed: kit.bytes().notNull(),
      /** RFC 7638 thumbprint of the key to be enrolled; none for a row of a file. */
      thumbprint: kit.text(),
      /** SubjectPublicKeyInfo of it, DER. */
      spki: kit.bytes(),
      createdAt: kit.instant().notNull(),
      decidedAt: kit.instant(),
      decidedBy: kit.text(),
      /** What staff told the applicant, sealed. */
      sealedReason: kit.bytes(),
      memberId: kit.text(),
      deviceId: kit.text(),
    },
    (t) => [
      kit.uniqueIndex('applications_key').on(t.thumbprint).where(sql`state <> 'rejected'`),
      kit.index('applications_organisation').on(t.orgCode, t.id),
      kit.index('applications_state').on(t.state, t.id),
      kit.index('applications_identity').on(t.idHash),
      kit.index('applications_file').on(t.fileId, t.id),
    ],
  )

  /** Applications received, by code or network and window of time. Networks are keyed hashes. */
  const applicationTries = kit.table(
    'application_tries',
    {
      scope: kit.text().notNull(),
      window: kit.amount().notNull(),
      tries: kit.count().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.scope, t.window] })],
  )

  /** Memberships that were approved, and whether what follows from that has followed. */
  const joinings = kit.table(
    'joinings',
    {
      id: kit.text().primaryKey(),
      memberId: kit.text().notNull(),
      /** Who approved: another person must have made what is given for it. */
      decidedByPerson: kit.text().notNull(),
      at: kit.instant().notNull(),
      welcomedAt: kit.instant(),
    },
    (t) => [kit.index('joinings_open').on(t.id).where(sql`welcomed_at is null`)],
  )

  /** What one benefit made of one joining: a voucher, or the refusal that stands for it. */
  const welcomes = kit.table(
    'welcomes',
    {
      joiningId: kit.text().notNull(),
      benefitId: kit.text().notNull(),
      /** The code of the refusal; none when a voucher was issued. */
      refused: kit.text(),
      at: kit.instant().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.joiningId, t.benefitId] })],
  )

  /** A member on the way to a new phone: shown by the old one, taken by the new, confirmed. */
  const phoneMoves = kit.table(
    'phone_moves',
    {
      id: kit.text().primaryKey(),
      memberId: kit.text().notNull(),
      oldDeviceId: kit.text().notNull(),
      secretHash: kit.bytes().notNull(),
      expiresAt: kit.instant().notNull(),
      thumbprint: kit.text(),
      spki: kit.bytes(),
      name: kit.text(),
      confirmedAt: kit.instant(),
      newDeviceId: kit.text(),
    },
    (t) => [
      kit.uniqueIndex('phone_moves_secret').on(t.secretHash),
      kit.index('phone_moves_key').on(t.thumbprint, t.id),
    ],
  )

  return { joinCodes, applications, applicationTries, joinings, welcomes, phoneMoves }
}
