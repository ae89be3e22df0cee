import { and, asc, eq, exists, gte, inArray, lt, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'

import type { Reader } from '../store/store.ts'
import { subtreeRange } from './organisation-rules.ts'
import type { Organisation } from './organisations.ts'

/** The organisations at the tops of somebody's scopes, by path. */
export async function topsOf(reader: Reader, paths: readonly string[]): Promise<Organisation[]> {
  const { organisations: o } = reader.tables
  if (paths.length === 0) return []
  return reader
    .select()
    .from(o)
    .where(inArray(o.path, [...paths]))
    .orderBy(asc(o.path))
}

/**
 * The first `limit` organisations within `paths` whose code begins with `text`, by code, and then
 * those whose name has it in it, by path: whoever finds too many types more. One character is
 * enough, as most Chinese words are two.
 *
 * Names are read one after the other, in an index of nothing but paths and names: 334 000 take
 * 50 ms of a processor. A table of their pairs of characters was tried: it makes the database four
 * times as large, its import takes 60 s more, and 公司 is in nearly every name all the same.
 */
export async function searchOrganisations(
  reader: Reader,
  paths: readonly string[],
  { text, limit }: { readonly text: string; readonly limit: number },
): Promise<Organisation[]> {
  const found = new Map<string, Organisation>()
  const searches = /^[0-9][0-9A-Z-]*$/.test(text) ? [coded, named] : [named]
  for (const search of searches) {
    for (const path of outermost(paths)) {
      if (found.size >= limit) break
      for (const row of await search(reader, path, { text, limit })) found.set(row.code, row)
    }
  }
  return [...found.values()].slice(0, limit)
}

/** The scopes that are in no other: what is in an inner one is in the outer one, once. */
export function outermost(paths: readonly string[]): string[] {
  const different = [...new Set(paths)]
  return different.filter(
    (path) => !different.some((other) => other !== path && path.startsWith(other)),
  )
}

/** So many organisations are looked at one by one in milliseconds. */
const narrowAtMost = 1_000

/**
 * Condition that the organisation whose code is in `column` lies at or below `within`, said in the
 * way that is fast there: below a county one goes from its organisations to what is theirs; from
 * the country's, of which nearly all have nothing, one comes from the rows and asks where each is.
 */
export async function liesWithin(reader: Reader, column: PgColumn, within: string): Promise<SQL> {
  const { organisations: o } = reader.tables
  const { from, to } = subtreeRange(within)
  const inside = and(gte(o.path, from), lt(o.path, to))
  const [more] = await reader
    .select({ one: sql`1` })
    .from(o)
    .where(inside)
    .limit(1)
    .offset(narrowAtMost)
  if (!more) return inArray(column, reader.select({ code: o.code }).from(o).where(inside))
  const own = and(eq(o.code, column), inside)
  return exists(reader.select({ one: sql`1` }).from(o).where(own))
}

interface Search {
  readonly text: string
  readonly limit: number
}

function coded(reader: Reader, path: string, { text, limit }: Search): Promise<Organisation[]> {
  const { organisations: o } = reader.tables
  const { from, to } = subtreeRange(path)
  const begins = and(gte(o.code, text), lt(o.code, `${text}[`)) // '[' follows 'Z'
  return reader
    .select()
    .from(o)
    .where(and(begins, gte(o.path, from), lt(o.path, to)))
    .orderBy(asc(o.code))
    .limit(limit)
}

function named(reader: Reader, path: string, { text, limit }: Search): Promise<Organisation[]> {
  const { organisations: o } = reader.tables
  const { from, to } = subtreeRange(path)
  const lower = text.toLowerCase()
  const cased = lower !== text.toUpperCase()
  const name = cased ? sql`lower(${o.nameZh})` : o.nameZh
  const has = sql`${name} like ${`%${lower.replaceAll(/[\\%_]/g, '\\$&')}%`} escape '\\'`
  // Behind an `in`, the engine finds the paths by the index alone, and fetches only those rows.
  const hits = reader
    .select({ path: o.path })
    .from(o)
    .where(and(gte(o.path, from), lt(o.path, to), has))
    .orderBy(asc(o.path))
    .limit(limit)
  return reader.select().from(o).where(inArray(o.path, hits)).orderBy(asc(o.path))
}
