import type { Kit } from '../kit.postgres.ts'

export const accounts = [
  'fund_bank',
  'budget_available',
  'stock_reserved',
  'voucher_liability',
  'merchant_payable',
  'merchant_receivable',
  'settlement_clearing',
  'node_due_to',
  'node_due_from',
] as const

/** The books and the evidence. Entries, postings and leaves are only ever added. */
export function ledgerTables(kit: Kit) {
  const journalEntries = kit.table(
    'journal_entries',
    {
      bucket: kit.count().notNull(),
      id: kit.text().notNull(),
      kind: kit.text().notNull(),
      at: kit.instant().notNull(),
      /** The leaf, byte for byte as hashed. */
      leaf: kit.bytes().notNull(),
      leafHash: kit.bytes().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.bucket, t.id] })],
  )

  const postings = kit.table(
    'postings',
    {
      bucket: kit.count().notNull(),
      entryId: kit.text().notNull(),
      line: kit.count().notNull(),
      account: kit.choice(accounts).notNull(),
      programmeId: kit.text().notNull(),
      /** Whose sub-ledger: a merchant's for `merchant_*`, `node:` and its number for `node_*`. */
      merchantId: kit.text(),
      /** Fen; debits are positive, credits negative; an entry sums to zero. */
      amount: kit.amount().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.entryId, t.line] }),
      kit.foreignKey({
        columns: [t.bucket, t.entryId],
        foreignColumns: [journalEntries.bucket, journalEntries.id],
      }),
    ],
  )

  /** Leaves that have no index yet: a queue, in and out. */
  const pendingLeaves = kit.table(
    'pending_leaves',
    {
      bucket: kit.count().notNull(),
      entryId: kit.text().notNull(),
      leafHash: kit.bytes().notNull(),
      /** The leaf that must stand before it. */
      prev: kit.bytes(),
      /** It closes vouchers: whatever else is waiting may be about them and goes first. */
      closes: kit.flag().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.bucket, t.entryId] })],
  )

  const logLeaves = kit.table(
    'log_leaves',
    {
      log: kit.text().notNull(),
      index: kit.amount().notNull(),
      bucket: kit.count().notNull(),
      entryId: kit.text().notNull(),
      leafHash: kit.bytes().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.log, t.index] }),
      kit.uniqueIndex('log_leaves_entry').on(t.log, t.entryId),
      kit.index('log_leaves_hash').on(t.log, t.leafHash),
    ],
  )

  const tiles = kit.table(
    'tiles',
    {
      log: kit.text().notNull(),
      level: kit.count().notNull(),
      n: kit.amount().notNull(),
      /** 1 to 256 hashes of 32 octets. */
      data: kit.bytes().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.log, t.level, t.n] })],
  )

  /** One row a log. Size and frontier are read in the transaction that extends them. */
  const logState = kit.table('log_state', {
    /** The origin: schema-less URL of the log, with its year. */
    log: kit.text().primaryKey(),
    size: kit.amount().notNull(),
    frontier: kit.bytes().notNull(),
    /** The signed checkpoint of exactly this size. */
    checkpoint: kit.text().notNull(),
    at: kit.instant().notNull(),
    /** When its last leaf, `log.close`, was written; none while it is the one being written. */
    closedAt: kit.instant(),
  })

  /** What opens the digests of a leaf, sealed: erased by deleting a key, not a row. */
  const disclosures = kit.table(
    'disclosures',
    {
      bucket: kit.count().notNull(),
      entryId: kit.text().notNull(),
      /** Member and evidence, under the member's key. */
      sealedMember: kit.bytes(),
      /** Merchant, terminal, operator and reason, under the node's. */
      sealedNode: kit.bytes().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.bucket, t.entryId] })],
  )

  /** The voucher digests (`vh`, 16 octets each) that a chunk's leaf commits to, in order. */
  const issuedLists = kit.table(
    'issued_lists',
    {
      bucket: kit.count().notNull(),
      entryId: kit.text().notNull(),
      handles: kit.bytes().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.bucket, t.entryId] })],
  )

  return {
    journalEntries,
    postings,
    pendingLeaves,
    logLeaves,
    tiles,
    logState,
    disclosures,
    issuedLists,
  }
}
