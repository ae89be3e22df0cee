import { type SQL, sql } from 'drizzle-orm'

import type { Reader } from '../store/store.ts'

/** What redemptions come to. */
export interface Totals {
  /** Those that stand. */
  readonly redemptions: number
  readonly reversals: number
  /** Fen, net of reversals. */
  readonly amount: number
}

/** Adds up the redemptions that `which` names. */
export async function totalsOf(reader: Reader, which: SQL | undefined): Promise<Totals> {
  const { redemptions: r } = reader.tables
  const rows = await reader
    .select({
      state: r.state,
      n: sql<number>`count(*)`,
      sum: sql<number>`cast(sum(${r.amount}) as bigint)`,
    })
    .from(r)
    .where(which)
    .groupBy(r.state)
  const of = (state: string) => rows.find((row) => row.state === state)
  return {
    redemptions: of('committed')?.n ?? 0,
    reversals: of('reversed')?.n ?? 0,
    amount: of('committed')?.sum ?? 0,
  }
}
