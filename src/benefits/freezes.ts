import { and, asc, eq, gte, inArray, isNull, lt, or, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { subtreeRange } from '../identity/organisation-rules.ts'
import { countAsOne } from '../identity/vouching.ts'
import type { freezeReasons } from '../store/schema/batches.ts'
import type { Tables } from '../store/schema/tables.ts'
import type { Reader, Tx } from '../store/store.ts'
import { type Actor, requireScope, requireSight } from './scope.ts'

export type Freeze = Tables['freezes']['$inferSelect']

/**
 * Stops issuing at and below an organisation at once: batches that run are paused, none starts or
 * goes on, and no open stock is claimed. What members hold stays good. Refusals: NOT_FOUND,
 * OUT_OF_SCOPE, FREEZE_ACTIVE (it is frozen already).
 */
export async function freeze(
  tx: Tx,
  given: { readonly orgCode: string; readonly reason: (typeof freezeReasons)[number] },
  actor: Actor,
  now: Instant,
): Promise<{ readonly freeze: Freeze; readonly paused: number }> {
  const { orgCode, reason } = given
  const { freezes, batches, organisations } = tx.tables
  const path = await requireScope(tx, actor.orgPaths, orgCode)
  const [made] = await tx
    .insert(freezes)
    .values({
      ...{ id: newId(now), orgCode, reason, begunAt: now },
      ...{ begunBy: actor.principalId, begunByPerson: actor.personId },
      ...{ endedBy: null, endedAt: null },
    })
    .onConflictDoNothing()
    .returning()
  if (!made) throw new Refusal('FREEZE_ACTIVE')
  const { from, to } = subtreeRange(path)
  const below = tx
    .select({ code: organisations.code })
    .from(organisations)
    .where(and(gte(organisations.path, from), lt(organisations.path, to)))
  const paused = await tx
    .update(batches)
    .set({ state: 'paused' })
    .where(and(eq(batches.state, 'running'), inArray(batches.orgCode, below)))
    .returning({ id: batches.id })
  return { freeze: made, paused: paused.length }
}

/**
 * Ends a freeze. It takes another person than who began it. Paused batches stay so until somebody
 * resumes them. Refusals: NOT_FOUND, SELF_APPROVAL, VERSION_CONFLICT (ended already).
 */
export async function thaw(tx: Tx, id: string, actor: Actor, now: Instant): Promise<Freeze> {
  const { freezes } = tx.tables
  const [standing] = await tx.select().from(freezes).where(eq(freezes.id, id))
  if (!standing) throw new Refusal('NOT_FOUND', { what: 'freeze' })
  await requireSight(tx, actor.orgPaths, { orgCode: standing.orgCode, what: 'freeze' })
  if (await countAsOne(tx, actor.personId, [standing.begunByPerson])) {
    throw new Refusal('SELF_APPROVAL')
  }
  const [ended] = await tx
    .update(freezes)
    .set({ endedBy: actor.principalId, endedAt: now })
    .where(and(eq(freezes.id, id), isNull(freezes.endedAt)))
    .returning()
  if (!ended) throw new Refusal('VERSION_CONFLICT')
  return ended
}

/** Refusal FREEZE_ACTIVE when issuing is stopped at or above the organisation. */
export async function requireThawed(reader: Reader, orgCode: string): Promise<void> {
  if (await isFrozen(reader, orgCode)) throw new Refusal('FREEZE_ACTIVE')
}

/** Whether issuing is stopped at or above an organisation. */
export async function isFrozen(reader: Reader, orgCode: string): Promise<boolean> {
  const { freezes, organisations: o } = reader.tables
  const [row] = await reader.select({ path: o.path }).from(o).where(eq(o.code, orgCode))
  const above = (row?.path ?? '').split('/').filter((code) => code !== '')
  if (above.length === 0) return false
  const [standing] = await reader
    .select({ id: freezes.id })
    .from(freezes)
    .where(and(inArray(freezes.orgCode, above), isNull(freezes.endedAt)))
    .limit(1)
  return standing !== undefined
}

/** The freezes that stand within the scopes, and above them, by their beginning. */
export async function standingFreezes(
  reader: Reader,
  orgPaths: readonly string[],
): Promise<Freeze[]> {
  const { freezes, organisations: o } = reader.tables
  const scopes = orgPaths.map((path) => {
    const { from, to } = subtreeRange(path)
    const above = path.split('/').filter((code) => code !== '')
    return or(and(gte(o.path, from), lt(o.path, to)), inArray(o.code, above))
  })
  const seen = sql`exists (select 1 from ${o}
    where ${o.code} = ${freezes.orgCode} and (${or(...scopes) ?? sql`1 = 0`}))`
  return reader
    .select()
    .from(freezes)
    .where(and(isNull(freezes.endedAt), seen))
    .orderBy(asc(freezes.begunAt))
}
