import { and, asc, eq, getTableColumns, gt, gte, inArray, lt, or } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { bucketOf, newId, newRandomId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { subtreeRange } from '../identity/organisation-rules.ts'
import type { merchantStates, storeStates } from '../store/schema/merchants.ts'
import type { Reader, Tx } from '../store/store.ts'

export type Merchant = Tx['tables']['merchants']['$inferSelect']
export type Store = Tx['tables']['stores']['$inferSelect']

/** Registers a merchant with its agreement: from `contractFrom` to before `contractTo`. */
export async function createMerchant(
  tx: Tx,
  given: {
    name: string
    orgCode: string
    contractFrom: Instant
    contractTo: Instant
    now: Instant
  },
): Promise<Merchant> {
  if (given.contractFrom >= given.contractTo) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['contract_to: must be after contract_from'] })
  }
  const id = newRandomId()
  const { now, ...rest } = given
  const row: Merchant = { ...rest, id, bucket: bucketOf(id), state: 'active', createdAt: now }
  await tx.insertMany(tx.tables.merchants, [row])
  return row
}

/** Suspends, ends or revives a merchant. Refusal NOT_FOUND. */
export async function setMerchantState(
  tx: Tx,
  id: string,
  state: (typeof merchantStates)[number],
): Promise<Merchant> {
  const { merchants } = tx.tables
  const [row] = await tx.update(merchants).set({ state }).where(eq(merchants.id, id)).returning()
  if (!row) throw new Refusal('NOT_FOUND')
  return row
}

/** A merchant by id. Refusal NOT_FOUND. */
export async function requireMerchant(reader: Reader, id: string): Promise<Merchant> {
  const { merchants } = reader.tables
  const [row] = await reader.select().from(merchants).where(eq(merchants.id, id))
  if (!row) throw new Refusal('NOT_FOUND')
  return row
}

/** Merchants of organisations at or below one of `orgPaths`, behind `after`, by id. */
export function listMerchants(
  reader: Reader,
  given: { orgPaths: readonly string[]; after: string; limit: number },
): Promise<Merchant[]> {
  const { merchants, organisations } = reader.tables
  const below = given.orgPaths.map((path) => {
    const { from, to } = subtreeRange(path)
    return and(gte(organisations.path, from), lt(organisations.path, to))
  })
  return reader
    .select(getTableColumns(merchants))
    .from(merchants)
    .innerJoin(organisations, eq(organisations.code, merchants.orgCode))
    .where(and(gt(merchants.id, given.after), or(...below)))
    .orderBy(asc(merchants.id))
    .limit(given.limit)
}

/** Opens a store of a merchant's. `region` is a GB/T 2260 code of six digits. */
export async function createStore(
  tx: Tx,
  given: { merchantId: string; name: string; category: string; region: number; now: Instant },
): Promise<Store> {
  await requireMerchant(tx, given.merchantId)
  const { now, ...rest } = given
  const row: Store = {
    ...rest,
    id: newId(now),
    state: 'active',
    createdAt: now,
    printedCode: 'off',
  }
  await tx.insertMany(tx.tables.stores, [row])
  return row
}

/** Opens or closes a store. Refusal NOT_FOUND. */
export async function setStoreState(
  tx: Tx,
  id: string,
  state: (typeof storeStates)[number],
): Promise<Store> {
  const { stores } = tx.tables
  const [row] = await tx.update(stores).set({ state }).where(eq(stores.id, id)).returning()
  if (!row) throw new Refusal('NOT_FOUND')
  return row
}

/** A store with its merchant. Refusal NOT_FOUND. */
export async function requireStore(
  reader: Reader,
  id: string,
): Promise<{ store: Store; merchant: Merchant }> {
  const { stores } = reader.tables
  const [store] = await reader.select().from(stores).where(eq(stores.id, id))
  if (!store) throw new Refusal('NOT_FOUND')
  return { store, merchant: await requireMerchant(reader, store.merchantId) }
}

/** The stores of a merchant behind `after`, by id. */
export function listStores(
  reader: Reader,
  given: { merchantId: string; after: string; limit: number },
): Promise<Store[]> {
  const { stores } = reader.tables
  return reader
    .select()
    .from(stores)
    .where(and(eq(stores.merchantId, given.merchantId), gt(stores.id, given.after)))
    .orderBy(asc(stores.id))
    .limit(given.limit)
}

/** What stores are called, by id. */
export async function storeNames(
  reader: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { stores } = reader.tables
  if (ids.length === 0) return new Map()
  const rows = await reader
    .select({ id: stores.id, name: stores.name })
    .from(stores)
    .where(inArray(stores.id, [...ids]))
  return new Map(rows.map(({ id, name }) => [id, name]))
}
