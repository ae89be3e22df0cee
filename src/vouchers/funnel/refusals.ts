import { and, asc, eq, gt, lte, sql } from 'drizzle-orm'

import { type Instant, minute } from '../../base/clock.ts'
import { unionZone } from '../../benefits/criteria/month.ts'
import { dayIn } from '../../benefits/criteria/zone.ts'
import type { Reader, Tx } from '../../store/store.ts'
import { moveCursor } from './roll-up.ts'

const name = 'refusals'
const refusalsAtOnce = 2000

/**
 * Refusals are counted when they are this old: their ids are in the order of clocks, not of
 * commits, and none may come in behind the cursor.
 */
export const refusalLagMs = minute

type RefusalDay = Tx['tables']['refusalDays']['$inferSelect']

/** Refusals behind the cursor, by day, store and code. */
export interface RefusalStep {
  readonly from: string
  readonly to: string
  readonly days: readonly RefusalDay[]
}

/** Reads the next refusals that are old enough; none when all are counted. */
export async function nextRefusals(reader: Reader, now: Instant): Promise<RefusalStep | undefined> {
  const { refusedRedemptions: r, rollUps: c } = reader.tables
  const [cursor] = await reader.select().from(c).where(eq(c.name, name))
  const from = cursor?.position ?? '0'
  const rows = await reader
    .select({ id: r.id, storeId: r.storeId, code: r.code, at: r.at })
    .from(r)
    .where(and(gt(r.id, from), lte(r.at, now - refusalLagMs)))
    .orderBy(asc(r.id))
    .limit(refusalsAtOnce)
  const last = rows.at(-1)
  if (!last) return undefined
  const days = new Map<string, RefusalDay>()
  for (const { storeId, code, at } of rows) {
    const day = dayIn(unionZone, at)
    const key = `${day} ${storeId} ${code}`
    days.set(key, { day, storeId, code, count: (days.get(key)?.count ?? 0) + 1 })
  }
  const sorted = [...days].sort(([a], [b]) => (a < b ? -1 : 1))
  return { from, to: last.id, days: sorted.map(([, row]) => row) }
}

/** Counts them, and moves the cursor; false where another instance has. */
export async function countRefusals(tx: Tx, { from, to, days }: RefusalStep): Promise<boolean> {
  if (!(await moveCursor(tx, name, from, to))) return false
  const { refusalDays: d } = tx.tables
  await tx
    .insert(d)
    .values([...days])
    .onConflictDoUpdate({
      target: [d.day, d.storeId, d.code],
      set: { count: sql`${d.count} + excluded.count` },
    })
  return true
}
