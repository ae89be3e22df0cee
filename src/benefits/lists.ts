import { and, asc, eq, inArray, or, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { Tables } from '../store/schema/tables.ts'
import type { Reader, Tx } from '../store/store.ts'
import { under } from './criteria/compile-leaf.ts'
import { behind, type Page } from './page.ts'
import { type Actor, requireScope, requireSight } from './scope.ts'

export type List = Tables['lists']['$inferSelect']

/** Makes an empty list that belongs to an organisation. Refusals NOT_FOUND, OUT_OF_SCOPE. */
export async function createList(
  tx: Tx,
  { name, orgCode }: { readonly name: string; readonly orgCode: string },
  actor: Actor,
  now: Instant,
): Promise<List> {
  await requireScope(tx, actor.orgPaths, orgCode)
  const list = { id: newId(now), name, orgCode, createdBy: actor.personId, createdAt: now }
  await tx.insert(tx.tables.lists).values(list)
  return list
}

export interface Matched {
  /** Members found, those that were on the list already among them. */
  readonly matched: number
  /** Of these, members the list did not have. */
  readonly added: number
  /** Numbers of no member below the list's organisation, each once, in their order. */
  readonly unknown: readonly string[]
}

/** At most so many numbers in one call: a million come in chunks. */
export const mostNumbers = 5000

/**
 * Puts members on a list by their member numbers. A member outside the list's organisation is as
 * unknown as one who does not exist. Refusals NOT_FOUND, VALIDATION_FAILED.
 */
export async function addToList(
  tx: Tx,
  listId: string,
  memberNos: readonly string[],
  actor: Actor,
): Promise<Matched> {
  if (memberNos.length > mostNumbers) {
    throw new Refusal('VALIDATION_FAILED', { issues: [`members: at most ${mostNumbers} at once`] })
  }
  const list = await readList(tx, listId)
  const path = await requireSight(tx, actor.orgPaths, { orgCode: list.orgCode, what: 'list' })
  const { members, organisations, listMembers } = tx.tables
  const numbers = [...new Set(memberNos)]
  const found = await tx
    .select({ memberId: members.id, memberNo: members.memberNo })
    .from(members)
    .innerJoin(organisations, eq(organisations.code, members.orgCode))
    .where(and(inArray(members.memberNo, numbers), under(organisations.path, path)))
  const rows = found.map(({ memberId }) => ({ listId, memberId }))
  const added = await tx.insertMany(listMembers, rows, { ignore: true })
  const known = new Set(found.map((row) => row.memberNo))
  return { matched: found.length, added, unknown: numbers.filter((no) => !known.has(no)) }
}

/** Refusal NOT_FOUND when there is no such list. */
export async function readList(reader: Reader, listId: string): Promise<List> {
  const { lists } = reader.tables
  const [row] = await reader.select().from(lists).where(eq(lists.id, listId))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'list' })
  return row
}

/** How many members a list has. */
export async function listSize(reader: Reader, listId: string): Promise<number> {
  const { listMembers } = reader.tables
  return reader.$count(listMembers, eq(listMembers.listId, listId))
}

/** Lists of organisations at or below one of `orgPaths`, in the order of their ids. */
export async function listLists(
  reader: Reader,
  orgPaths: readonly string[],
  page: Page,
): Promise<List[]> {
  const { lists, organisations } = reader.tables
  const below = or(...orgPaths.map((path) => under(organisations.path, path))) ?? sql`1 = 0`
  const rows = await reader
    .select({ list: lists })
    .from(lists)
    .innerJoin(organisations, eq(organisations.code, lists.orgCode))
    .where(and(below, behind(lists.id, page)))
    .orderBy(asc(lists.id))
    .limit(page.limit)
  return rows.map((row) => row.list)
}
