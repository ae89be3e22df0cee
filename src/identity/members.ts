import { and, asc, eq, gt, gte, inArray, lt, or, sql } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader } from '../store/store.ts'
import { subtreeRange } from './organisation-rules.ts'
import type { Page } from './organisations.ts'
import { hashIdentity, hashMobile } from './roster-prepare.ts'

/** A member as staff may see them: no identity number, no mobile number. */
export type Member = Omit<
  Reader['tables']['members']['$inferSelect'],
  'mobileHash' | 'sealedMobile'
> & {
  /** Codes from the root to the member's organisation, each with a '/'. */
  readonly orgPath: string
  readonly hasMobile: boolean
}

type Standing = Member['standing']

/** How a member may be asked for. Numbers are looked up by their keyed hashes. */
export type MemberKey =
  | { readonly id: string }
  | { readonly memberNo: string }
  | { readonly idType: 'resident_id' | 'passport' | 'other'; readonly idNumber: string }
  | { readonly mobile: string }

/**
 * The member of an organisation at or below `within` that `key` names; of a person's memberships
 * the present one rather than one that was left. A mobile number that several members share names
 * nobody. Numbers are compared in the form a roster's are brought into (upper case, no spaces).
 */
export async function readMember(
  reader: Reader,
  node: ThisNode,
  key: MemberKey,
  within: string,
): Promise<Member | undefined> {
  const { members: m, persons: p, organisations: o } = reader.tables
  const { from, to } = subtreeRange(within)
  const rows = await reader
    .select({ member: m, orgPath: o.path })
    .from(m)
    .innerJoin(o, eq(o.code, m.orgCode))
    .innerJoin(p, eq(p.id, m.personId))
    .where(and(conditionOf(reader, node, key), gte(o.path, from), lt(o.path, to)))
    .limit(10)
  const members = rows.map(({ member, orgPath }) => view(member, orgPath))
  const present = members.filter(({ standing }) => standing !== 'left')
  if (present.length > 1) return undefined
  return present[0] ?? (members.length === 1 ? members[0] : undefined)
}

/**
 * The members of the organisations at or below `within`, one organisation after the other, by
 * pages; `after` is the last page's `next`. Refuses VALIDATION_FAILED for another `after`.
 */
export async function listMembers(
  reader: Reader,
  within: string,
  options: { readonly after?: string; readonly limit?: number; readonly standing?: Standing } = {},
): Promise<Page<Member>> {
  const { limit = 50 } = options
  const rows = (await isRare(reader, options.standing))
    ? await pageOfFew(reader, within, options)
    : await pageOfMany(reader, within, options)
  const items = rows.slice(0, limit).map(({ member, orgPath }) => view(member, orgPath))
  const last = items.at(-1)
  const next = rows.length > limit && last ? `${last.orgPath}${last.id}` : undefined
  return { items, ...(next !== undefined && { next }) }
}

interface PageAsked {
  readonly after?: string
  readonly limit?: number
  readonly standing?: Standing
}

type PageRow = { member: Reader['tables']['members']['$inferSelect']; orgPath: string }

/** From one organisation to the next: a page is full soon, where many are such members. */
function pageOfMany(
  reader: Reader,
  within: string,
  { after, limit = 50, standing }: PageAsked,
): Promise<PageRow[]> {
  const { members: m, organisations: o } = reader.tables
  const { from, to } = subtreeRange(within)
  const at = after === undefined ? undefined : readCursor(after)
  return reader
    .select({ member: m, orgPath: o.path })
    .from(o)
    .innerJoin(m, eq(m.orgCode, o.code))
    .where(
      and(
        ...[gte(o.path, at && at.path > from ? at.path : from), lt(o.path, to)],
        at && or(gt(o.path, at.path), and(eq(o.path, at.path), gt(m.id, at.id))),
        standing && eq(m.standing, standing),
        standing && standing !== 'active' ? sql`${m.standing} <> 'active'` : undefined,
      ),
    )
    .orderBy(asc(o.path), asc(m.id))
    .limit(limit + 1)
}

const rareAtMost = 10_000

/** Whether few members of the whole node are of a standing; that most are active is known. */
async function isRare(reader: Reader, standing: Standing | undefined): Promise<boolean> {
  if (standing === undefined || standing === 'active') return false
  const { members: m } = reader.tables
  const [more] = await reader
    .select({ one: sql`1` })
    .from(m)
    .where(and(eq(m.standing, standing), sql`${m.standing} <> 'active'`))
    .limit(1)
    .offset(rareAtMost)
  return more === undefined
}

/**
 * From the members: all of the standing are gone through and put in order, which is less than to
 * find 330 000 organisations without any. The path is asked for each, so that no engine begins
 * with the organisations all the same.
 */
async function pageOfFew(
  reader: Reader,
  within: string,
  { after, limit = 50, standing = 'left' }: PageAsked,
): Promise<PageRow[]> {
  const { members: m, organisations: o } = reader.tables
  const { from, to } = subtreeRange(within)
  const at = after === undefined ? undefined : readCursor(after)
  const few = reader
    .select({
      id: m.id,
      path: sql<string>`(select ${o.path} from ${o} where ${o.code} = ${m.orgCode})`.as('path'),
    })
    .from(m)
    .where(and(eq(m.standing, standing), sql`${m.standing} <> 'active'`))
    .as('few')
  const page = await reader
    .select()
    .from(few)
    .where(
      and(
        ...[gte(few.path, from), lt(few.path, to)],
        at && or(gt(few.path, at.path), and(eq(few.path, at.path), gt(few.id, at.id))),
      ),
    )
    .orderBy(asc(few.path), asc(few.id))
    .limit(limit + 1)
  if (page.length === 0) return []
  const ids = page.map(({ id }) => id)
  const rows = await reader
    .select({ member: m, orgPath: o.path })
    .from(m)
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(inArray(m.id, ids))
  const byId = new Map(rows.map((row) => [row.member.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

function conditionOf({ tables }: Reader, node: ThisNode, key: MemberKey) {
  const { members: m, persons: p } = tables
  if ('id' in key) return eq(m.id, key.id)
  if ('memberNo' in key) return eq(m.memberNo, key.memberNo)
  if ('mobile' in key) return eq(m.mobileHash, hashMobile(node, key.mobile))
  return eq(p.idHash, hashIdentity(node, key.idType, key.idNumber))
}

function view(row: Reader['tables']['members']['$inferSelect'], orgPath: string): Member {
  const { mobileHash, sealedMobile: _, ...member } = row
  return { ...member, orgPath, hasMobile: mobileHash !== null }
}

/** A path and the id behind it: paths end with a '/', ids have none. */
function readCursor(cursor: string): { path: string; id: string } {
  const at = cursor.lastIndexOf('/') + 1
  if (at === 0 || at === cursor.length) throw new Refusal('VALIDATION_FAILED', { field: 'after' })
  return { path: cursor.slice(0, at), id: cursor.slice(at) }
}
