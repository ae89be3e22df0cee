import type { Kit } from '../kit.postgres.ts'

export const credentialActs = ['issue', 'revoke', 'suspend', 'resume'] as const
export const memberEventKinds = ['standing', 'changed', 'device'] as const
export const notifications = [
  'credential_accepted',
  'credential_failure',
  'credential_deleted',
] as const

/** Membership credentials: how they are handed out, where their status is, what became of it. */
export function credentialTables(kit: Kit) {
  /** A list of 2^17 statuses. Full at three quarters, so that a random index is soon found. */
  const statusLists = kit.table(
    'status_lists',
    {
      /** 0 to 32767: what a capsule has room for. Part of the list's address. */
      number: kit.count().primaryKey(),
      /** `2026q2`, in UTC: no other quarter's credentials are on it. */
      quarter: kit.text().notNull(),
      /** Statuses that were handed out. */
      taken: kit.count().notNull(),
      openedAt: kit.instant().notNull(),
      /** How often a status of it has changed, and when last. */
      changes: kit.count().notNull(),
      changedAt: kit.instant().notNull(),
    },
    (t) => [kit.index('status_lists_quarter').on(t.quarter, t.number)],
  )

  /** An invitation to fetch a credential. Its pre-authorized code is derived, not stored. */
  const credentialOffers = kit.table(
    'credential_offers',
    {
      /** 128 random bits: whoever has it has the offer. */
      id: kit.text().primaryKey(),
      memberId: kit.text().notNull(),
      /** The member's own phone that asked for it; none when the union made it. */
      deviceId: kit.text(),
      /** Keyed hash of the transaction code; none for the member's own phone. */
      txHash: kit.bytes(),
      triesLeft: kit.count().notNull(),
      createdBy: kit.text().notNull(),
      createdAt: kit.instant().notNull(),
      expiresAt: kit.instant().notNull(),
      usedAt: kit.instant(),
      revokedAt: kit.instant(),
      /** The credential waits until the union has said yes. */
      waits: kit.flag().notNull(),
      approvedAt: kit.instant(),
      approvedBy: kit.text(),
    },
    (t) => [kit.index('credential_offers_member').on(t.memberId, t.createdAt)],
  )

  /** What a wallet may do after it has exchanged its code: its tokens, bound to its DPoP key. */
  const walletGrants = kit.table(
    'wallet_grants',
    {
      id: kit.text().primaryKey(),
      offerId: kit.text().notNull(),
      memberId: kit.text().notNull(),
      deviceId: kit.text(),
      /** RFC 7638 thumbprint of the DPoP key. */
      thumbprint: kit.text().notNull(),
      accessHash: kit.bytes().notNull(),
      accessUntil: kit.instant().notNull(),
      refreshHash: kit.bytes().notNull(),
      refreshUntil: kit.instant().notNull(),
      createdAt: kit.instant().notNull(),
      revokedAt: kit.instant(),
    },
    (t) => [
      kit.index('wallet_grants_member').on(t.memberId, t.createdAt),
      kit.uniqueIndex('wallet_grants_offer').on(t.offerId),
    ],
  )

  /** A request that was answered 202: the keys that wait for their credentials. */
  const deferredIssuances = kit.table('deferred_issuances', {
    /** The transaction id. */
    id: kit.text().primaryKey(),
    grantId: kit
      .text()
      .notNull()
      .references(() => walletGrants.id),
    keys: kit.json<readonly { kty: 'EC'; crv: 'P-256'; x: string; y: string }[]>().notNull(),
    createdAt: kit.instant().notNull(),
    collectedAt: kit.instant(),
  })

  /** One answer with credentials, and what the wallet said became of them. */
  const issuances = kit.table('issuances', {
    /** The notification id. */
    id: kit.text().primaryKey(),
    grantId: kit
      .text()
      .notNull()
      .references(() => walletGrants.id),
    at: kit.instant().notNull(),
    notified: kit.choice(notifications),
    notifiedAt: kit.instant(),
  })

  /** One copy of a credential: its holder key and its status. Its text is kept nowhere. */
  const credentials = kit.table(
    'credentials',
    {
      id: kit.text().primaryKey(),
      memberId: kit.text().notNull(),
      issuanceId: kit
        .text()
        .notNull()
        .references(() => issuances.id),
      deviceId: kit.text(),
      /** RFC 7638 thumbprint of the holder key. */
      holder: kit.text().notNull(),
      statusList: kit
        .count()
        .notNull()
        .references(() => statusLists.number),
      statusIndex: kit.count().notNull(),
      issuedAt: kit.instant().notNull(),
      expiresAt: kit.instant().notNull(),
      /** 0 valid, 1 revoked for good, 2 suspended: as the status list says it. */
      status: kit.count().notNull(),
      /** Suspended by the union's staff. */
      held: kit.flag().notNull(),
      /** Suspended because the membership is. */
      heldForMember: kit.flag().notNull(),
      /** Counts its events: 1 when issued. */
      version: kit.count().notNull(),
    },
    (t) => [
      kit.uniqueIndex('credentials_status').on(t.statusList, t.statusIndex),
      kit.index('credentials_member').on(t.memberId, t.issuedAt),
    ],
  )

  /** Every change of a credential's status, once. */
  const credentialEvents = kit.table(
    'credential_events',
    {
      credentialId: kit.text().notNull(),
      version: kit.count().notNull(),
      act: kit.choice(credentialActs).notNull(),
      actor: kit.text().notNull(),
      reason: kit.text().notNull(),
      at: kit.instant().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.credentialId, t.version] })],
  )

  /** What happened to somebody who may hold credentials, until they have followed. */
  const memberEvents = kit.table(
    'member_events',
    {
      id: kit.text().primaryKey(),
      memberId: kit.text().notNull(),
      kind: kit.choice(memberEventKinds).notNull(),
      deviceId: kit.text(),
      at: kit.instant().notNull(),
    },
    (t) => [kit.index('member_events_member').on(t.memberId, t.id)],
  )

  return {
    statusLists,
    credentialOffers,
    walletGrants,
    deferredIssuances,
    issuances,
    credentials,
    credentialEvents,
    memberEvents,
  }
}
