import { and, asc, eq, gt, gte, isNull, lt, sql } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import type { Reader, Tx } from '../store/store.ts'
import { isWithin, rankOf, subtreeRange } from './organisation-rules.ts'
import { moveSums } from './organisation-sums.ts'

/** An organisation as it is stored: `path` is every code from the root down, each with a '/'. */
export type Organisation = Reader['tables']['organisations']['$inferSelect']

/** One page of a list; `next` is the cursor of the following one, absent at the end. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string
}

const scopePage = 5_000

/** An organisation by its code, if there is one. */
export async function readOrganisation(
  reader: Reader,
  code: string,
): Promise<Organisation | undefined> {
  const { organisations: o } = reader.tables
  const [row] = await reader.select().from(o).where(eq(o.code, code))
  return row
}

/** The organisation above all others, once there is one. */
export async function readRoot(reader: Reader): Promise<Organisation | undefined> {
  const { organisations: o } = reader.tables
  const [row] = await reader.select().from(o).where(isNull(o.parentCode))
  return row
}

/** The organisations directly below `code`, by code; `after` is the last page's `next`. */
export async function childrenOf(
  reader: Reader,
  code: string,
  { after = '', limit = 100 }: { readonly after?: string; readonly limit?: number } = {},
): Promise<Page<Organisation>> {
  const { organisations: o } = reader.tables
  const items = await reader
    .select()
    .from(o)
    .where(and(eq(o.parentCode, code), gt(o.code, after)))
    .orderBy(asc(o.code))
    .limit(limit + 1)
  const next = items.length > limit ? items[limit - 1]?.code : undefined
  return { items: items.slice(0, limit), ...(next !== undefined && { next }) }
}

/**
 * Every organisation's code, and whether it lies at or below the one at `scope`: what a roster's
 * rows are judged by, small enough for all of a country's.
 */
export async function organisationsInScope(
  reader: Reader,
  scope: string,
): Promise<ReadonlyMap<string, boolean>> {
  const { organisations: o } = reader.tables
  const codes = new Map<string, boolean>()
  for (let after = ''; ; ) {
    const page = await reader
      .select({ code: o.code, path: o.path })
      .from(o)
      .where(gt(o.path, after))
      .orderBy(asc(o.path))
      .limit(scopePage)
    for (const { code, path } of page) codes.set(code, isWithin(path, scope))
    if (page.length < scopePage) return codes
    after = page.at(-1)?.path ?? ''
  }
}

/**
 * Hangs an organisation, with everything below it, under another parent.
 *
 * Refuses NOT_FOUND for an unknown code; VALIDATION_FAILED (`reason: level_order`) when the
 * parent's level is not above the organisation's, which includes itself and everything below it;
 * `reason: closed` for one that was merged into another.
 */
export async function moveOrganisation(tx: Tx, code: string, parentCode: string): Promise<void> {
  const { organisations: o } = tx.tables
  const organisation = await readOrganisation(tx, code)
  const parent = await readOrganisation(tx, parentCode)
  if (!organisation || !parent) throw new Refusal('NOT_FOUND')
  if (organisation.mergedInto !== null || parent.mergedInto !== null) {
    throw new Refusal('VALIDATION_FAILED', { reason: 'closed' })
  }
  if (rankOf(parent.level) >= rankOf(organisation.level)) {
    throw new Refusal('VALIDATION_FAILED', { reason: 'level_order' })
  }
  await movePaths(tx, organisation.path, `${parent.path}${code}/`)
  await tx.update(o).set({ parentCode }).where(eq(o.code, code))
}

/** Gives everything at or below `from` its path below `to`. Both end with the same code. */
export async function movePaths(tx: Tx, from: string, to: string): Promise<void> {
  if (from === to) return
  const { organisations: o } = tx.tables
  const range = subtreeRange(from)
  const path = sql`${to} || substr(${o.path}, ${from.length + 1})`
  await tx
    .update(o)
    .set({ path })
    .where(and(gte(o.path, range.from), lt(o.path, range.to)))
  await moveSums(tx, from, to)
}
