import { and, desc, eq, gte, inArray, isNull, or, sql } from 'drizzle-orm'

import { day, hour, type Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'
import type { Redemption } from './redeem.ts'

/** What a terminal took today, in China's day. */
export interface Takings {
  readonly redemptions: number
  readonly reversals: number
  /** Fen, net of reversals. */
  readonly amount: number
}

/** How many redemptions a terminal made today, and what they come to. */
export async function takingsToday(
  reader: Reader,
  { terminalId, now }: { readonly terminalId: string; readonly now: Instant },
): Promise<Takings> {
  const { redemptions: r } = reader.tables
  const rows = await reader
    .select({
      state: r.state,
      n: sql<number>`count(*)`,
      sum: sql<number>`cast(sum(${r.amount}) as bigint)`,
    })
    .from(r)
    .where(madeToday(reader, terminalId, now))
    .groupBy(r.state)
  const of = (state: string) => rows.find((row) => row.state === state)
  return {
    redemptions: Number(of('committed')?.n ?? 0),
    reversals: Number(of('reversed')?.n ?? 0),
    amount: Number(of('committed')?.sum ?? 0),
  }
}

/** The redemptions that a terminal made today, latest first, `limit` at the most. */
export async function redemptionsToday(
  reader: Reader,
  { terminalId, now, limit }: { terminalId: string; now: Instant; limit: number },
): Promise<Redemption[]> {
  const { redemptions: r } = reader.tables
  return reader
    .select()
    .from(r)
    .where(madeToday(reader, terminalId, now))
    .orderBy(desc(r.redeemedAt), desc(r.id))
    .limit(limit)
}

/** By the terminal's shifts: their index leads to the few rows that are meant. */
function madeToday(reader: Reader, terminalId: string, now: Instant) {
  const { redemptions: r, shifts: s } = reader.tables
  const midnight = Math.floor((now + 8 * hour) / day) * day - 8 * hour
  const lately = reader
    .select({ id: s.id })
    .from(s)
    .where(and(eq(s.terminalId, terminalId), or(isNull(s.closedAt), gte(s.closedAt, midnight))))
  return and(inArray(r.shiftId, lately), gte(r.redeemedAt, midnight))
}
