import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

export const merchantStates = ['active', 'suspended', 'ended'] as const
export const storeStates = ['active', 'inactive'] as const
export const printedCodeStates = ['off', 'asked', 'on'] as const
export const cashierRoles = ['cashier', 'manager'] as const
export const acceptanceTargets = ['all', 'merchant', 'store', 'category', 'region', 'node'] as const

/** Merchant, store, terminal, cashier, and which benefit is taken where. */
export function merchantTables(kit: Kit) {
  const merchants = kit.table('merchants', {
    /** Random; its first 12 bits are the merchant's bucket. */
    id: kit.text().primaryKey(),
    bucket: kit.count().notNull(),
    name: kit.text().notNull(),
    orgCode: kit.text().notNull(),
    state: kit.choice(merchantStates).notNull(),
    contractFrom: kit.instant().notNull(),
    contractTo: kit.instant().notNull(),
    createdAt: kit.instant().notNull(),
  })

  const stores = kit.table(
    'stores',
    {
      id: kit.text().primaryKey(),
      merchantId: kit
        .text()
        .notNull()
        .references(() => merchants.id),
      name: kit.text().notNull(),
      category: kit.text().notNull(),
      region: kit.count().notNull(),
      state: kit.choice(storeStates).notNull(),
      createdAt: kit.instant().notNull(),
      /** Members may use vouchers by its printed code: its manager asks, the union agrees. */
      printedCode: kit.choice(printedCodeStates).notNull().default('off'),
    },
    (t) => [kit.index('stores_merchant').on(t.merchantId)],
  )

  const terminals = kit.table(
    'terminals',
    {
      id: kit.text().primaryKey(),
      storeId: kit
        .text()
        .notNull()
        .references(() => stores.id),
      name: kit.text().notNull(),
      /** SubjectPublicKeyInfo, DER; none until the terminal is provisioned. */
      spki: kit.bytes(),
      provisionedAt: kit.instant(),
      revokedAt: kit.instant(),
      createdAt: kit.instant().notNull(),
    },
    (t) => [kit.index('terminals_store').on(t.storeId)],
  )

  /** One-time codes with which a terminal registers its key. */
  const provisionings = kit.table('provisionings', {
    tokenHash: kit.bytes().primaryKey(),
    terminalId: kit
      .text()
      .notNull()
      .references(() => terminals.id),
    expiresAt: kit.instant().notNull(),
    usedAt: kit.instant(),
  })

  const cashiers = kit.table(
    'cashiers',
    {
      id: kit.text().primaryKey(),
      storeId: kit
        .text()
        .notNull()
        .references(() => stores.id),
      name: kit.text().notNull(),
      /** scrypt with its salt. */
      pinHash: kit.bytes().notNull(),
      triesLeft: kit.count().notNull(),
      createdAt: kit.instant().notNull(),
      revokedAt: kit.instant(),
      /** A manager may undo what any terminal of the store has redeemed. */
      role: kit.choice(cashierRoles).notNull().default('cashier'),
    },
    (t) => [kit.index('cashiers_store').on(t.storeId)],
  )

  const shifts = kit.table(
    'shifts',
    {
      id: kit.text().primaryKey(),
      terminalId: kit
        .text()
        .notNull()
        .references(() => terminals.id),
      cashierId: kit
        .text()
        .notNull()
        .references(() => cashiers.id),
      openedAt: kit.instant().notNull(),
      closedAt: kit.instant(),
    },
    (t) => [
      kit.index('shifts_terminal').on(t.terminalId, t.openedAt),
      kit.uniqueIndex('shifts_open').on(t.terminalId).where(sql`closed_at is null`),
    ],
  )

  /** Where a benefit is taken. No row for a benefit: nowhere. */
  const acceptances = kit.table(
    'acceptances',
    {
      benefitId: kit.text().notNull(),
      target: kit.choice(acceptanceTargets).notNull(),
      /** A merchant's or store's id, a category, a region prefix, a node's number; or empty. */
      value: kit.text().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.benefitId, t.target, t.value] })],
  )

  return { merchants, stores, terminals, provisionings, cashiers, shifts, acceptances }
}
