import { asc } from 'drizzle-orm'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { sha256 } from '../../src/base/sha256.ts'
import { Frontier, leafHash, leafHashReader } from '../../src/formats/tlog/merkle.ts'
import { openUnderPolicy } from '../../src/formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../../src/formats/tlog/receipt.ts'
import { newTiles, tileData } from '../../src/formats/tlog/tiles.ts'
import { verifyEd25519 } from '../../src/keys/ed25519.ts'
import { backlog, integrate } from '../../src/ledger/integrate.ts'
import { book, drawUp, post } from '../../src/ledger/journal.ts'
import { logState } from '../../src/ledger/log-state.ts'
import { receiptOf } from '../../src/ledger/receipt.ts'
import {
  servedBundle,
  servedCheckpoint,
  servedIssued,
  servedTile,
} from '../../src/ledger/static-log.ts'
import { openStore } from '../../src/store/open.ts'
import { engines } from '../support/engines.ts'
import {
  audit,
  type Books,
  entry,
  issue,
  openBooks,
  origin,
  policyOf,
  stepOf,
  tick,
} from './books.ts'

const allocate = ['fund_bank', 'budget_available'] as const

describe.each(engines)('the log on %s', (engine) => {
  let books: Books
  beforeEach(async () => {
    books = await openBooks(engine)
  })
  afterEach(() => books.store.close())

  const leaves = async () => {
    const { logLeaves } = books.store.read.tables
    return books.store.read.select().from(logLeaves).orderBy(asc(logLeaves.index))
  }
  const tile = (width: number, index = 0, level = 0) =>
    servedTile(books.store.read, origin, { level, index, width })

  it('gives entries posted at once contiguous indexes, one root, one checkpoint', async () => {
    const amounts = fc.sample(fc.integer({ min: 1, max: 1e9 }), 600)
    const posted = amounts.map((amount) => entry(books, 'budget.allocate', amount, allocate))
    await Promise.all(
      posted.map((each) => books.store.transaction((tx) => post(tx, books.node, each))),
    )
    await tick(books)

    const rows = await leaves()
    expect(rows.map(({ index }) => index)).toEqual(rows.map((_, i) => i))
    expect(new Set(rows.map((row) => row.entryId))).toEqual(new Set(posted.map(({ id }) => id)))
    const { journalEntries, tiles, pendingLeaves } = books.store.read.tables
    const journal = await books.store.read.select().from(journalEntries)
    const bytes = new Map(journal.map(({ id, leaf }) => [id, leaf]))
    const hashes = rows.map((row) => leafHash(sha256, bytes.get(row.entryId)!))
    const tree = new Frontier(sha256)
    for (const hash of hashes) tree.append(hash)

    const note = (await servedCheckpoint(books.store.read, origin))!
    const { checkpoint } = await openUnderPolicy(policyOf(books), note, verifyEd25519)
    expect(checkpoint.size).toBe(600)
    expect(Buffer.from(checkpoint.root)).toEqual(Buffer.from(tree.root()))
    const read = leafHashReader(sha256, hashes)
    const expected = [...newTiles(0, 600)]
    for (const each of expected) {
      expect(await servedTile(books.store.read, origin, each)).toEqual(tileData(each, read))
    }
    expect(await books.store.read.$count(tiles)).toBe(expected.length)
    expect(await books.store.read.$count(pendingLeaves)).toBe(0)
    for (const { id } of posted.filter((_, i) => i % 97 === 0)) {
      const receipt = parseReceipt((await receiptOf(books.store.read, id))!)
      const verified = await verifyReceipt(sha256, verifyEd25519, policyOf(books), receipt)
      expect(rows[verified.index]?.entryId).toBe(id)
    }
  })

  it('serves what the committed checkpoint covers, and nothing more', async () => {
    await issue(books, 3)
    expect(await tile(2)).toHaveLength(64)
    expect(await tile(1)).toEqual((await tile(2))?.slice(0, 32))
    for (const beyond of [tile(3), tile(256), tile(1, 1), tile(1, 0, 1)]) {
      expect(await beyond).toBeUndefined()
    }
    expect(await servedBundle(books.store.read, origin, { index: 0, width: 2 })).toBeDefined()
    expect(await servedBundle(books.store.read, origin, { index: 0, width: 3 })).toBeUndefined()
    expect(await servedIssued(books.store.read, origin, 1)).toHaveLength(48)
    expect(await servedIssued(books.store.read, origin, 0)).toBeUndefined()
    expect(await servedCheckpoint(books.store.read, 'another')).toBeUndefined()
  })

  it('leaves nothing of an unbalanced entry', async () => {
    const wrong = entry(books, 'budget.allocate', 5, allocate, {
      postings: [
        { account: 'fund_bank', amount: 5 },
        { account: 'budget_available', amount: -4 },
      ],
    })
    const work = books.store.transaction((tx) => post(tx, books.node, wrong))
    await expect(work).rejects.toThrow('unbalanced budget.allocate entry: off by 1')
    const { journalEntries, postings, pendingLeaves } = books.store.read.tables
    for (const table of [journalEntries, postings, pendingLeaves]) {
      expect(await books.store.read.$count(table)).toBe(0)
    }
    expect(await leaves()).toEqual([])
  })

  it('books nothing for what costs nothing', async () => {
    const free = entry(books, 'budget.allocate', 0, allocate)
    await books.store.transaction((tx) => post(tx, books.node, free))
    await tick(books)
    expect(await audit(books)).toMatchObject({ ok: true, leaves: 1 })
  })
})

describe('many instances on postgres', () => {
  let books: Books
  beforeEach(async () => {
    books = await openBooks('postgres')
  })
  afterEach(() => books.store.close())

  it('stay gap-free when two of them tick at once', async () => {
    const other = await openStore(books.location)
    const posted = Array.from({ length: 400 }, (_, i) =>
      entry(books, 'budget.allocate', i + 1, allocate),
    )
    let writing = true
    const ticking = [books.store, other].map(async (store) => {
      while (writing) {
        await store.transaction((tx) => integrate(tx, () => books.key, books.now, { shared: true }))
      }
    })
    await Promise.all(
      posted.map((each, i) =>
        (i % 2 ? other : books.store).transaction((tx) => post(tx, books.node, each)),
      ),
    )
    writing = false
    await Promise.all(ticking)
    await tick(books)
    await other.close()
    const { programmes } = books.store.read.tables
    await books.store.transaction((tx) => tx.update(programmes).set({ available: 80_200 }))
    expect(await audit(books)).toMatchObject({ ok: true, leaves: 400 })
  })

  const still = { amount: 0, postings: [] }
  const pair = async (id: string) => {
    const [held] = await issue(books, 1)
    const move = ['fund_bank', 'fund_bank'] as const
    const first = drawUp(books.node, stepOf(books, held!, 'voucher.suspend', move, still))
    const next = { ...held!, version: 2, last: first.hash }
    const resume = stepOf(books, next, 'voucher.resume', move, still)
    return { first, second: drawUp(books.node, { ...resume, ...(id && { id }) }) }
  }
  const size = async () => (await logState(books.store.read, origin))?.size
  const kinds = async () => (await audit(books)).kinds

  it('let a leaf wait until the one before it is logged', async () => {
    const { first, second } = await pair('')
    await books.store.transaction((tx) => book(tx, second))
    await tick(books)
    expect(await size()).toBe(2)
    expect(await receiptOf(books.store.read, second.entry.id)).toBeUndefined()
    expect(await backlog(books.store.read)).toMatchObject({ depth: 1 })
    await books.store.transaction((tx) => book(tx, first))
    await tick(books)
    expect(await size()).toBe(4)
    expect(await receiptOf(books.store.read, second.entry.id)).toBeDefined()
    expect(await kinds()).toMatchObject({ 'voucher.suspend': 1, 'voucher.resume': 1 })
  })

  it('log a chain in its order however its ids sort', async () => {
    const { first, second } = await pair('00000000-0000-7000-8000-000000000001')
    await books.store.transaction(async (tx) => {
      await book(tx, second)
      await book(tx, first)
    })
    await tick(books)
    const { findings, leaves } = await audit(books)
    expect(leaves).toBe(4)
    // Only the rows lag behind, which this test did not write.
    expect(findings.map(({ message }) => message)).toEqual([
      'row has version 1',
      'row does not name its latest leaf',
    ])
  })
})
