import { and, asc, eq, notInArray } from 'drizzle-orm'

import { Refusal } from '../../base/refusal.ts'
import type { drawStates } from '../../store/schema/draws.ts'
import type { Tables } from '../../store/schema/tables.ts'
import type { Reader } from '../../store/store.ts'
import { behind, type Page } from '../page.ts'
import { inScope, readProgramme } from '../programmes.ts'
import { type Actor, requireSight } from '../scope.ts'
import { type BenefitVersion, benefitVersion } from '../versions.ts'

export type Draw = Tables['draws']['$inferSelect']
export type DrawState = (typeof drawStates)[number]
export type DrawEntry = Tables['drawEntries']['$inferSelect']

/** How often units that came back are offered again. */
export const mostRounds = 5

/** Refusal NOT_FOUND when there is no such draw. */
export async function readDraw(reader: Reader, id: string): Promise<Draw> {
  const { draws } = reader.tables
  const [row] = await reader.select().from(draws).where(eq(draws.id, id))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'draw' })
  return row
}

/** The draw of a benefit's stock. Refusal NOT_FOUND when it is not drawn. */
export async function drawOf(reader: Reader, benefitId: string): Promise<Draw> {
  const { draws } = reader.tables
  const [row] = await reader.select().from(draws).where(eq(draws.benefitId, benefitId))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'draw' })
  return row
}

/** A draw of a programme that the actor's scope covers. Refusal NOT_FOUND. */
export async function requireDraw(reader: Reader, id: string, actor: Actor): Promise<Draw> {
  const draw = await readDraw(reader, id)
  const { programme } = await benefitOfDraw(reader, draw)
  const { orgCode } = await readProgramme(reader, programme.id)
  await requireSight(reader, actor.orgPaths, { orgCode, what: 'draw' })
  return draw
}

/** Draws in the order of their ids, those of programmes at or below one of `orgPaths`. */
export async function listDraws(
  reader: Reader,
  orgPaths: readonly string[],
  page: Page,
): Promise<Draw[]> {
  const { draws, benefits, programmes } = reader.tables
  const rows = await reader
    .select({ draw: draws })
    .from(draws)
    .innerJoin(benefits, eq(benefits.id, draws.benefitId))
    .innerJoin(programmes, eq(programmes.id, benefits.programmeId))
    .where(and(inScope(reader, orgPaths), behind(draws.id, page)))
    .orderBy(asc(draws.id))
    .limit(page.limit)
  return rows.map(({ draw }) => draw)
}

/** Draws that are not over, the oldest first, each with the state of its benefit. */
export async function openDraws(reader: Reader) {
  const { draws, benefits } = reader.tables
  return reader
    .select({ draw: draws, benefit: benefits.state })
    .from(draws)
    .innerJoin(benefits, eq(benefits.id, draws.benefitId))
    .where(notInArray(draws.state, ['done', 'cancelled']))
    .orderBy(asc(draws.id))
    .limit(200)
}

/** The published version of the benefit that a draw gives. */
export async function benefitOfDraw(reader: Reader, draw: Draw): Promise<BenefitVersion> {
  const benefit = await benefitVersion(reader, draw.benefitId, draw.benefitVersion)
  if (!benefit) throw new TypeError(`draw of an unpublished benefit ${draw.benefitId}`)
  return benefit
}

/** Everybody who entered, in ASCII order: the list that the closing leaf commits to. */
export async function pseudonymsOf(reader: Reader, drawId: string): Promise<string[]> {
  const { drawEntries: e } = reader.tables
  const rows = await reader.select({ name: e.pseudonym }).from(e).where(eq(e.drawId, drawId))
  return rows.map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1))
}

/** A person's entry. */
export async function entryOfPerson(
  reader: Reader,
  { drawId, bucket, personId }: { drawId: string; bucket: number; personId: string },
): Promise<DrawEntry | undefined> {
  const { drawEntries: e } = reader.tables
  const [row] = await reader
    .select()
    .from(e)
    .where(and(eq(e.bucket, bucket), eq(e.drawId, drawId), eq(e.personId, personId)))
  return row
}

/** States in which the list of entrants can no longer change. */
export const closedStates: readonly DrawState[] = ['closed', 'drawn', 'done']
