import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

/** Why staff looked at a member. Closed: a free text would be about the member. */
export const lookReasons = ['member_asked', 'application', 'voucher', 'complaint', 'check'] as const

/** How an auditor comes behind a member's pseudonym: asked, answered, shown. */
export const lookSteps = ['unmask_asked', 'unmask_approved', 'unmask_rejected', 'unmasked'] as const

/** How people sign in by a passkey, and what they looked at. */
export function deskTables(kit: Kit) {
  /** A WebAuthn credential of somebody of the union's, or of a member's. What signed stays. */
  const passkeys = kit.table(
    'passkeys',
    {
      /** The credential id, base64url. */
      id: kit.text().primaryKey(),
      principalId: kit.text(),
      memberId: kit.text(),
      /** COSE_Key (RFC 9052). */
      publicKey: kit.bytes().notNull(),
      /** The signatures that the authenticator has counted; 0 for ever where it does not count. */
      counter: kit.amount().notNull(),
      transports: kit.json<readonly string[]>().notNull(),
      /** It is copied between its owner's machines. */
      backedUp: kit.flag().notNull(),
      name: kit.text().notNull(),
      createdAt: kit.instant().notNull(),
      lastUsedAt: kit.instant(),
      removedAt: kit.instant(),
      /** The day (UTC) on which it last enrolled devices, and how many. */
      enrolledOn: kit.date(),
      enrolled: kit.count().notNull(),
    },
    (t) => [
      kit.index('passkeys_principal').on(t.principalId),
      kit.index('passkeys_member').on(t.memberId),
      kit.check('passkeys_one_owner', sql`(principal_id is null) <> (member_id is null)`),
    ],
  )

  /** A one-time address at which one of the staff makes a passkey. */
  const invitations = kit.table(
    'invitations',
    {
      id: kit.text().primaryKey(),
      principalId: kit.text().notNull(),
      tokenHash: kit.bytes().notNull(),
      /** The principal that invites; none at the machine itself. */
      invitedBy: kit.text(),
      createdAt: kit.instant().notNull(),
      expiresAt: kit.instant().notNull(),
      usedAt: kit.instant(),
    },
    (t) => [
      kit.uniqueIndex('invitations_token').on(t.tokenHash),
      kit.index('invitations_principal').on(t.principalId, t.expiresAt),
    ],
  )

  /** A browser in which one of the staff is signed in. */
  const sessions = kit.table(
    'sessions',
    {
      id: kit.text().primaryKey(),
      /** Of the cookie's value. */
      tokenHash: kit.bytes().notNull(),
      principalId: kit.text().notNull(),
      passkeyId: kit.text().notNull(),
      /** When the passkey was shown. */
      createdAt: kit.instant().notNull(),
      lastSeenAt: kit.instant().notNull(),
      endedAt: kit.instant(),
    },
    (t) => [
      kit.uniqueIndex('sessions_token').on(t.tokenHash),
      kit.index('sessions_principal').on(t.principalId),
      kit.index('sessions_age').on(t.createdAt),
    ],
  )

  /** Every look of the union's at one member's record. Append-only. */
  const looks = kit.table(
    'looks',
    {
      id: kit.text().primaryKey(),
      memberId: kit.text().notNull(),
      principalId: kit.text().notNull(),
      /** The role by which it was seen, and the organisation on which the role is held. */
      role: kit.text().notNull(),
      orgCode: kit.text().notNull(),
      reason: kit.choice(lookReasons),
      /** A step of an auditor's way behind the pseudonym; none for a look at the record. */
      step: kit.choice(lookSteps),
      at: kit.instant().notNull(),
    },
    (t) => [kit.index('looks_member').on(t.memberId, t.id)],
  )

  return { passkeys, invitations, sessions, looks }
}
