import { and, eq, inArray, isNull, notInArray, or, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { rankOf, subtreeRange } from '../identity/organisation-rules.ts'
import { countAnew } from '../identity/organisation-sums.ts'
import { movePaths, type Organisation, readOrganisation } from '../identity/organisations.ts'
import type { Reader, Tx } from '../store/store.ts'

/** Why an organisation cannot be merged into another now. Closed. */
export const mergeBlocks = [
  'root',
  'same',
  'below_itself',
  'level_order',
  'closed',
  'freeze',
  'batch',
  'rule',
] as const
export type MergeBlock = (typeof mergeBlocks)[number]

/** What a merger would move, in rows; `organisations` are those below it. */
export interface Merger {
  readonly members: number
  readonly organisations: number
  readonly grants: number
  readonly joinCodes: number
  readonly applications: number
  readonly programmes: number
  readonly lists: number
  readonly segments: number
  readonly merchants: number
  readonly blocked: readonly MergeBlock[]
}

/** Which organisation is to go into which. */
export interface Merging {
  readonly code: string
  readonly into: string
}

const ended = ['completed', 'cancelled', 'rejected', 'recalled'] as const

/** Counts what a merger would move, and says why it cannot be. Refusal NOT_FOUND. */
export async function planMerger(reader: Reader, merging: Merging): Promise<Merger> {
  const from = await existing(reader, merging.code)
  const into = await existing(reader, merging.into)
  const t = reader.tables
  const { from: first, to: end } = subtreeRange(from.path)
  const below = sql`${t.organisations.path} > ${first} and ${t.organisations.path} < ${end}`
  const { code } = from
  return {
    members: await reader.$count(t.members, eq(t.members.orgCode, code)),
    organisations: await reader.$count(t.organisations, below),
    grants: await reader.$count(t.grants, eq(t.grants.orgCode, code)),
    joinCodes: await reader.$count(t.joinCodes, eq(t.joinCodes.orgCode, code)),
    applications: await reader.$count(t.applications, eq(t.applications.orgCode, code)),
    programmes: await reader.$count(t.programmes, eq(t.programmes.orgCode, code)),
    lists: await reader.$count(t.lists, eq(t.lists.orgCode, code)),
    segments: await reader.$count(t.segments, eq(t.segments.orgCode, code)),
    merchants: await reader.$count(t.merchants, eq(t.merchants.orgCode, code)),
    blocked: await blocksOf(reader, from, into),
  }
}

/**
 * Merges an organisation into another, in one transaction whose cost is that of a move: what is
 * below it, and who and what belongs to it, go to the other; what is history (batches, stays, days
 * that were counted) stays with the old code, which hangs below its successor, closed. Its members
 * are in the successor's subtree from then on, and become its own by chunks (`followMerger`).
 * Refusals NOT_FOUND, MERGE_BLOCKED {reasons}.
 */
export async function mergeOrganisation(tx: Tx, merging: Merging, now: Instant): Promise<void> {
  const { organisations: o } = tx.tables
  // Written before it is read: two mergers of one organisation queue up.
  await tx
    .update(o)
    .set({ nameZh: sql`${o.nameZh}` })
    .where(inArray(o.code, [merging.code, merging.into]))
  const from = await existing(tx, merging.code)
  const into = await existing(tx, merging.into)
  const reasons = await blocksOf(tx, from, into)
  if (reasons.length > 0) throw new Refusal('MERGE_BLOCKED', { reasons })
  const path = `${into.path}${from.code}/`
  await movePaths(tx, from.path, path)
  const { from: first, to: end } = subtreeRange(path)
  await tx
    .update(o)
    .set({ path: sql`${into.path} || substr(${o.path}, ${path.length + 1})` })
    .where(sql`${o.path} > ${first} and ${o.path} < ${end}`)
  await tx.update(o).set({ parentCode: into.code }).where(eq(o.parentCode, from.code))
  await tx.update(o).set({ mergedInto: into.code }).where(eq(o.mergedInto, from.code))
  await tx
    .update(o)
    .set({ parentCode: into.code, mergedInto: into.code })
    .where(eq(o.code, from.code))
  await countAnew(tx, from.code)
  await hand(tx, { code: from.code, into: into.code }, now)
}

/** Who and what belongs to one organisation belongs to the other. */
async function hand(tx: Tx, { code, into }: Merging, now: Instant): Promise<void> {
  const t = tx.tables
  await tx.rows(sql`insert into grants (principal_id, role, org_code)
    select principal_id, role, cast(${into} as text) from grants where org_code = ${code}
    on conflict do nothing returning role`)
  await tx.delete(t.grants).where(eq(t.grants.orgCode, code))
  for (const table of [t.joinCodes, t.applications, t.programmes, t.lists, t.segments]) {
    await tx.update(table).set({ orgCode: into }).where(eq(table.orgCode, code))
  }
  await tx.update(t.merchants).set({ orgCode: into }).where(eq(t.merchants.orgCode, code))
  const { transfers: x } = t
  const inside = and(inArray(x.fromOrg, [code, into]), inArray(x.toOrg, [code, into]))
  const waiting = eq(x.state, 'waiting')
  await tx.update(x).set({ state: 'withdrawn', endedAt: now }).where(and(waiting, inside))
  await tx
    .update(x)
    .set({ fromOrg: into })
    .where(and(waiting, eq(x.fromOrg, code)))
  await tx
    .update(x)
    .set({ toOrg: into })
    .where(and(waiting, eq(x.toOrg, code)))
}

async function blocksOf(
  reader: Reader,
  from: Organisation,
  into: Organisation,
): Promise<MergeBlock[]> {
  const { freezes: f, batches: b } = reader.tables
  const { code } = from
  const frozen = and(eq(f.orgCode, code), isNull(f.endedAt))
  const open = and(eq(b.orgCode, code), notInArray(b.state, [...ended]))
  const blocks: Record<MergeBlock, boolean> = {
    root: from.parentCode === null,
    same: code === into.code,
    below_itself: code !== into.code && into.path.startsWith(from.path),
    level_order: rankOf(into.level) > rankOf(from.level),
    closed: from.mergedInto !== null || into.mergedInto !== null,
    freeze: (await reader.$count(f, frozen)) > 0,
    batch: (await reader.$count(b, open)) > 0,
    rule: await isNamed(reader, code),
  }
  return mergeBlocks.filter((block) => blocks[block])
}

/** Whether a rule that is in force, or will be, names the organisation itself: it would miss. */
async function isNamed(reader: Reader, code: string): Promise<boolean> {
  const { benefits: b, benefitVersions: v, segments: s } = reader.tables
  const quoted = `%"${code}"%`
  const [benefit] = await reader
    .select({ id: b.id })
    .from(b)
    .innerJoin(v, eq(v.benefitId, b.id))
    .where(
      and(
        sql`${b.state} <> 'stopped'`,
        or(eq(v.version, b.version), isNull(v.publishedAt)),
        sql`${v.definition} like ${quoted}`,
      ),
    )
    .limit(1)
  if (benefit) return true
  const named = and(isNull(s.retiredAt), sql`${s.criteria} like ${quoted}`)
  return (await reader.$count(s, named)) > 0
}

async function existing(reader: Reader, code: string): Promise<Organisation> {
  const found = await readOrganisation(reader, code)
  if (!found) throw new Refusal('NOT_FOUND', { what: 'organisation' })
  return found
}
