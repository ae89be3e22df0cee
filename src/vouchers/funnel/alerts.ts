import { and, desc, eq, gte, lt, lte, or, sql } from 'drizzle-orm'

import { day, type Instant } from '../../base/clock.ts'
import { unionZone } from '../../benefits/criteria/month.ts'
import { dayIn } from '../../benefits/criteria/zone.ts'
import { subtreeRange } from '../../identity/organisation-rules.ts'
import type { Reader } from '../../store/store.ts'
import { budgetBurn } from './budget.ts'

/** Below this share of what it once had, a budget or a stock is nearly gone. */
const nearlyGone = 0.1
/** A store is told of from so many reversals in seven days that are more than a tenth. */
const manyReversals = 3
const alertsAtMost = 20

/** Something that somebody should look at. `left`, `of`: fen of a budget, units, acts. */
export interface Alert {
  readonly kind: 'budget_low' | 'stock_low' | 'approval_waiting' | 'many_reversals'
  /** Of the programme, benefit, batch or store. */
  readonly id: string
  /** The programme's or store's name; none where it is looked up by the id. */
  readonly name?: string
  readonly left?: number
  readonly of?: number
  readonly at?: Instant
}

/** What deserves a look within `paths`, the most pressing kinds first. */
export async function alertsWithin(
  reader: Reader,
  paths: readonly string[],
  now: Instant,
): Promise<Alert[]> {
  if (paths.length === 0) return []
  return [
    ...(await waitingBatches(reader, paths)),
    ...(await lowBudgets(reader, paths, now)),
    ...(await lowStocks(reader, paths)),
    ...(await reversingStores(reader, paths, now)),
  ]
}

/** Refusals within `paths` by code, the most frequent first. */
export async function topRefusals(
  reader: Reader,
  { paths, from, to }: { paths: readonly string[]; from: string; to: string },
): Promise<{ code: string; count: number }[]> {
  const { refusalDays: d, stores: s, merchants: m, organisations: o } = reader.tables
  if (paths.length === 0) return []
  const count = sql`sum(${d.count})`.mapWith(Number)
  return reader
    .select({ code: d.code, count })
    .from(d)
    .innerJoin(s, eq(s.id, d.storeId))
    .innerJoin(m, eq(m.id, s.merchantId))
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(and(gte(d.day, from), lte(d.day, to), within(reader, paths)))
    .groupBy(d.code)
    .orderBy(desc(sql`sum(${d.count})`), d.code)
    .limit(alertsAtMost)
}

async function waitingBatches(reader: Reader, paths: readonly string[]): Promise<Alert[]> {
  const { batches: b, organisations: o } = reader.tables
  const rows = await reader
    .select({ id: b.id, at: b.createdAt })
    .from(b)
    .innerJoin(o, eq(o.code, b.orgCode))
    .where(and(eq(b.state, 'submitted'), within(reader, paths)))
    .orderBy(b.id)
    .limit(alertsAtMost)
  return rows.map((row) => ({ kind: 'approval_waiting', ...row }))
}

async function lowBudgets(
  reader: Reader,
  paths: readonly string[],
  now: Instant,
): Promise<Alert[]> {
  const burn = await budgetBurn(reader, paths)
  return burn.flatMap(({ programme: { id, nameZh, periodTo }, months }): Alert[] => {
    const last = months.at(-1)
    if (!last || periodTo <= now) return []
    const of = last.available + last.committed + last.consumed
    if (of <= 0 || last.available >= of * nearlyGone) return []
    return [{ kind: 'budget_low', id, name: nameZh, left: last.available, of }]
  })
}

async function lowStocks(reader: Reader, paths: readonly string[]): Promise<Alert[]> {
  const { quotas: q, benefits: b, programmes: p, organisations: o } = reader.tables
  const rows = await reader
    .select({ id: b.id, total: q.total, used: q.used })
    .from(q)
    .innerJoin(b, eq(b.id, q.benefitId))
    .innerJoin(p, eq(p.id, b.programmeId))
    .innerJoin(o, eq(o.code, p.orgCode))
    .where(
      and(
        eq(q.scope, 'total'),
        eq(b.state, 'published'),
        sql`${q.total} > 0 and (${q.total} - ${q.used}) * 10 < ${q.total}`,
        within(reader, paths),
      ),
    )
    .limit(alertsAtMost)
  return rows.map(({ id, total, used }) => ({
    kind: 'stock_low',
    id,
    left: total - used,
    of: total,
  }))
}

async function reversingStores(
  reader: Reader,
  paths: readonly string[],
  now: Instant,
): Promise<Alert[]> {
  const { funnelDays: f, stores: s, merchants: m, organisations: o } = reader.tables
  const reversed = sql`sum(${f.reversed})`.mapWith(Number)
  const redeemed = sql`sum(${f.redeemed})`.mapWith(Number)
  const rows = await reader
    .select({ id: s.id, name: s.name, left: reversed, of: redeemed })
    .from(s)
    .innerJoin(f, eq(f.storeId, s.id))
    .innerJoin(m, eq(m.id, s.merchantId))
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(and(gte(f.day, dayIn(unionZone, now - 6 * day)), within(reader, paths)))
    .groupBy(s.id, s.name)
    .having(
      sql`sum(${f.reversed}) >= ${manyReversals} and sum(${f.reversed}) * 10 > sum(${f.redeemed})`,
    )
    .orderBy(desc(sql`sum(${f.reversed})`))
    .limit(alertsAtMost)
  return rows.map((row) => ({ kind: 'many_reversals', ...row }))
}

function within(reader: Reader, paths: readonly string[]) {
  const { organisations: o } = reader.tables
  const below = paths.map((path) => {
    const { from, to } = subtreeRange(path)
    return and(gte(o.path, from), lt(o.path, to))
  })
  return or(...below)
}
