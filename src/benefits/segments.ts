import { and, asc, desc, eq, isNull, or, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { Tables } from '../store/schema/tables.ts'
import type { Reader, Tx } from '../store/store.ts'
import { under } from './criteria/compile-leaf.ts'
import { type Criteria, checkCriteria } from './criteria/criteria.ts'
import { requireNamed } from './criteria/named.ts'
import { behind, type Page } from './page.ts'
import { type Actor, requireScope, requireSight } from './scope.ts'

/** One version of named criteria, as it is stored. */
export type Segment = Tables['segments']['$inferSelect']

/** What somebody saves; `criteria` are untrusted. */
export interface SegmentContent {
  readonly name: string
  readonly criteria: unknown
}

/**
 * Saves criteria under a name, as version 1. Refusals NOT_FOUND, OUT_OF_SCOPE, CRITERIA_INVALID
 * (also where they name a segment).
 */
export async function createSegment(
  tx: Tx,
  { orgCode, ...content }: SegmentContent & { readonly orgCode: string },
  actor: Actor,
  now: Instant,
): Promise<Segment> {
  await requireScope(tx, actor.orgPaths, orgCode)
  const { segments } = tx.tables
  const key = { id: newId(now), version: 1, orgCode, createdAt: now, createdBy: actor.principalId }
  const [made] = await tx
    .insert(segments)
    .values({ ...key, ...(await checked(tx, content, actor)) })
    .returning()
  if (!made) throw new TypeError('an insert returns its row')
  return made
}

/**
 * Saves the next version, for whoever has seen `expected`. What is published keeps the version it
 * was published with. Refusals NOT_FOUND (retired too), VERSION_CONFLICT, CRITERIA_INVALID.
 */
export async function saveSegment(
  tx: Tx,
  id: string,
  content: SegmentContent & { readonly expected: number },
  actor: Actor,
  now: Instant,
): Promise<Segment> {
  const { orgCode, version, retiredAt } = await readSegment(tx, id, actor.orgPaths)
  if (retiredAt !== null) throw new Refusal('NOT_FOUND', { what: 'segment' })
  if (version !== content.expected) throw new Refusal('VERSION_CONFLICT', { version })
  const { segments } = tx.tables
  const key = { id, version: version + 1, orgCode, createdAt: now, createdBy: actor.principalId }
  const [saved] = await tx
    .insert(segments)
    .values({ ...key, ...(await checked(tx, content, actor)) })
    .onConflictDoNothing()
    .returning()
  if (!saved) throw new Refusal('VERSION_CONFLICT', { version: version + 1 })
  return saved
}

/** No new rule may name it; those that do go on. Refusal NOT_FOUND, also for a retired one. */
export async function retireSegment(
  tx: Tx,
  id: string,
  actor: Actor,
  now: Instant,
): Promise<Segment> {
  const { version } = await readSegment(tx, id, actor.orgPaths)
  const { segments } = tx.tables
  const [row] = await tx
    .update(segments)
    .set({ retiredAt: now })
    .where(and(eq(segments.id, id), eq(segments.version, version), isNull(segments.retiredAt)))
    .returning()
  if (!row) throw new Refusal('NOT_FOUND', { what: 'segment' })
  return row
}

/** The latest version of a segment in sight. Refusal NOT_FOUND. */
export async function readSegment(
  reader: Reader,
  id: string,
  orgPaths: readonly string[],
): Promise<Segment> {
  const [latest] = await segmentVersions(reader, id, orgPaths)
  if (!latest) throw new TypeError('a segment has a version')
  return latest
}

/** Every version of a segment in sight, the latest first. Refusal NOT_FOUND. */
export async function segmentVersions(
  reader: Reader,
  id: string,
  orgPaths: readonly string[],
): Promise<Segment[]> {
  const { segments } = reader.tables
  const rows = await reader
    .select()
    .from(segments)
    .where(eq(segments.id, id))
    .orderBy(desc(segments.version))
  const [latest] = rows
  if (!latest) throw new Refusal('NOT_FOUND', { what: 'segment' })
  await requireSight(reader, orgPaths, { orgCode: latest.orgCode, what: 'segment' })
  return rows
}

/** The latest versions of segments at or below one of `orgPaths`, by id, without retired ones. */
export async function listSegments(
  reader: Reader,
  orgPaths: readonly string[],
  page: Page,
): Promise<Segment[]> {
  const { segments: s, organisations: o } = reader.tables
  const rows = await reader
    .select({ segment: s })
    .from(s)
    .innerJoin(o, eq(o.code, s.orgCode))
    .where(
      and(
        or(...orgPaths.map((path) => under(o.path, path))) ?? sql`1 = 0`,
        sql`${s.version} = (select max(l.version) from segments l where l.id = ${s.id})`,
        isNull(s.retiredAt),
        behind(s.id, page),
      ),
    )
    .orderBy(asc(s.id))
    .limit(page.limit)
  return rows.map(({ segment }) => segment)
}

async function checked(
  reader: Reader,
  { name, criteria }: SegmentContent,
  { orgPaths }: Actor,
): Promise<{ name: string; criteria: string }> {
  const good: Criteria = checkCriteria(criteria, 'segment')
  await requireNamed(reader, good, orgPaths)
  return { name, criteria: JSON.stringify(good) }
}
