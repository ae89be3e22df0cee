import { asc } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'

import { engines, freshStore } from '../support/engines.ts'

describe.each(engines)('rows that are added to those that are there, on %s', (engine) => {
  it('sum up by key, figure by figure, and are undone with their transaction', async () => {
    const store = await freshStore(engine)
    const { budgetDays: b } = store.read.tables
    const day = (day: string, amount: number) => {
      return { programmeId: 'p', day, account: 'budget_available' as const, amount }
    }
    const key = ['programmeId', 'day', 'account'] as const
    const add = { key, figures: ['amount'] as const }
    const rows = [day('2026-06-01', 5), day('2026-06-02', -7)]
    await store.transaction(async (tx) => {
      expect(await tx.insertMany(b, rows)).toBe(2)
      expect(await tx.insertMany(b, [...rows, day('2026-06-03', 2 ** 40)], { add })).toBe(3)
      expect(await tx.insertMany(b, [], { add })).toBe(0)
    })
    const refused = store.transaction(async (tx) => {
      await tx.insertMany(b, rows, { add })
      await tx.insertMany(b, rows)
    })
    await expect(refused).rejects.toThrow()
    const found = await store.read.select({ amount: b.amount }).from(b).orderBy(asc(b.day))
    expect(found.map(({ amount }) => amount)).toEqual([10, -14, 2 ** 40])
    await store.close()
  })
})
