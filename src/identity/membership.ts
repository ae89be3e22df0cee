import { and, asc, eq, inArray, isNull } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { CalendarDate } from './calendar-date.ts'
import { recordMemberEvents } from './member-events.ts'
import { isWithin } from './organisation-rules.ts'
import { readOrganisation } from './organisations.ts'
import { readLastStays } from './roster-known.ts'

/** What is done to a membership: from which standings, and to which. */
const transitions = {
  suspend: { from: ['active'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'active' },
  retire: { from: ['active', 'suspended'], to: 'retired' },
  leave: { from: ['active', 'suspended', 'retired'], to: 'left' },
} as const

export type StandingChange = keyof typeof transitions

/** A member's stays in organisations, the first one first. */
export function membershipsOf(reader: Reader, memberId: string) {
  const { memberships } = reader.tables
  return reader
    .select()
    .from(memberships)
    .where(eq(memberships.memberId, memberId))
    .orderBy(asc(memberships.seq))
}

/** Whose membership, by whose right, and when. */
export interface MembershipAct {
  readonly memberId: string
  /** Path of the organisation whose staff asks: the member must be at or below it. */
  readonly within: string
  /** The day a stay in an organisation ends or begins. */
  readonly today: CalendarDate
  readonly now: Instant
}

/**
 * Suspends, resumes, retires or ends a membership, decided by one conditional update. Leaving also
 * ends the stay in the organisation; joining again is a new membership or a roster's.
 *
 * Refuses NOT_FOUND for a member who is not there or not within scope, VERSION_CONFLICT
 * (`standing`) when the standing does not allow it.
 */
export async function changeStanding(
  tx: Tx,
  change: StandingChange,
  { memberId, within, today, now }: MembershipAct,
): Promise<void> {
  const { members: m, memberships: s } = tx.tables
  const { from, to } = transitions[change]
  const member = await memberWithin(tx, memberId, within)
  const changed = await tx
    .update(m)
    .set({ standing: to, updatedAt: now })
    .where(and(eq(m.id, memberId), eq(m.orgCode, member.orgCode), inArray(m.standing, [...from])))
    .returning({ id: m.id })
  if (changed.length === 0) {
    throw new Refusal('VERSION_CONFLICT', { standing: member.standing })
  }
  await recordMemberEvents(tx, [{ memberId, kind: 'standing' }], now)
  if (to === 'retired') await recordMemberEvents(tx, [{ memberId, kind: 'changed' }], now)
  if (to !== 'left') return
  await tx
    .update(s)
    .set({ until: today })
    .where(and(eq(s.memberId, memberId), isNull(s.until)))
}

/**
 * Moves a member to another organisation: the stay in the old one ends today and the next begins.
 *
 * Refuses NOT_FOUND as `changeStanding` and for an unknown organisation, OUT_OF_SCOPE when that one
 * is not at or below `within`, ALREADY_EXISTS when the member is there already, VERSION_CONFLICT
 * when they have left or were moved meanwhile.
 */
export async function transferMember(
  tx: Tx,
  orgCode: string,
  { memberId, within, today, now }: MembershipAct,
): Promise<void> {
  const { members: m, memberships: s } = tx.tables
  const member = await memberWithin(tx, memberId, within)
  const target = await readOrganisation(tx, orgCode)
  if (!target) throw new Refusal('NOT_FOUND')
  if (!isWithin(target.path, within)) throw new Refusal('OUT_OF_SCOPE')
  if (member.orgCode === orgCode) throw new Refusal('ALREADY_EXISTS')
  const moved = await tx
    .update(m)
    .set({ orgCode, updatedAt: now })
    .where(
      and(
        eq(m.id, memberId),
        eq(m.orgCode, member.orgCode),
        inArray(m.standing, ['active', 'suspended', 'retired']),
      ),
    )
    .returning({ id: m.id })
  if (moved.length === 0) throw new Refusal('VERSION_CONFLICT', { standing: member.standing })
  await tx
    .update(s)
    .set({ until: today })
    .where(and(eq(s.memberId, memberId), isNull(s.until)))
  const seq = ((await readLastStays(tx, [memberId])).get(memberId)?.seq ?? 0) + 1
  await tx.insert(s).values({ memberId, seq, orgCode, from: today })
  await recordMemberEvents(tx, [{ memberId, kind: 'changed' }], now)
}

async function memberWithin(tx: Tx, memberId: string, within: string) {
  const { members: m, organisations: o } = tx.tables
  const [member] = await tx
    .select({ orgCode: m.orgCode, standing: m.standing, path: o.path })
    .from(m)
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(eq(m.id, memberId))
  if (!member || !isWithin(member.path, within)) throw new Refusal('NOT_FOUND')
  return member
}
