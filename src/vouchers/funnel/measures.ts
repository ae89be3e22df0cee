import { getTableColumns, type SQL, sql } from 'drizzle-orm'

import type { Tx } from '../../store/store.ts'

type Row = Tx['tables']['funnelDays']['$inferSelect']

/** What a funnel counts, in the order in which it happens; amounts in fen. */
export const measureNames = [
  'issued',
  'claimed',
  'redeemed',
  'reversed',
  'returned',
  'voided',
  'expired',
  'settled',
  'redeemedAmount',
  'reversedAmount',
  'settledAmount',
] as const

export type Measure = (typeof measureNames)[number]
export type Measures = Record<Measure, number>

/** Where something is counted: `day` in the union's zone; `storeId` '' for none. */
export type Place = Pick<Row, 'day' | 'programmeId' | 'benefitId' | 'orgCode' | 'storeId'>

/** Nothing of anything. */
export const nothing = (): Measures =>
  Object.fromEntries(measureNames.map((name) => [name, 0])) as Measures

/** Adds up figures by what they have in common. */
export class Tally<Key extends object> {
  readonly #rows = new Map<string, Key & Measures>()

  add(key: Key, measures: Partial<Measures>): void {
    const name = JSON.stringify(Object.values(key))
    const row = this.#rows.get(name) ?? { ...key, ...nothing() }
    const figures: Measures = row
    for (const [measure, more] of Object.entries(measures)) figures[measure as Measure] += more
    this.#rows.set(name, row)
  }

  /** By key, so that whoever writes them takes their locks in the same order. */
  rows(): (Key & Measures)[] {
    const sorted = [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1))
    return sorted.map(([, row]) => row)
  }
}

/** Sums of every measure, under its own name, for a select over `table`. */
export function sumsOf(table: Tx['tables']['funnelDays' | 'funnelSums' | 'funnelTotals']) {
  const columns = getTableColumns(table)
  const sums = measureNames.map((name) => {
    return [name, sql<number>`coalesce(sum(${columns[name]}), 0)`.mapWith(Number)]
  })
  return Object.fromEntries(sums) as Record<Measure, SQL<number>>
}
