import { and, asc, eq, gt, gte, inArray, lte, ne, or, type SQL, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'

/** A store as members find it. */
export interface FoundStore {
  readonly id: string
  readonly name: string
  readonly merchantId: string
  readonly merchant: string
  readonly category: string
  /** GB/T 2260 code. */
  readonly region: number
}

/**
 * Stores that take vouchers now, by id behind `after`: all of them, those of a region (a prefix of
 * its code) and those that take a benefit.
 */
export async function storesFor(
  reader: Reader,
  given: {
    readonly benefitId: string | undefined
    readonly region: string | undefined
    readonly after: string
    readonly limit: number
    readonly now: Instant
  },
): Promise<FoundStore[]> {
  const { stores: s } = reader.tables
  const { benefitId, region, after, limit, now } = given
  const taken = benefitId === undefined ? undefined : await takers(reader, benefitId)
  if (taken?.length === 0) return []
  const inside = region === undefined ? undefined : within(reader, region)
  return select(reader)
    .where(and(open(reader, now), gt(s.id, after), inside, taken && or(...taken)))
    .orderBy(asc(s.id))
    .limit(limit)
}

/** One store that takes vouchers now, if it does. */
export async function openStore(
  reader: Reader,
  storeId: string,
  now: Instant,
): Promise<FoundStore | undefined> {
  const [found] = await select(reader).where(
    and(open(reader, now), eq(reader.tables.stores.id, storeId)),
  )
  return found
}

/** Of these benefits, those that a store takes. */
export async function takenAt(
  reader: Reader,
  { id, merchantId, category, region }: FoundStore,
  benefitIds: readonly string[],
): Promise<Set<string>> {
  if (benefitIds.length === 0) return new Set()
  const { acceptances: a } = reader.tables
  const digits = String(region)
  const prefixes = Array.from({ length: digits.length }, (_, i) => digits.slice(0, i + 1))
  const rows = await reader
    .select({ benefitId: a.benefitId })
    .from(a)
    .where(
      and(
        inArray(a.benefitId, [...benefitIds]),
        or(
          eq(a.target, 'all'),
          and(eq(a.target, 'merchant'), eq(a.value, merchantId)),
          and(eq(a.target, 'store'), eq(a.value, id)),
          and(eq(a.target, 'category'), eq(a.value, category)),
          and(eq(a.target, 'region'), inArray(a.value, prefixes)),
        ),
      ),
    )
  return new Set(rows.map(({ benefitId }) => benefitId))
}

/** The benefits that some open store of a region (a prefix of its code) takes now. */
export async function takenIn(reader: Reader, region: string, now: Instant): Promise<string[]> {
  const { acceptances: a, stores: s, merchants: m } = reader.tables
  const rows = await reader
    .selectDistinct({ benefitId: a.benefitId })
    .from(a)
    .innerJoin(
      s,
      or(
        eq(a.target, 'all'),
        and(eq(a.target, 'merchant'), eq(a.value, s.merchantId)),
        and(eq(a.target, 'store'), eq(a.value, s.id)),
        and(eq(a.target, 'category'), eq(a.value, s.category)),
        and(eq(a.target, 'region'), sql`cast(${s.region} as text) like ${a.value} || '%'`),
      ),
    )
    .innerJoin(m, eq(m.id, s.merchantId))
    .where(and(open(reader, now), within(reader, region)))
  return rows.map(({ benefitId }) => benefitId)
}

/** The rules of a benefit, as conditions on stores. */
async function takers(reader: Reader, benefitId: string): Promise<SQL[]> {
  const { acceptances: a, stores: s } = reader.tables
  const rules = await reader.select().from(a).where(eq(a.benefitId, benefitId))
  const conditions: Record<(typeof rules)[number]['target'], (value: string) => SQL | undefined> = {
    all: () => ne(s.id, ''),
    merchant: (value) => eq(s.merchantId, value),
    store: (value) => eq(s.id, value),
    category: (value) => eq(s.category, value),
    region: (value) => within(reader, value),
    node: () => undefined, // their stores are not in our tables
  }
  return rules.flatMap(({ target, value }) => conditions[target](value) ?? [])
}

/** In the region that a prefix of the six digits names. */
function within({ tables: { stores: s } }: Reader, prefix: string): SQL | undefined {
  const [from, to] = [prefix.padEnd(6, '0'), prefix.padEnd(6, '9')].map(Number)
  return and(gte(s.region, from ?? 0), lte(s.region, to ?? 0))
}

function open({ tables: { stores: s, merchants: m } }: Reader, now: Instant): SQL | undefined {
  const contract = and(lte(m.contractFrom, now), gt(m.contractTo, now))
  return and(eq(s.state, 'active'), eq(m.state, 'active'), contract)
}

function select(reader: Reader) {
  const { stores: s, merchants: m } = reader.tables
  return reader
    .select({
      ...{ id: s.id, name: s.name, category: s.category, region: s.region },
      ...{ merchantId: m.id, merchant: m.name },
    })
    .from(s)
    .innerJoin(m, eq(m.id, s.merchantId))
}
