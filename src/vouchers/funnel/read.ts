import { and, asc, desc, eq, gte, inArray, lte, type SQL, sql } from 'drizzle-orm'

import type { Reader } from '../../store/store.ts'
import { type Measures, measureNames, nothing, sumsOf } from './measures.ts'

/** What of the funnel is asked for: organisations with all below them, and days of the union. */
export interface FunnelQuestion {
  readonly orgCodes: readonly string[]
  readonly programmeId?: string | undefined
  readonly benefitId?: string | undefined
  /** `YYYY-MM-DD`, both included. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** One row of a funnel: of an organisation, a benefit or a day, by `key`. */
export type FunnelRow = Measures & { readonly key: string }

/** Rows that one answer has, at the most. */
export const rowsAtMost = 400

/** The sums of all that is asked for. */
export async function funnelTotal(reader: Reader, asked: FunnelQuestion): Promise<Measures> {
  const f = tableFor(reader, asked)
  if (asked.orgCodes.length === 0) return nothing()
  const [row] = await reader.select(sumsOf(f)).from(f).where(whichSums(f, asked))
  return row ?? nothing()
}

/** The same by benefit, those that issued most first. */
export function funnelByBenefit(reader: Reader, asked: FunnelQuestion): Promise<FunnelRow[]> {
  const f = tableFor(reader, asked)
  return grouped(reader, asked, { f, by: f.benefitId, order: desc(sql`sum(${f.issued})`) })
}

/** The same by day: the last `rowsAtMost`, oldest first. */
export async function funnelByDay(reader: Reader, asked: FunnelQuestion): Promise<FunnelRow[]> {
  const { funnelSums: f } = reader.tables
  const rows = await grouped(reader, asked, { f, by: f.day, order: desc(f.day) })
  return rows.reverse()
}

/**
 * The same by organisation, those that issued most first: each of the question's own where there
 * are several, else those directly below the one, and what is directly its own.
 */
export async function funnelByOrg(reader: Reader, asked: FunnelQuestion): Promise<FunnelRow[]> {
  const { organisations: o } = reader.tables
  const f = tableFor(reader, asked)
  const order = desc(sql`sum(${f.issued})`)
  const [only, ...others] = asked.orgCodes
  if (only === undefined) return []
  if (others.length > 0) return grouped(reader, asked, { f, by: f.orgCode, order })
  const below = await reader
    .select({ key: f.orgCode, ...sumsOf(f) })
    .from(o)
    .innerJoin(f, eq(f.orgCode, o.code))
    .where(and(eq(o.parentCode, only), filters(f, asked)))
    .groupBy(f.orgCode)
    .orderBy(order, asc(f.orgCode))
    .limit(rowsAtMost)
  const own = await funnelOwn(reader, only, asked)
  return measureNames.some((name) => own[name] !== 0) ? [...below, { key: only, ...own }] : below
}

/** What is of the organisation itself, without what is below it. */
async function funnelOwn(reader: Reader, code: string, asked: FunnelQuestion): Promise<Measures> {
  const { funnelDays: f } = reader.tables
  const [row] = await reader
    .select(sumsOf(f))
    .from(f)
    .where(and(eq(f.orgCode, code), filters(f, asked)))
  return row ?? nothing()
}

function grouped(
  reader: Reader,
  asked: FunnelQuestion,
  { f, by, order }: { f: Sums; by: Sums['benefitId' | 'orgCode'] | Days['day']; order: SQL },
): Promise<FunnelRow[]> {
  if (asked.orgCodes.length === 0) return Promise.resolve([])
  return reader
    .select({ key: by, ...sumsOf(f) })
    .from(f)
    .where(whichSums(f, asked))
    .groupBy(by)
    .orderBy(order, asc(by))
    .limit(rowsAtMost)
}

type Days = Reader['tables']['funnelDays' | 'funnelSums']
type Sums = Reader['tables']['funnelSums' | 'funnelTotals']

/** Where the days are told apart only when some are asked for. */
function tableFor({ tables }: Reader, { from, to }: FunnelQuestion): Sums {
  return from === undefined && to === undefined ? tables.funnelTotals : tables.funnelSums
}

function whichSums(f: Sums, asked: FunnelQuestion): SQL | undefined {
  return and(inArray(f.orgCode, [...asked.orgCodes]), filters(f, asked))
}

function filters(
  f: Sums | Days,
  { programmeId, benefitId, from, to }: FunnelQuestion,
): SQL | undefined {
  return and(
    programmeId === undefined ? undefined : eq(f.programmeId, programmeId),
    benefitId === undefined ? undefined : eq(f.benefitId, benefitId),
    from === undefined || !('day' in f) ? undefined : gte(f.day, from),
    to === undefined || !('day' in f) ? undefined : lte(f.day, to),
  )
}
