import { asc, inArray } from 'drizzle-orm'

import { Refusal } from '../../base/refusal.ts'
import type { Reader } from '../../store/store.ts'
import type { Criteria } from './criteria.ts'

/** What criteria name by id, each once. Segments are not looked into. */
export interface Mentions {
  readonly organisations: ReadonlySet<string>
  readonly lists: ReadonlySet<string>
  readonly segments: ReadonlySet<string>
  readonly benefits: ReadonlySet<string>
  /** Whether any leaf asks for voucher events. */
  readonly history: boolean
}

/** What the names stand for now: the latest segments, and the paths of organisations. */
export interface Named {
  readonly segments: ReadonlyMap<string, Criteria>
  readonly paths: ReadonlyMap<string, string>
}

/** What `all` of these criteria name, taken together. */
export function mentionsOf(...all: readonly Criteria[]): Mentions {
  const organisations = new Set<string>()
  const lists = new Set<string>()
  const segments = new Set<string>()
  const benefits = new Set<string>()
  let history = false
  const open = [...all]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if ('all' in node) open.push(...node.all)
    if ('any' in node) open.push(...node.any)
    if ('of' in node) open.push(...node.of)
    if ('not' in node) open.push(node.not)
    if ('segment' in node) segments.add(node.segment)
    if ('list' in node) lists.add(node.list)
    if ('org' in node) for (const code of node.org.within) organisations.add(code)
    if ('history' in node) {
      history = true
      if (node.history.benefit !== undefined) benefits.add(node.history.benefit)
    }
  }
  return { organisations, lists, segments, benefits, history }
}

/**
 * The criteria of each segment that `criteria` name, by the name: `ID` is the latest version,
 * `ID@3` that one. One that is not there is left out.
 */
export async function readSegments(
  reader: Reader,
  criteria: readonly Criteria[],
): Promise<ReadonlyMap<string, Criteria>> {
  const found = await findSegments(reader, mentionsOf(...criteria).segments)
  return new Map([...found].map(([ref, row]) => [ref, JSON.parse(row.criteria) as Criteria]))
}

/** `criteria` with every segment named by the version that is the latest now: what is published. */
export async function pinSegments(reader: Reader, criteria: Criteria): Promise<Criteria> {
  const found = await findSegments(reader, mentionsOf(criteria).segments)
  const pin = (node: Criteria): Criteria => {
    if ('all' in node) return { all: node.all.map(pin) }
    if ('any' in node) return { any: node.any.map(pin) }
    if ('of' in node) return { atLeast: node.atLeast, of: node.of.map(pin) }
    if ('not' in node) return { not: pin(node.not) }
    const row = 'segment' in node ? found.get(node.segment) : undefined
    return row ? { segment: `${row.id}@${row.version}` } : node
  }
  return pin(criteria)
}

type SegmentRow = Reader['tables']['segments']['$inferSelect']

async function findSegments(
  reader: Reader,
  refs: ReadonlySet<string>,
): Promise<ReadonlyMap<string, SegmentRow>> {
  if (refs.size === 0) return new Map()
  const { segments } = reader.tables
  const ids = new Set([...refs].map((ref) => ref.split('@')[0] ?? ref))
  const rows = await reader
    .select()
    .from(segments)
    .where(inArray(segments.id, [...ids]))
    .orderBy(asc(segments.version))
  const named = new Map<string, SegmentRow>()
  // In the order of versions, so that the last to be set under the bare id is the latest.
  for (const row of rows) named.set(`${row.id}@${row.version}`, row).set(row.id, row)
  return new Map([...named].filter(([ref]) => refs.has(ref)))
}

/** Resolves what `criteria` and the segments they name refer to, as it is now. */
export async function resolveNamed(reader: Reader, criteria: Criteria): Promise<Named> {
  const segments = await readSegments(reader, [criteria])
  const codes = [...mentionsOf(criteria, ...segments.values()).organisations]
  if (codes.length === 0) return { segments, paths: new Map() }
  const { organisations } = reader.tables
  const rows = await reader
    .select({ code: organisations.code, path: organisations.path })
    .from(organisations)
    .where(inArray(organisations.code, codes))
  return { segments, paths: new Map(rows.map((row) => [row.code, row.path])) }
}

/** `criteria` with every segment written out: what is hashed, so that a new version shows. */
export function expand(criteria: Criteria, segments: Named['segments']): Criteria {
  const inner = (node: Criteria) => expand(node, segments)
  if ('all' in criteria) return { all: criteria.all.map(inner) }
  if ('any' in criteria) return { any: criteria.any.map(inner) }
  if ('of' in criteria) return { atLeast: criteria.atLeast, of: criteria.of.map(inner) }
  if ('not' in criteria) return { not: inner(criteria.not) }
  return 'segment' in criteria ? segmentOf(criteria.segment, segments) : criteria
}

/** The criteria of a segment. One that is not published is our mistake: a TypeError. */
export function segmentOf(id: string, segments: Named['segments']): Criteria {
  const found = segments.get(id)
  if (!found) throw new TypeError(`segment "${id}" is not published`)
  return found
}

/**
 * Refusal CRITERIA_INVALID {reason, names} unless every organisation, list, segment and benefit
 * that checked criteria name is there. Asked before criteria are saved or tried out. A list or a
 * segment is not there for who does not reach its organisation by `orgPaths`: by counting whom it
 * finds they would learn who is in it. A segment that was retired is there for whoever names one
 * version of it.
 */
export async function requireNamed(
  reader: Reader,
  criteria: Criteria,
  orgPaths: readonly string[],
): Promise<void> {
  const { organisations: o, lists: l, benefits: b } = reader.tables
  const named = mentionsOf(criteria)
  const segments = await findSegments(reader, named.segments)
  const lists =
    named.lists.size === 0
      ? []
      : await reader
          .select()
          .from(l)
          .where(inArray(l.id, [...named.lists]))
  const seen = await codesBelow(reader, orgPaths, [...segments.values(), ...lists])
  requireAll('segment_unknown', named.segments, (ref) => {
    const row = segments.get(ref)
    return row && seen.has(row.orgCode) && (row.retiredAt === null || ref.includes('@'))
  })
  requireAll('list_unknown', named.lists, (id) =>
    lists.some((row) => row.id === id && seen.has(row.orgCode)),
  )
  for (const [reason, ids, table, column] of [
    ['organisation_unknown', named.organisations, o, o.code],
    ['benefit_unknown', named.benefits, b, b.id],
  ] as const) {
    if (ids.size === 0) continue
    const rows = await reader
      .select({ id: column })
      .from(table)
      .where(inArray(column, [...ids]))
    const known = new Set(rows.map((row) => row.id))
    requireAll(reason, ids, (id) => known.has(id))
  }
}

function requireAll(
  reason: string,
  ids: ReadonlySet<string>,
  there: (id: string) => boolean | undefined,
): void {
  const names = [...ids].filter((id) => !there(id))
  if (names.length > 0) throw new Refusal('CRITERIA_INVALID', { reason, names })
}

/** Which of the organisations that the rows belong to are at or below one of `orgPaths`. */
async function codesBelow(
  reader: Reader,
  orgPaths: readonly string[],
  rows: readonly { readonly orgCode: string }[],
): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return new Set()
  const { organisations: o } = reader.tables
  const codes = new Set(rows.map(({ orgCode }) => orgCode))
  const found = await reader
    .select({ code: o.code, path: o.path })
    .from(o)
    .where(inArray(o.code, [...codes]))
  const below = found.filter(({ path }) => orgPaths.some((one) => path.startsWith(one)))
  return new Set(below.map(({ code }) => code))
}
