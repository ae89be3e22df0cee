import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { toBase64url } from '../../src/base/bytes.ts'
import { bucketOf } from '../../src/base/id.ts'
import { receiptOf } from '../../src/ledger/receipt.ts'
import { servedCheckpoint } from '../../src/ledger/static-log.ts'
import { voucherDigest } from '../../src/ledger/voucher-digest.ts'
import { engines } from '../support/engines.ts'
import {
  audit,
  type Books,
  close,
  entry,
  type Held,
  issue,
  openBooks,
  origin,
  redeem,
  reverse,
  stepOf,
  tellStory,
  write,
} from './books.ts'

const redeemed = ['voucher_liability', 'merchant_payable'] as const

describe.each(engines)('the auditor on %s', (engine) => {
  let books: Books
  let held: Held[]
  beforeEach(async () => {
    books = await openBooks(engine)
    held = await tellStory(books)
  })
  afterEach(() => books.store.close())

  /** What is found, as `check@index`. */
  const found = async () => {
    const { findings } = await audit(books)
    return findings.map(({ check, index }) => (index === undefined ? check : `${check}@${index}`))
  }

  it('finds nothing wrong with an honest log, and balances its accounts', async () => {
    const { trialBalance, ...report } = await audit(books)
    expect(report).toMatchObject({ ok: true, found: 0, leaves: 10, vouchers: 12, origin })
    expect(trialBalance).toEqual({
      'prg-1': {
        fund_bank: 60_000,
        budget_available: -15_000,
        voucher_liability: -20_000,
        merchant_payable: -25_000,
      },
    })
  })

  it('takes every kind of ending', async () => {
    await close(books, [held[9]!], 'voucher.expire')
    const { findings } = await audit(books)
    expect(findings.map(({ check }) => check)).toEqual(['budget']) // books.ts keeps no sum
  })

  it('follows vouchers of several uses', async () => {
    const [twice] = await issue(books, 1, 2)
    for (const _ of [1, 2]) {
      const step = stepOf(books, twice!, 'voucher.redeem', redeemed)
      twice!.last = await write(books, step)
      twice!.version++
    }
    // The rows were not written; the log itself is in order.
    expect(new Set(await found())).toEqual(new Set(['voucher@13']))
    await write(books, stepOf(books, twice!, 'voucher.redeem', redeemed))
    expect(await found()).toContain('voucher@14')
  })

  it('holds the log to older checkpoints and to receipts', async () => {
    const since = (await servedCheckpoint(books.store.read, origin))!
    const { journalEntries } = books.store.read.tables
    const [first] = await books.store.read.select().from(journalEntries)
    const receipt = (await receiptOf(books.store.read, first!.id))!
    await redeem(books, held[10]!)
    expect(await audit(books, { since, receipts: [receipt] })).toMatchObject({ ok: true })

    const other = await openBooks(engine)
    await tellStory(other)
    // Signed by another key: not ours to be held to.
    const strange = (await servedCheckpoint(other.store.read, origin))!
    const refused = await audit(books, { since: strange })
    expect(refused.findings).toMatchObject([{ check: 'since' }])
    const cut = await audit(books, { receipts: [receipt.slice(0, -20)] })
    expect(cut.findings).toMatchObject([{ check: 'receipt' }])
    await other.store.close()
  })

  it('finds a voucher that was never issued', async () => {
    const forged = { id: 'ab'.repeat(16), version: 1, last: held[0]!.last }
    await write(books, stepOf(books, forged, 'voucher.redeem', redeemed))
    expect(await found()).toEqual(['voucher@10'])
  })

  it('finds a second redemption', async () => {
    const again = stepOf(books, held[0]!, 'voucher.redeem', redeemed)
    const hash = await write(books, again)
    const { findings } = await audit(books)
    expect(findings[0]).toEqual({
      check: 'voucher',
      index: 10,
      message: 'redeemed again: nothing was left of the voucher',
    })
    expect(hash).toHaveLength(32)
  })

  it('finds a redemption that forks the voucher’s history', async () => {
    const old = { id: held[0]!.id, version: 1, last: held[11]!.last }
    await write(books, stepOf(books, old, 'voucher.redeem', redeemed))
    const { findings } = await audit(books)
    expect(findings.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        'voucher.redeem has sv 2, expected 3',
        "voucher.redeem does not follow the voucher's leaf before it",
      ]),
    )
  })

  it('finds a redemption that moves the wrong accounts', async () => {
    const wrong = ['budget_available', 'merchant_payable'] as const
    await write(books, stepOf(books, held[11]!, 'voucher.redeem', wrong))
    const { findings, firstBad } = await audit(books)
    expect(firstBad).toBe(10)
    expect(findings[0]).toMatchObject({ check: 'postings', index: 10 })
  })

  it('finds a redemption of more than the voucher is worth', async () => {
    const step = stepOf(books, held[11]!, 'voucher.redeem', redeemed, {
      amount: 6000,
      postings: [
        { account: 'voucher_liability', amount: 6000 },
        { account: 'merchant_payable', amount: -6000, merchantId: 'm1' },
      ],
    })
    await write(books, step)
    expect(await found()).toContain('voucher@10')
  })

  it.each([
    [
      'a reversal without a redemption',
      11,
      'voucher.reverse',
      ['merchant_payable', 'voucher_liability'],
    ],
    ['a redemption of a recalled voucher', 6, 'voucher.redeem', redeemed],
    ['a resumption of what was not suspended', 11, 'voucher.resume', ['fund_bank', 'fund_bank']],
  ] as const)('finds %s', async (_, n, kind, move) => {
    const each = held[n]!
    const [row] = await books.store.read.rows<{ hash: Uint8Array; version: number }>(
      sql`select last_leaf as hash, version from vouchers
        where bucket = ${bucketOf(each.id)} and id = ${each.id}`,
    )
    const now = { id: each.id, version: row!.version, last: row!.hash }
    const still = kind === 'voucher.resume' ? { amount: 0, postings: [] } : {}
    await write(books, stepOf(books, now, kind, move, still))
    expect(await found()).toContain('voucher@10')
  })

  it('finds money from nowhere, unknown kinds and times that run backwards', async () => {
    await write(books, entry(books, 'stock.close', 7, ['stock_reserved', 'budget_available']))
    await write(books, entry(books, 'budget.conjure', 7, ['fund_bank', 'budget_available']))
    const old = entry(books, 'budget.allocate', 7, ['fund_bank', 'budget_available'])
    await write(books, { ...old, at: books.now - 600_000 })
    const all = await found()
    expect(all).toEqual(expect.arrayContaining(['kind@11', 'time@12', 'conservation', 'budget']))
  })

  it('finds one issued anew in the place of a voucher that stands, or a second time', async () => {
    const anew = (id: string, { id: old, last }: { id: string; last: Uint8Array }) =>
      entry(books, 'voucher.reissue', 5000, ['budget_available', 'voucher_liability'], {
        ...{ bucket: bucketOf(id), voucher: { id, version: 1, prev: last } },
        fields: { of: toBase64url(voucherDigest(old)) },
      })
    const messages = async () => (await audit(books)).findings.map(({ message }) => message)
    const stands = 'voucher.reissue in place of a voucher that is neither void nor expired'
    const gone = held[10]!
    await write(books, anew('ab'.repeat(16), gone))
    expect(await messages()).toContain(stands)
    const before = gone.last
    gone.last = await write(
      books,
      stepOf(books, gone, 'voucher.void', ['voucher_liability', 'budget_available']),
    )
    await write(books, anew('cd'.repeat(16), gone))
    const twice = 'voucher.reissue in place of one that was followed'
    const broken = 'voucher.reissue does not follow the last leaf of the voucher it replaces'
    expect(await messages()).toContain(twice)
    expect(await messages()).not.toContain(broken)
    await write(books, anew('ef'.repeat(16), { ...gone, last: before }))
    expect(await messages()).toContain(broken)
  })

  it('finds a reversal undone twice', async () => {
    await reverse(books, held[0]!)
    expect(await audit(books)).toMatchObject({ ok: true })
    const twice = stepOf(books, held[0]!, 'voucher.reverse', [
      'merchant_payable',
      'voucher_liability',
    ])
    await write(books, twice)
    expect(await found()).toContain('voucher@11')
  })
})
