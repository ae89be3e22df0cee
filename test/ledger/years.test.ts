import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { toBase64url, utf8 } from '../../src/base/bytes.ts'
import { newId } from '../../src/base/id.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../../src/formats/tlog/receipt.ts'
import { verifyEd25519 } from '../../src/keys/ed25519.ts'
import { keyFolderOf } from '../../src/keys/keyring.ts'
import { writeLogKey } from '../../src/keys/log-keys.ts'
import { exportLog } from '../../src/ledger/export-log.ts'
import { directorySource } from '../../src/ledger/file-sources.ts'
import { appendAtOnce, holdLog } from '../../src/ledger/integrate.ts'
import { post } from '../../src/ledger/journal.ts'
import { databaseSources } from '../../src/ledger/log-source.ts'
import { allLogs, logState, openLog } from '../../src/ledger/log-state.ts'
import { receiptOf } from '../../src/ledger/receipt.ts'
import { rollLog } from '../../src/ledger/roll.ts'
import { trialBalance } from '../../src/ledger/trial-balance.ts'
import { verifyLogs } from '../../src/ledger/verify.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import { engines } from '../support/engines.ts'
import {
  audit,
  type Books,
  entry,
  type Held,
  openBooks,
  origin,
  policyOf,
  redeem,
  reverse,
  stepOf,
  tellStory,
  tick,
  write,
} from './books.ts'

const later = 'ledger.example.org/t/2027'
const allocate = ['fund_bank', 'budget_available'] as const

/** Closes the year, honestly. */
async function newYear(books: Books) {
  books.now += 1000
  const next = writeLogKey(keyFolderOf(books.data), later)
  const { keyOf, now, engine } = books
  const given = { keyOf, next, now, shared: engine === 'postgres' }
  return books.store.transaction((tx) => rollLog(tx, books.node, given))
}

/** Closes the year as an operator may who has written another program. */
async function dishonestYear(
  books: Books,
  lies: {
    readonly close?: false | object
    readonly open?: false | object
  },
) {
  books.now += 1000
  const next = writeLogKey(keyFolderOf(books.data), later)
  const { store, node, keyOf, now } = books
  await store.transaction(async (tx) => {
    await holdLog(tx)
    const append = async (kind: string, fields: object) => {
      const id = newId(now)
      await post(tx, node, { id, kind, bucket: 0, at: now, fields: { ...fields } })
      await appendAtOnce(tx, keyOf, id, now)
    }
    const closing = { b: await trialBalance(tx), next: next.vkey }
    if (lies.close !== false) await append('log.close', { ...closing, ...lies.close })
    const { checkpoint } = (await logState(tx, origin))!
    const [, size, root] = checkpoint.split('\n')
    await tx.update(tx.tables.logState).set({ closedAt: now })
    await openLog(tx, next, now)
    const after = toBase64url(Buffer.from(root!, 'base64'))
    const opening = { after: origin, size: Number(size), root: after }
    if (lies.open !== false) await append('log.open', { ...opening, ...lies.open })
  })
}

describe.each(engines)('the logs of two years on %s', (engine) => {
  let books: Books
  let held: Held[]
  beforeEach(async () => {
    books = await openBooks(engine)
    held = await tellStory(books)
  })
  afterEach(() => books.store.close())

  /** What is found of the years, as `index of year: message`. */
  const found = async () => {
    const { findings, ok } = await audit(books)
    expect(ok).toBe(findings.length === 0)
    return findings
      .filter(({ check }) => check === 'year')
      .map(({ log, index, message }) => `${index ?? ''} ${log?.slice(-4) ?? ''} ${message}`)
  }
  const another = () => write(books, entry(books, 'budget.allocate', 0, allocate))

  it('are one history: vouchers, balances and receipts go on', async () => {
    const rolled = (await newYear(books))!
    expect(rolled).toMatchObject({ closed: origin, size: 11, opened: later })
    await redeem(books, held[10]!) // issued last year
    await reverse(books, held[0]!) // redeemed last year
    await redeem(books, held[0]!)
    const report = await audit(books)
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ ok: true, leaves: 15, vouchers: 12, origin: later })
    expect(report.logs.map(({ origin: name, size }) => [name, size])).toEqual([
      [origin, 11],
      [later, 4],
    ])
    expect(report.kinds).toMatchObject({ 'log.close': 1, 'log.open': 1, 'voucher.redeem': 8 })
    expect(await newYear2(books)).toBeUndefined()

    const { journalEntries } = books.store.read.tables
    const entries = await books.store.read.select().from(journalEntries)
    const policy = parsePolicy(
      sha256,
      utf8(`log ${books.key.vkey}\nlog ${rolled.vkey}\nquorum none\n`),
    )
    const origins = new Set<string>()
    const receipts = await Promise.all(entries.map(({ id }) => receiptOf(books.store.read, id)))
    for (const receipt of receipts) {
      const opened = await verifyReceipt(sha256, verifyEd25519, policy, parseReceipt(receipt!))
      origins.add(opened.checkpoint.origin)
    }
    expect([...origins].sort()).toEqual([origin, later])
    // Each receipt is held against the log that it is of; whoever knows the old key alone learns
    // the new one from the old log.
    expect(await audit(books, { receipts: receipts.map((one) => one!) })).toMatchObject({
      ok: true,
    })
  })

  it('are verified as static files too, and the later one alone is not called tampered', async () => {
    await newYear(books)
    await redeem(books, held[10]!)
    const folders: string[] = []
    for (const log of [origin, later]) {
      const to = mkdtempSync(join(tmpdir(), 'symbolon-year-'))
      await readSnapshot(books.location, (reader) => exportLog(reader, log, to))
      folders.push(to)
    }
    const [old, young] = folders.map(directorySource)
    expect(await verifyLogs([old!, young!], policyOf(books))).toMatchObject({
      ok: true,
      leaves: 13,
    })
    expect(await verifyLogs([old!], policyOf(books))).toMatchObject({ ok: true, leaves: 11 })
    const both = parsePolicy(
      sha256,
      utf8(`log ${books.key.vkey}\nlog ${books.keyOf(later).vkey}\nquorum none\n`),
    )
    await expect(verifyLogs([young!], both)).rejects.toThrow(/follows .*2026: give that one too/)
    expect(await verifyLogs([young!], both, { treeOnly: true })).toMatchObject({ ok: true })
    const swapped = await verifyLogs([old!, old!], both)
    expect(swapped.ok).toBe(false)
  })

  it('let nothing stand behind log.close', async () => {
    await newYear(books)
    const { store } = books
    const open = (log: string) =>
      store.transaction(async (tx) => {
        await tx.update(tx.tables.logState).set({
          closedAt: sql`case when log = ${log} then null else cast(${books.now} as bigint) end`,
        })
      })
    await open(origin)
    await another()
    await open(later)
    expect(await found()).toContain('11 2026 leaf stands behind log.close')
    expect((await audit(books)).firstBadLog).toBe(origin)
  })

  it('are noticed without log.open, or with a second one', async () => {
    await dishonestYear(books, { open: false })
    await another()
    expect(await found()).toEqual(['0 2027 log does not begin with log.open'])
    await write(books, { ...entry(books, 'log.open', 0, []), amount: undefined! })
    expect(await found()).toContain('1 2027 log.open is not the first leaf')
  })

  it.each([
    ['root', { root: toBase64url(new Uint8Array(32)) }],
    ['size', { size: 10 }],
    ['log', { after: 'ledger.example.org/t/2025' }],
  ])('are noticed where log.open names another %s', async (_, open) => {
    await dishonestYear(books, { open })
    expect(await found()).toEqual(['0 2027 log.open names another end of the log before'])
  })

  it('are noticed where the old one was not closed, or not for this one', async () => {
    await dishonestYear(books, { close: false })
    const both = `${origin} was not closed, and ${later} follows it`
    // Nobody has announced its key, so that the policy must name it.
    const policy = parsePolicy(
      sha256,
      utf8(`log ${books.key.vkey}\nlog ${books.keyOf(later).vkey}\nquorum none\n`),
    )
    const { findings } = await verifyLogs(await databaseSources(books.store.read), policy)
    expect(findings.map(({ message }) => message)).toEqual([
      both,
      'no key signed it that log.close or a key.rotate announces',
    ])
    expect((await audit(books)).findings).toMatchObject([{ check: 'checkpoint' }, {}])
  })

  it('are noticed where log.close states another balance or announces another key', async () => {
    const other = await openBooks('sqlite')
    await dishonestYear(books, { close: { b: [], next: other.key.vkey } })
    await other.store.close()
    const { findings } = await audit(books)
    expect(findings).toMatchObject([
      { check: 'conservation', index: 10 },
      { check: 'year', message: 'log.close announces the log itself', index: 10 },
      { check: 'checkpoint' },
    ])
  })

  it('are noticed where a row was moved between them', async () => {
    await newYear(books)
    await redeem(books, held[10]!)
    const tampered = async (query: ReturnType<typeof sql>) => {
      const checks = await books.store
        .transaction(async (tx) => {
          await tx.rows(query)
          const policy = policyOf(books)
          const sources = await databaseSources(tx)
          const report = await verifyLogs(sources, policy, { database: tx })
          throw new Told(report.findings.map(({ check, message }) => `${check}: ${message}`))
        })
        .catch((error: unknown) => {
          if (error instanceof Told) return error.findings
          throw error
        })
      return checks
    }
    const twice = sql`insert into log_leaves (log, "index", bucket, entry_id, leaf_hash)
      select ${later}, 2, bucket, entry_id, leaf_hash from log_leaves
      where log = ${origin} and "index" = 3 returning entry_id`
    const said = await tampered(twice)
    expect(said.some((one) => one.startsWith('log_leaves: entry is in two logs'))).toBe(true)
    const reopened = sql`update log_state set closed_at = null returning log`
    expect(await tampered(reopened)).toContain('log_state: not one log is open')
    const shut = sql`update log_state set closed_at = closed_at + 7
      where closed_at is not null returning log`
    expect(await tampered(shut)).toContain('log_state: is closed at another time than by a leaf')
  })

  it('take a leaf whose prev is last year’s, and one that waited over New Year', async () => {
    const { store, node } = books
    const step = stepOf(books, held[10]!, 'voucher.suspend', allocate, { amount: 0, postings: [] })
    if (engine === 'postgres') {
      await store.transaction((tx) => post(tx, node, step))
      expect((await newYear(books))?.size).toBe(12) // drained before it was closed
    } else {
      await newYear(books)
      await write(books, step)
    }
    await tick(books)
    const logs = await allLogs(store.read)
    expect(logs.map(({ closedAt }) => closedAt === null)).toEqual([false, true])
    expect((await audit(books)).kinds).toMatchObject({ 'voucher.suspend': 1 })
    expect(await found()).toEqual([])
  })
})

/** Asked once more, with the same key: somebody has done it already. */
function newYear2(books: Books) {
  const next = books.keyOf(later)
  const { keyOf, now, engine } = books
  const given = { keyOf, next, now, shared: engine === 'postgres' }
  return books.store.transaction((tx) => rollLog(tx, books.node, given))
}

/** Ends a transaction that must leave nothing behind. */
class Told extends Error {
  readonly findings: readonly string[]
  constructor(findings: readonly string[]) {
    super('told')
    this.findings = findings
  }
}
