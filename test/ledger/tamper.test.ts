import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { run as runLedger } from '../../src/cli/ledger.ts'
import type { Report } from '../../src/ledger/verify.ts'
import { engines } from '../support/engines.ts'
import { type Books, openBooks, origin, tellStory } from './books.ts'
import { copyOf, tamper } from './tampering.ts'

/** One change of each column: where, to what, and which checks may name it. */
const changes: readonly [table: string, column: string, to: string, where: string, at?: number][] =
  [
    ['journal_entries', 'bucket', 'bucket + 1', 'kind = $redeem', 2],
    ['journal_entries', 'id', "'019b7d5e-1c00-7000-8000-000000000001'", 'kind = $redeem', 2],
    ['journal_entries', 'kind', "'voucher.void'", 'kind = $redeem', 2],
    ['journal_entries', 'at', 'at + 1', 'kind = $redeem', 2],
    ['journal_entries', 'leaf', '$leaf', 'kind = $redeem', 2],
    ['journal_entries', 'leaf_hash', '$hash', 'kind = $redeem', 2],
    ['postings', 'bucket', 'bucket + 1', '$posting', 2],
    ['postings', 'entry_id', "'x'", '$posting', 2],
    ['postings', 'line', '7', '$posting', 2],
    ['postings', 'account', "'node_due_to'", '$posting', 2],
    ['postings', 'programme_id', "'another'", '$posting', 2],
    ['postings', 'merchant_id', "'m2'", '$posting'],
    ['postings', 'merchant_id', 'null', '$posting', 2],
    ['postings', 'amount', 'amount - 1', '$posting', 2],
    ['log_leaves', 'log', "'another'", '"index" = 3', 3],
    ['log_leaves', 'index', '77', '"index" = 3', 3],
    ['log_leaves', 'bucket', 'bucket + 1', '"index" = 3', 3],
    ['log_leaves', 'entry_id', "'x'", '"index" = 3', 3],
    ['log_leaves', 'leaf_hash', '$hash', '"index" = 3', 3],
    ['tiles', 'log', "'another'", '1 = 1', 0],
    ['tiles', 'level', '1', '1 = 1', 0],
    ['tiles', 'level', '9', '1 = 1', 0],
    ['tiles', 'n', '1', '1 = 1', 0],
    ['tiles', 'data', '$hash', '1 = 1'],
    ['log_state', 'log', "'another'", '1 = 1'],
    ['log_state', 'size', '9', '1 = 1'],
    ['log_state', 'frontier', '$hash', '1 = 1'],
    ['log_state', 'checkpoint', "replace(checkpoint, '10', '11')", '1 = 1'],
    ['log_state', 'at', '0', '1 = 1'],
    ['log_state', 'closed_at', '7', '1 = 1'],
    ['issued_lists', 'handles', '$hash', '1 = 1', 1],
    ['issued_lists', 'entry_id', "'x'", '1 = 1', 1],
    ['programmes', 'available', 'available + 1', '1 = 1'],
    ['vouchers', 'version', 'version + 1', "state = 'used'"],
    ['vouchers', 'state', "'void'", "state = 'used'"],
    ['vouchers', 'uses_left', '1', "state = 'used'"],
    ['vouchers', 'amount', 'amount + 1', "state = 'used'"],
    ['vouchers', 'amount', '1', "state = 'active'"],
    ['vouchers', 'amount', '0', "state = 'active'"],
    ['vouchers', 'last_leaf', '$hash', "state = 'used'"],
    ['redemptions', 'amount', '1', "state = 'committed'"],
    ['redemptions', 'merchant_id', "'m2'", "state = 'committed'"],
  ]

describe.each(engines)('symbolon ledger verify --db on %s', (engine) => {
  let books: Books
  let policy: string
  beforeAll(async () => {
    books = await openBooks(engine)
    await tellStory(books)
    policy = join(mkdtempSync(join(tmpdir(), 'symbolon-policy-')), 'policy.txt')
    writeFileSync(policy, `log ${books.key.vkey}\nquorum none\n`)
    await books.store.close()
  })

  const verify = async (url: string): Promise<[code: number, report: Report]> => {
    let out = ''
    let err = ''
    const code = await runLedger(['verify', '--policy', policy, '--db', url, '--json'], {
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
    })
    expect(err).toBe('')
    return [code, JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Report]
  }

  it('finds an untouched copy good', async () => {
    const [code, report] = await verify(await copyOf(books.location))
    expect(code).toBe(0)
    expect(report).toMatchObject({ ok: true, leaves: 10, origin })
  })

  it.each(changes)('finds %s.%s set to %s where %s', async (table, column, to, where, at) => {
    const url = await copyOf(books.location)
    await tamper(url, table, column, to, where)
    const [code, report] = await verify(url)
    expect(report.findings).not.toEqual([])
    expect(code).toBe(1)
    if (at !== undefined) expect(report.firstBad).toBe(at)
  })
})
