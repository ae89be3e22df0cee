import { and, asc, desc, eq, gte, inArray, isNull, lt, or, sql } from 'drizzle-orm'

import { subtreeRange } from '../../identity/organisation-rules.ts'
import type { Reader, Tx } from '../../store/store.ts'

/** Programmes that one answer has, at the most: the newest. */
const programmesAtMost = 50

/** How a programme's money stood at a month's end, in fen. */
export interface BudgetMonth {
  /** `YYYY-MM` of the union's time zone. */
  readonly month: string
  readonly available: number
  /** In vouchers that are open, and reserved for stock. */
  readonly committed: number
  /** Redeemed, less what was undone. */
  readonly consumed: number
}

/** A programme's money, month by month; the last month is how it stands. */
export interface BudgetBurn {
  readonly programme: Tx['tables']['programmes']['$inferSelect']
  readonly months: readonly BudgetMonth[]
}

/** What became of the money of the programmes within `paths`, from roll-ups of their entries. */
export async function budgetBurn(reader: Reader, paths: readonly string[]): Promise<BudgetBurn[]> {
  const programmes = await programmesWithin(reader, paths)
  const ids = programmes.map(({ id }) => id)
  if (ids.length === 0) return []
  const { budgetDays: b, funnelSums: f, organisations: o } = reader.tables
  const month = sql<string>`substr(${b.day}, 1, 7)`
  const booked = await reader
    .select({
      ...{ programmeId: b.programmeId, month, account: b.account },
      amount: sql`sum(${b.amount})`.mapWith(Number),
    })
    .from(b)
    .where(inArray(b.programmeId, ids))
    .groupBy(b.programmeId, month, b.account)
  const used = await reader
    .select({
      ...{ programmeId: f.programmeId, month: sql<string>`substr(${f.day}, 1, 7)` },
      amount: sql`sum(${f.redeemedAmount} - ${f.reversedAmount})`.mapWith(Number),
    })
    .from(f)
    .innerJoin(o, eq(o.code, f.orgCode))
    .where(and(isNull(o.parentCode), inArray(f.programmeId, ids)))
    .groupBy(f.programmeId, sql`substr(${f.day}, 1, 7)`)
  return programmes.map((programme) => {
    const own = <Row extends { programmeId: string }>(rows: readonly Row[]) =>
      rows.filter(({ programmeId }) => programmeId === programme.id)
    return { programme, months: monthsOf(own(booked), own(used)) }
  })
}

interface Booked {
  readonly month: string
  readonly account: string
  readonly amount: number
}

function monthsOf(
  booked: readonly Booked[],
  used: readonly Omit<Booked, 'account'>[],
): BudgetMonth[] {
  const names = [...new Set([...booked, ...used].map(({ month }) => month))].sort()
  const until = (name: string, rows: readonly Omit<Booked, 'account'>[]) =>
    rows.filter(({ month }) => month <= name).reduce((sum, { amount }) => sum + amount, 0)
  const of = (...accounts: string[]) => booked.filter(({ account }) => accounts.includes(account))
  return names.map((month) => ({
    month,
    available: 0 - until(month, of('budget_available')),
    committed: 0 - until(month, of('voucher_liability', 'stock_reserved')),
    consumed: until(month, used),
  }))
}

function programmesWithin(reader: Reader, paths: readonly string[]) {
  const { programmes: p, organisations: o } = reader.tables
  if (paths.length === 0) return Promise.resolve([])
  const below = paths.map((path) => {
    const { from, to } = subtreeRange(path)
    return and(gte(o.path, from), lt(o.path, to))
  })
  return reader
    .select({ programme: p })
    .from(p)
    .innerJoin(o, eq(o.code, p.orgCode))
    .where(or(...below))
    .orderBy(desc(p.createdAt), asc(p.id))
    .limit(programmesAtMost)
    .then((rows) => rows.map(({ programme }) => programme))
}
