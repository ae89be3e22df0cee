import { and, eq, gt, inArray, isNull, lte, ne } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'

/** National, provincial, municipal, county; below are no places. */
const deepest = 4

/** A place as members choose it. */
export interface Place {
  /** Digits of its GB/T 2260 code without the noughts at the end: two, four or six. */
  readonly region: string
  /** As the tree of unions names it; the code itself where only a store says there is one. */
  readonly name: string
}

/**
 * The places directly below a region, by the tree of unions (grassroots aside) and where open
 * stores are. A level that nobody names is passed over: the districts of a province without cities
 * stand below the province. Walks down the tree, a query a level.
 */
export async function placesWithin(reader: Reader, within: string, now: Instant): Promise<Place[]> {
  const { organisations: o } = reader.tables
  const fields = { code: o.code, region: o.region, level: o.level, name: o.nameZh }
  const found = new Map<string, string>()
  let around = await reader.select(fields).from(o).where(isNull(o.parentCode))
  for (let level = 0; around.length > 0 && level < deepest; level++) {
    const next: typeof around = []
    for (const one of around) {
      const digits = one.level === 'national' ? '' : digitsOf(one.region)
      if (within.startsWith(digits)) next.push(one)
      else if (digits.startsWith(within) && !found.has(digits)) found.set(digits, placeOf(one.name))
    }
    const parents = next.map(({ code }) => code)
    if (parents.length === 0) break
    around = await reader
      .select(fields)
      .from(o)
      .where(and(inArray(o.parentCode, parents), ne(o.level, 'grassroots')))
      .orderBy(o.code)
  }
  for (const digits of await storesIn(reader, within, now)) {
    const covered = [...found.keys()].some((place) => digits.startsWith(place))
    if (!covered && digits !== within) found.set(digits, digits)
  }
  return [...found].map(([region, name]) => ({ region, name })).toSorted(byRegion)
}

/** Where the open stores of a region are. */
async function storesIn(reader: Reader, within: string, now: Instant): Promise<string[]> {
  const { stores: s, merchants: m } = reader.tables
  const [from, to] = [within.padEnd(6, '0'), within.padEnd(6, '9')].map(Number)
  const rows = await reader
    .selectDistinct({ region: s.region })
    .from(s)
    .innerJoin(m, eq(m.id, s.merchantId))
    .where(
      and(
        ...[eq(s.state, 'active'), eq(m.state, 'active'), lte(m.contractFrom, now)],
        ...[gt(m.contractTo, now), gt(s.region, (from ?? 0) - 1), lte(s.region, to ?? 0)],
      ),
    )
  return rows.map(({ region }) => digitsOf(region))
}

/** 640000 is 64, 640100 is 6401. */
function digitsOf(region: number): string {
  return String(region).replace(/(00){1,2}$/, '')
}

/** The place that a union is named after. */
function placeOf(union: string): string {
  return union.replace(/总工会$/, '')
}

function byRegion(a: Place, b: Place): number {
  return a.region < b.region ? -1 : 1
}
