import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { eq } from 'drizzle-orm'

import { toHex } from '../../src/base/bytes.ts'
import { minute } from '../../src/base/clock.ts'
import { bucketOf, newId } from '../../src/base/id.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { createKeyring, type LogKey } from '../../src/keys/keyring.ts'
import { foundNode, readNode, type ThisNode } from '../../src/keys/this-node.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { book, drawUp, type Entry, post } from '../../src/ledger/journal.ts'
import { databaseSources } from '../../src/ledger/log-source.ts'
import { openLog } from '../../src/ledger/log-state.ts'
import { type Report, type VerifyOptions, verifyLogs } from '../../src/ledger/verify.ts'
import { type Location, openStore } from '../../src/store/open.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import type { Store } from '../../src/store/store.ts'
import { chunkList, keepList } from '../../src/vouchers/chunk-entry.ts'
import { type Engine, freshDatabase } from '../support/engines.ts'

export const origin = 'ledger.example.org/t/2026'
export const start = 1_790_000_000_000

/** A founded node with an empty log, its keys, and a programme. */
export interface Books {
  readonly engine: Engine
  readonly data: string
  readonly location: Location
  readonly store: Store
  /** Of the first log; `keyOf` of all. */
  readonly key: LogKey
  readonly keyOf: (log: string) => LogKey
  readonly node: ThisNode
  readonly programme: { id: string; publicId: string }
  now: number
}

export async function openBooks(engine: Engine): Promise<Books> {
  const data = mkdtempSync(join(tmpdir(), 'symbolon-books-'))
  const keyring = createKeyring(data, origin)
  const key = keyring.logs[0]!
  const keyOf = (log: string) => keyring.logKey(log) ?? key
  const location = await freshDatabase(engine)
  const store = await openStore(location)
  const programme = { id: '0a1b2c3d-0000-4000-8000-000000000001', publicId: 'prg-1' }
  await store.transaction(async (tx) => {
    const founding = { number: 1, code: 't', nameZh: 't' }
    await foundNode(tx, founding, keyring.master, start)
    await openLog(tx, key, start)
    await tx.insert(tx.tables.programmes).values({
      ...programme,
      bucket: 1,
      ...{ nameZh: 'p', nameEn: 'p' },
      orgCode: '1',
      ...{ periodFrom: 0, periodTo: 1 },
      timeZone: 'Asia/Shanghai',
      available: 0,
      ...{ version: 1, createdAt: 0 },
    })
  })
  const node = await readNode(store, keyring.master)
  const books = { engine, data, location, store, key, keyOf, node, programme, now: start }
  if (engine === 'sqlite') {
    store.beforeCommit(async (tx) => {
      await integrate(tx, keyOf, books.now, { shared: false })
    })
  }
  return books
}

/** What a tick does on PostgreSQL, until nothing more gets an index. */
export async function tick(books: Books): Promise<void> {
  if (books.engine === 'sqlite') return
  const once = () =>
    books.store.transaction((tx) => integrate(tx, books.keyOf, books.now, { shared: true }))
  while ((await once()) > 0);
}

type Move = readonly [debit: string, credit: string]

/** An entry of the programme that moves `amount` fen, as `post` takes it. */
export function entry(
  books: Books,
  kind: string,
  amount: number,
  [debit, credit]: Move | readonly [],
  more: Partial<Entry> = {},
): Entry {
  books.now += 1000
  const line = (account: string, fen: number) => ({
    account: account as 'fund_bank',
    amount: fen,
    ...(account.startsWith('merchant_') && { merchantId: 'm1' }),
  })
  return {
    id: newId(books.now),
    kind,
    bucket: 1,
    at: books.now,
    programme: books.programme,
    amount,
    ...(debit && credit && { postings: [line(debit, amount), line(credit, -amount)] }),
    commits: { operator: 'batch:b' },
    ...more,
  }
}

/** Writes one entry and waits for its index. */
export async function write(books: Books, what: Entry): Promise<Uint8Array> {
  const hash = await books.store.transaction((tx) => post(tx, books.node, what))
  await tick(books)
  return hash
}

/** A voucher as a story tells it. */
export interface Held {
  readonly id: string
  version: number
  last: Uint8Array
}

let handles = 0

/** Budget, and a chunk of single-use vouchers of 5000 fen. */
export async function issue(books: Books, count: number, uses = 1): Promise<Held[]> {
  const amount = 5000 * count * uses
  await write(books, entry(books, 'budget.allocate', amount, ['fund_bank', 'budget_available']))
  const ids = Array.from({ length: count }, () =>
    toHex(sha256(`voucher ${handles++}`)).slice(0, 32),
  )
  const { fields, handles: list } = chunkList(ids)
  const drawn = drawUp(
    books.node,
    entry(books, 'batch.issue', amount, ['budget_available', 'voucher_liability'], {
      fields: { ...fields, ...(uses > 1 && { uses }) },
    }),
  )
  await books.store.transaction(async (tx) => {
    await book(tx, drawn)
    await keepList(tx, { bucket: 1, entryId: drawn.entry.id, handles: list })
    await tx.insertMany(
      tx.tables.vouchers,
      ids.map((id) => voucherRow(books, id, drawn.hash, uses)),
    )
  })
  await tick(books)
  return ids.map((id) => ({ id, version: 1, last: drawn.hash }))
}

function voucherRow(books: Books, id: string, lastLeaf: Uint8Array, uses: number) {
  return {
    bucket: bucketOf(id),
    id,
    programmeId: books.programme.id,
    benefitId: 'b1',
    benefitVersion: 1,
    batchId: 'batch',
    memberId: `m-${id}`,
    personId: `p-${id}`,
    seq: 1,
    origin: 'offer' as const,
    state: 'active' as const,
    version: 1,
    usesTotal: uses,
    usesLeft: uses,
    amount: 5000,
    validFrom: start,
    validTo: start + 1e9,
    issuedAt: start,
    reversals: 0,
    lastLeaf,
  }
}

/** The entry of one voucher's next step. */
export function stepOf(
  books: Books,
  held: Held,
  kind: string,
  move: Move,
  more: Partial<Entry> = {},
): Entry {
  return entry(books, kind, 5000, move, {
    bucket: bucketOf(held.id),
    voucher: { id: held.id, version: held.version + 1, prev: held.last },
    commits: { member: `m-${held.id}`, merchant: 'm1' },
    ...more,
  })
}

/** Redeems once, with all its rows, as `vouchers/redeem.ts` does. */
export async function redeem(books: Books, held: Held): Promise<void> {
  const drawn = drawUp(
    books.node,
    stepOf(books, held, 'voucher.redeem', ['voucher_liability', 'merchant_payable']),
  )
  held.version++
  held.last = drawn.hash
  await books.store.transaction(async (tx) => {
    await book(tx, drawn)
    await tx.insert(tx.tables.redemptions).values({ ...redemptionRow(books, held, drawn.entry.id) })
    const { vouchers } = tx.tables
    await tx
      .update(vouchers)
      .set({ state: 'used', usesLeft: 0, version: held.version, lastLeaf: drawn.hash })
      .where(eq(vouchers.id, held.id))
  })
  await tick(books)
}

function redemptionRow(books: Books, held: Held, entryId: string) {
  return {
    bucket: bucketOf(held.id),
    id: `r-${entryId}`,
    voucherId: held.id,
    programmeId: books.programme.id,
    benefitId: 'b1',
    memberId: `m-${held.id}`,
    merchantId: 'm1',
    storeId: 's1',
    terminalId: 't1',
    shiftId: 'h1',
    cashierId: 'c1',
    uses: 1,
    amount: 5000,
    state: 'committed' as const,
    redeemedAt: books.now,
    reversibleUntil: books.now + 10 * minute,
    entryId,
  }
}

/** Undoes the latest redemption. */
export async function reverse(books: Books, held: Held): Promise<void> {
  const drawn = drawUp(
    books.node,
    stepOf(books, held, 'voucher.reverse', ['merchant_payable', 'voucher_liability'], {
      ref: held.last,
    }),
  )
  held.version++
  held.last = drawn.hash
  await books.store.transaction(async (tx) => {
    await book(tx, drawn)
    const { vouchers, redemptions } = tx.tables
    await tx
      .update(redemptions)
      .set({ state: 'reversed' })
      .where(eq(redemptions.voucherId, held.id))
    await tx
      .update(vouchers)
      .set({ state: 'active', usesLeft: 1, version: held.version, lastLeaf: drawn.hash })
      .where(eq(vouchers.id, held.id))
  })
  await tick(books)
}

/** Closes a chunk: `batch.recall`, `voucher.expire` or `offer.lapse`. */
export async function close(books: Books, held: readonly Held[], kind: string): Promise<void> {
  const { fields, handles: list } = chunkList(held.map(({ id }) => id))
  const move = ['voucher_liability', 'budget_available'] as const
  const drawn = drawUp(books.node, entry(books, kind, 5000 * held.length, move, { fields }))
  await books.store.transaction(async (tx) => {
    await book(tx, drawn)
    await keepList(tx, { bucket: 1, entryId: drawn.entry.id, handles: list })
    const { programmes, vouchers } = tx.tables
    const state = kind === 'batch.recall' ? 'void' : 'expired'
    for (const { id, version } of held) {
      const after = { state, version: version + 1, lastLeaf: drawn.hash } as const
      await tx.update(vouchers).set(after).where(eq(vouchers.id, id))
    }
    await tx.update(programmes).set({ available: 5000 * held.length })
  })
  await tick(books)
}

export function policyOf({ key }: Books) {
  return parsePolicy(sha256, Buffer.from(`log ${key.vkey}\nquorum none\n`))
}

/** The whole audit. */
export function audit(books: Books, options: VerifyOptions = {}): Promise<Report> {
  return readSnapshot(books.location, async (reader) =>
    verifyLogs(await databaseSources(reader), policyOf(books), { ...options, database: reader }),
  )
}

/** A story with some of everything: twelve vouchers, redeemed, reversed, recalled, expired. */
export async function tellStory(books: Books): Promise<Held[]> {
  const held = await issue(books, 12)
  for (const each of held.slice(0, 5)) await redeem(books, each)
  await reverse(books, held[4]!)
  await redeem(books, held[4]!)
  await close(books, held.slice(6, 9), 'batch.recall')
  return held
}
