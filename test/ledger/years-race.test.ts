import { setTimeout as sleep } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { keyFolderOf } from '../../src/keys/keyring.ts'
import { writeLogKey } from '../../src/keys/log-keys.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { post } from '../../src/ledger/journal.ts'
import { rollLog } from '../../src/ledger/roll.ts'
import { openStore } from '../../src/store/open.ts'
import { audit, entry, openBooks, tick } from './books.ts'

const allocate = ['fund_bank', 'budget_available'] as const

it('loses nothing and logs nothing twice while two instances tick and both end the year', async () => {
  const books = await openBooks('postgres')
  const other = await openStore(books.location)
  const { node, keyOf, data } = books
  const stores = [books.store, other]
  const years = [2027, 2028, 2029].map((year) =>
    writeLogKey(keyFolderOf(data), `ledger.example.org/t/${year}`),
  )
  const posted = Array.from({ length: 600 }, (_, i) =>
    entry(books, 'budget.allocate', i + 1, allocate),
  )
  const at = books.now // they count seconds, and would be older than the closings
  let writing = true
  const ticking = stores.map(async (store) => {
    while (writing) {
      await store.transaction((tx) => integrate(tx, keyOf, books.now, { shared: true }))
    }
  })
  const rolls: unknown[] = []
  const rolling = async () => {
    for (const [i, next] of years.entries()) {
      await sleep(60)
      const given = { keyOf, next, now: books.now + i, shared: true }
      const both = stores.map((store) => store.transaction((tx) => rollLog(tx, node, given)))
      rolls.push(...(await Promise.all(both)).filter((one) => one !== undefined))
    }
  }
  const posting = stores.map(async (store, s) => {
    for (const [i, each] of posted.entries()) {
      if (i % 2 === s) await store.transaction((tx) => post(tx, node, { ...each, at }))
    }
  })
  await Promise.all([...posting, rolling()])
  writing = false
  await Promise.all(ticking)
  await tick(books)
  await other.close()
  expect(rolls).toHaveLength(3)
  const { programmes } = books.store.read.tables
  await books.store.transaction((tx) => tx.update(programmes).set({ available: 180_300 }))
  const report = await audit(books)
  expect(report.findings).toEqual([])
  expect(report.leaves).toBe(600 + 2 * 3)
  // Leaves were written into more than the last of them.
  expect(report.logs.filter(({ size }) => size > 2).length).toBeGreaterThan(1)
  await books.store.close()
})
