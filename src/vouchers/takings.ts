import { and, desc, eq, gte, inArray, isNull, or, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { dayIn, midnightOf } from '../benefits/criteria/zone.ts'
import { type Totals, totalsOf } from '../merchants/totals.ts'
import type { Reader } from '../store/store.ts'
import type { Redemption } from './redeem.ts'

const zone = 'Asia/Shanghai'

/** What a terminal took today, in China's day. */
export function takingsToday(
  reader: Reader,
  { terminalId, now }: { readonly terminalId: string; readonly now: Instant },
): Promise<Totals> {
  return totalsOf(reader, madeToday(reader, terminalId, now))
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

/**
 * By the terminal's shifts, and by the printed code of its store, which has none of its own: the
 * index of shifts leads to the few rows that are meant.
 */
function madeToday(reader: Reader, terminalId: string, now: Instant) {
  const { redemptions: r, shifts: s, terminals: t } = reader.tables
  const midnight = midnightOf(dayIn(zone, now), zone)
  const lately = reader
    .select({ id: s.id })
    .from(s)
    .where(and(eq(s.terminalId, terminalId), or(isNull(s.closedAt), gte(s.closedAt, midnight))))
  const printed = reader
    .select({ id: sql<string>`'store:' || ${t.storeId}` })
    .from(t)
    .where(eq(t.id, terminalId))
  const here = or(inArray(r.shiftId, lately), inArray(r.shiftId, printed))
  return and(here, gte(r.redeemedAt, midnight))
}
