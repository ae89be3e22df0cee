import { and, asc, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { CalendarDate } from './calendar-date.ts'
import { recordMemberEvents } from './member-events.ts'
import { readLastStays } from './roster-known.ts'

/** An organisation that was merged into another, and the other. */
export interface Merged {
  readonly code: string
  readonly into: string
}

/** A closed organisation that still has members, if there is one. */
export async function unfollowedMerger(reader: Reader): Promise<Merged | undefined> {
  const { organisations: o } = reader.tables
  const [row] = await reader
    .select({ code: o.code, into: o.mergedInto })
    .from(o)
    .where(
      and(
        isNotNull(o.mergedInto),
        sql`exists (select 1 from members m where m.org_code = ${o.code} and m.standing <> 'left')`,
      ),
    )
    .orderBy(asc(o.code))
    .limit(1)
  return row?.into ? { code: row.code, into: row.into } : undefined
}

/** Closed organisations and their successors, as a roster's codes are read. */
export async function successors(reader: Reader): Promise<ReadonlyMap<string, string>> {
  const { organisations: o } = reader.tables
  const rows = await reader
    .select({ code: o.code, into: o.mergedInto })
    .from(o)
    .where(isNotNull(o.mergedInto))
  return new Map(rows.map(({ code, into }) => [code, into ?? code]))
}

/**
 * Makes some members of a closed organisation its successor's: their stay ends today and the next
 * begins. Who has left stays where they left. Answers how many; whoever was moved meanwhile is not
 * moved again.
 */
export async function followMerger(
  tx: Tx,
  { code, into }: Merged,
  { limit, today, now }: { readonly limit: number; readonly today: CalendarDate; now: Instant },
): Promise<number> {
  const { members: m, memberships: s } = tx.tables
  const some = tx
    .select({ id: m.id })
    .from(m)
    .where(and(eq(m.orgCode, code), sql`${m.standing} <> 'left'`))
    .orderBy(asc(m.id))
    .limit(limit)
  const moved = await tx
    .update(m)
    .set({ orgCode: into, updatedAt: now })
    .where(and(eq(m.orgCode, code), inArray(m.id, some)))
    .returning({ id: m.id })
  if (moved.length === 0) return 0
  const ids = moved.map(({ id }) => id)
  const last = await readLastStays(tx, ids)
  await tx
    .update(s)
    .set({ until: today })
    .where(and(inArray(s.memberId, ids), isNull(s.until)))
  const stays = ids.map((memberId) => {
    const seq = (last.get(memberId)?.seq ?? 0) + 1
    return { memberId, seq, orgCode: into, from: today }
  })
  await tx.insertMany(s, stays)
  const events = ids.map((memberId) => ({ memberId, kind: 'changed' as const }))
  await recordMemberEvents(tx, events, now)
  return moved.length
}
