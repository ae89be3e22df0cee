import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

export const voucherStates = [
  'offered',
  'active',
  'used',
  'suspended',
  'returned',
  'void',
  'expired',
] as const
export const voucherOrigins = ['offer', 'stock'] as const
export const redemptionStates = ['committed', 'reversed'] as const

/** Vouchers and what became of them. Every table here is distributed by `bucket`. */
export function voucherTables(kit: Kit) {
  const vouchers = kit.table(
    'vouchers',
    {
      bucket: kit.count().notNull(),
      /** The handle: 32 hexadecimal digits, the first three of them the bucket. */
      id: kit.text().notNull(),
      programmeId: kit.text().notNull(),
      benefitId: kit.text().notNull(),
      benefitVersion: kit.count().notNull(),
      /** The batch that issued it; none when it was claimed from open stock. */
      batchId: kit.text(),
      memberId: kit.text().notNull(),
      personId: kit.text().notNull(),
      seq: kit.count().notNull(),
      origin: kit.choice(voucherOrigins).notNull(),
      state: kit.choice(voucherStates).notNull(),
      /** Counts the voucher's leaves: 1 when issued. */
      version: kit.count().notNull(),
      usesTotal: kit.count().notNull(),
      usesLeft: kit.count().notNull(),
      /** Fen the merchant is owed for one use. */
      amount: kit.amount().notNull(),
      offerTo: kit.instant(),
      validFrom: kit.instant().notNull(),
      validTo: kit.instant().notNull(),
      issuedAt: kit.instant().notNull(),
      claimedAt: kit.instant(),
      usedAt: kit.instant(),
      reversals: kit.count().notNull(),
      preparedBy: kit.text(),
      preparedUntil: kit.instant(),
      /** Leaf hash of the latest leaf about this voucher: the next one's `prev`. */
      lastLeaf: kit.bytes().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.id] }),
      kit.uniqueIndex('vouchers_once_per_batch').on(t.bucket, t.batchId, t.memberId, t.seq),
      kit.index('vouchers_member').on(t.bucket, t.memberId, t.id),
      kit.index('vouchers_person').on(t.bucket, t.personId, t.benefitId),
      // From a chunk's entry to its vouchers: what it issued, and what it closed.
      kit.index('vouchers_issued').on(t.programmeId, t.issuedAt).where(sql`batch_id is not null`),
      kit.index('vouchers_closed').on(t.lastLeaf).where(sql`state in ('void', 'expired')`),
      kit.check('vouchers_uses', sql`${t.usesLeft} between 0 and ${t.usesTotal}`),
      kit.check('vouchers_amount', sql`${t.amount} >= 0`),
    ],
  )

  /** Proof that a person took one: the key is the cap. */
  const claims = kit.table(
    'claims',
    {
      bucket: kit.count().notNull(),
      personId: kit.text().notNull(),
      benefitId: kit.text().notNull(),
      /** `ever`, or a calendar year or month in the programme's time zone. */
      period: kit.text().notNull(),
      seq: kit.count().notNull(),
      voucherId: kit.text().notNull(),
      at: kit.instant().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.bucket, t.personId, t.benefitId, t.period, t.seq] })],
  )

  /** A code that was shown and taken: each step of a voucher is good once. */
  const preparations = kit.table(
    'preparations',
    {
      bucket: kit.count().notNull(),
      voucherId: kit.text().notNull(),
      /** Thirty-second step of the code; below 0 where there was none, -ms of the moment. */
      step: kit.amount().notNull(),
      id: kit.text().notNull(),
      terminalId: kit.text().notNull(),
      deviceId: kit.text().notNull(),
      /** SHA-256 of the member's signed code. */
      evidence: kit.bytes().notNull(),
      until: kit.instant().notNull(),
      /** By whose pick-up code it is held. */
      delegationId: kit.text(),
      /** What the member said the purchase came to, where a printed code was scanned. */
      orderAmount: kit.amount(),
      /** When the counter accepted or declined it, where a printed code was scanned. */
      acceptedAt: kit.instant(),
      declinedAt: kit.instant(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.voucherId, t.step] }),
      kit.uniqueIndex('preparations_id').on(t.bucket, t.id),
      kit.index('preparations_waiting').on(t.terminalId, t.until).where(sql`step < 0`),
    ],
  )

  /** Twelve digits that stand for a signed code, for five minutes. */
  const numericCodes = kit.table(
    'numeric_codes',
    {
      codeHash: kit.bytes().primaryKey(),
      bucket: kit.count().notNull(),
      /** The signed voucher code it is an alias of, as it was sent. */
      code: kit.bytes().notNull(),
      expiresAt: kit.instant().notNull(),
      usedAt: kit.instant(),
    },
    (t) => [kit.index('numeric_codes_expiry').on(t.expiresAt)],
  )

  /** Wrong numeric codes, counted by terminal and ten minutes. */
  const codeTries = kit.table(
    'code_tries',
    {
      terminalId: kit.text().notNull(),
      window: kit.amount().notNull(),
      tries: kit.count().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.terminalId, t.window] })],
  )

  const redemptions = kit.table(
    'redemptions',
    {
      bucket: kit.count().notNull(),
      id: kit.text().notNull(),
      voucherId: kit.text().notNull(),
      programmeId: kit.text().notNull(),
      benefitId: kit.text().notNull(),
      memberId: kit.text().notNull(),
      /** A merchant, or `node:` and the number of the node at whose merchant it was. */
      merchantId: kit.text().notNull(),
      storeId: kit.text().notNull(),
      /** A terminal, or `store:` and the store: its printed code, which needs no device. */
      terminalId: kit.text().notNull(),
      shiftId: kit.text().notNull(),
      cashierId: kit.text().notNull(),
      uses: kit.count().notNull(),
      amount: kit.amount().notNull(),
      /** What the member's whole purchase came to, where the benefit asks. */
      orderAmount: kit.amount(),
      policyNumber: kit.text(),
      collector: kit.text(),
      /** The delegation whose pick-up code was used. */
      collectedBy: kit.text(),
      state: kit.choice(redemptionStates).notNull(),
      redeemedAt: kit.instant().notNull(),
      reversibleUntil: kit.instant().notNull(),
      reversedAt: kit.instant(),
      reversalReason: kit.text(),
      entryId: kit.text().notNull(),
      /** The journal entry that undid it. */
      reversalEntryId: kit.text(),
      /** The statement that states it; from then on it cannot be undone. */
      statementId: kit.text(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.id] }),
      kit.index('redemptions_voucher').on(t.bucket, t.voucherId),
      kit.index('redemptions_shift').on(t.shiftId),
      kit
        .index('redemptions_unstated')
        .on(t.merchantId, t.redeemedAt)
        .where(sql`statement_id is null`),
    ],
  )

  /** How many redemptions of a store's day its managers have undone. */
  const managerReversals = kit.table(
    'manager_reversals',
    {
      storeId: kit.text().notNull(),
      /** The calendar day of the redemptions, in their programme's time zone. */
      day: kit.date().notNull(),
      count: kit.count().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.storeId, t.day] })],
  )

  /** What was refused at a terminal, and why: merchants ask. */
  const refusedRedemptions = kit.table(
    'refused_redemptions',
    {
      id: kit.text().primaryKey(),
      terminalId: kit.text().notNull(),
      storeId: kit.text().notNull(),
      voucherId: kit.text(),
      code: kit.text().notNull(),
      at: kit.instant().notNull(),
    },
    (t) => [kit.index('refused_redemptions_store').on(t.storeId, t.at)],
  )

  /** Which voucher was issued anew in place of which: each has one successor at the most. */
  const reissues = kit.table(
    'reissues',
    {
      bucket: kit.count().notNull(),
      voucherId: kit.text().notNull(),
      successorId: kit.text().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.voucherId] }),
      kit.uniqueIndex('reissues_successor').on(t.bucket, t.successorId),
    ],
  )

  /** Every change of one voucher's state, once. */
  const voucherEvents = kit.table(
    'voucher_events',
    {
      bucket: kit.count().notNull(),
      voucherId: kit.text().notNull(),
      version: kit.count().notNull(),
      kind: kit.text().notNull(),
      actor: kit.text().notNull(),
      at: kit.instant().notNull(),
      entryId: kit.text().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.voucherId, t.version] }),
      kit.index('voucher_events_entry').on(t.bucket, t.entryId),
    ],
  )

  return {
    vouchers,
    claims,
    preparations,
    numericCodes,
    codeTries,
    redemptions,
    managerReversals,
    refusedRedemptions,
    voucherEvents,
    reissues,
  }
}
