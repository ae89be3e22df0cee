import { and, asc, gte, inArray, lt, or, sql } from 'drizzle-orm'

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
 * The first `limit` organisations within `paths` whose name has `text` in it, or whose code begins
 * with it, in no order that means anything: whoever finds too many types more.
 */
export async function searchOrganisations(
  reader: Reader,
  paths: readonly string[],
  { text, limit }: { readonly text: string; readonly limit: number },
): Promise<Organisation[]> {
  const { organisations: o } = reader.tables
  if (paths.length === 0) return []
  const scopes = paths.map((path) => {
    const { from, to } = subtreeRange(path)
    return and(gte(o.path, from), lt(o.path, to))
  })
  const literal = text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')
  const named = sql`lower(${o.nameZh}) like ${`%${literal}%`} escape '\\'`
  const coded = /^[0-9]+$/.test(text)
    ? and(gte(o.code, text), lt(o.code, `${text}:`)) // ':' follows '9'
    : undefined
  return reader
    .select()
    .from(o)
    .where(and(or(...scopes), or(named, coded)))
    .limit(limit)
}
