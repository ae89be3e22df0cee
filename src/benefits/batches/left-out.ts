import { and, asc, eq, gt, sql } from 'drizzle-orm'

import type { Tables } from '../../store/schema/tables.ts'
import type { Reader } from '../../store/store.ts'
import type { Page } from '../page.ts'

/** Somebody whom a run left out. */
export type LeftOut = Tables['batchLeftOut']['$inferSelect']

/** How many a run left out, by reason. */
export async function leftOutOf(
  reader: Reader,
  batchId: string,
): Promise<Readonly<Record<string, number>>> {
  const { batchLeftOut: l } = reader.tables
  const rows = await reader.rows<{ reason: string; n: number }>(
    sql`select ${l.reason} as reason, count(*) as n from ${l}
      where ${eq(l.batchId, batchId)} group by ${l.reason} order by 1`,
  )
  return Object.fromEntries(rows.map(({ reason, n }) => [reason, n]))
}

/** Each of them in the order of their ids; the batch's scope is the caller's to check. */
export async function listLeftOut(
  reader: Reader,
  batchId: string,
  { after, limit }: Page,
): Promise<LeftOut[]> {
  const { batchLeftOut: l } = reader.tables
  return reader
    .select()
    .from(l)
    .where(and(eq(l.batchId, batchId), after ? gt(l.memberId, after) : undefined))
    .orderBy(asc(l.memberId))
    .limit(limit)
}
