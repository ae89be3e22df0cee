import type { Kit } from '../kit.postgres.ts'

export const peerAskKinds = ['prepare', 'redeem', 'reverse'] as const
/**
 * `asked`: the outcome is not known here. `lapsed`: the other node has never heard of it and would
 * not take it any more. `disputed`: it answered something that its receipt does not prove.
 */
export const peerAskStates = ['asked', 'done', 'refused', 'lapsed', 'disputed'] as const

/** Vouchers of other nodes that were shown at our terminals. */
export function peerTables(kit: Kit) {
  /** What a terminal wanted of another node: written before that node is asked. */
  const peerAsks = kit.table(
    'peer_asks',
    {
      /** Our Idempotency-Key there. */
      id: kit.text().primaryKey(),
      kind: kit.choice(peerAskKinds).notNull(),
      state: kit.choice(peerAskStates).notNull(),
      /** The number of the node whose voucher it is. */
      peer: kit.count().notNull(),
      terminalId: kit.text().notNull(),
      /** The terminal's Idempotency-Key, and the hash of its request. */
      key: kit.text().notNull(),
      requestHash: kit.bytes().notNull(),
      /** SHA-256 of the terminal's signature, in the other node's leaf. */
      requestDigest: kit.bytes().notNull(),
      merchantId: kit.text().notNull(),
      storeId: kit.text().notNull(),
      shiftId: kit.text().notNull(),
      cashierId: kit.text().notNull(),
      voucherId: kit.text().notNull(),
      /** SHA-256 of the member's signed code. */
      evidence: kit.bytes().notNull(),
      /** JSON text of the request, sealed: it may name a collector. */
      sealedRequest: kit.bytes().notNull(),
      /** JSON text of what was answered, sealed: it has a masked name. */
      sealedAnswer: kit.bytes(),
      /** What the other node calls the preparation or the redemption. */
      homeId: kit.text(),
      /** The redemption here that it made, or is to undo. */
      redemptionId: kit.text(),
      askedAt: kit.instant().notNull(),
      /** When the machine looks again by itself. */
      lookAt: kit.instant().notNull(),
    },
    (t) => [
      kit.uniqueIndex('peer_asks_key').on(t.terminalId, t.kind, t.key),
      kit.index('peer_asks_open').on(t.state, t.lookAt),
    ],
  )

  /** What we have booked from another node's leaf: each leaf once. */
  const peerBookings = kit.table(
    'peer_bookings',
    {
      bucket: kit.count().notNull(),
      /** Hash of the other node's leaf: `ref` of ours. */
      ref: kit.bytes().notNull(),
      peer: kit.count().notNull(),
      kind: kit.choice(['redeem', 'reverse']).notNull(),
      /** Fen. */
      amount: kit.amount().notNull(),
      entryId: kit.text().notNull(),
      redemptionId: kit.text().notNull(),
      /** What the other node calls the redemption. */
      homeId: kit.text().notNull(),
      /** `c2sp.org/tlog-proof@v1` of the other node's log: our claim against it. */
      receipt: kit.bytes().notNull(),
      at: kit.instant().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.ref] }),
      kit.uniqueIndex('peer_bookings_redemption').on(t.bucket, t.redemptionId, t.kind),
      kit.index('peer_bookings_peer').on(t.peer),
    ],
  )

  return { peerAsks, peerBookings }
}
