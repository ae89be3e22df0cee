import { and, eq, inArray } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'
import type { Criteria, HistoryEvent } from './criteria/criteria.ts'
import type { Occupation } from './criteria/facts.ts'
import { mentionsOf, readSegments } from './criteria/named.ts'
import type { PersonFacts, StoredFacts } from './criteria/person-facts.ts'
import { midnightOf } from './criteria/zone.ts'

/** What is on record of one member, for the criteria that it was loaded for. */
export interface Person {
  readonly memberId: string
  readonly facts: StoredFacts
  readonly orgPath: string
  readonly region: number
  readonly lists: ReadonlySet<string>
  /** Voucher events of the person, under every membership. */
  readonly events: readonly VoucherEvent[]
  readonly segments: ReadonlyMap<string, Criteria>
}
interface VoucherEvent {
  readonly event: HistoryEvent
  readonly benefitId: string
  /** The benefit's kind. */
  readonly category: string
  readonly at: Instant
}

/**
 * Loads a member once for many benefits: lists, segments and history only as `criteria` ask for
 * them. `undefined` when there is no such member.
 */
export async function loadPerson(
  reader: Reader,
  memberId: string,
  criteria: readonly Criteria[],
): Promise<Person | undefined> {
  const { members, organisations } = reader.tables
  const [row] = await reader
    .select({ member: members, path: organisations.path, region: organisations.region })
    .from(members)
    .innerJoin(organisations, eq(organisations.code, members.orgCode))
    .where(eq(members.id, memberId))
  if (!row) return undefined
  const { member } = row
  const segments = await readSegments(reader, criteria)
  const { lists, history } = mentionsOf(...criteria, ...segments.values())
  return {
    memberId,
    facts: {
      occupation: (member.occupation as Occupation | null) ?? undefined,
      gender: member.gender ?? undefined,
      birth_date: member.birthDate ?? undefined,
      joined_on: member.joinedOn ?? undefined,
      hardship: member.hardship ?? undefined,
      model_worker: member.modelWorker ?? undefined,
      standing: member.standing,
      has_mobile: member.mobileHash !== null,
    },
    orgPath: row.path,
    region: row.region,
    lists: await listsOf(reader, memberId, lists),
    events: history ? await eventsOf(reader, member) : [],
    segments,
  }
}

/** The person as the evaluator sees it: the days of events are days of `timeZone`. */
export function factsIn(person: Person, timeZone: string): PersonFacts {
  const starts = new Map<string, Instant>()
  const startOf = (date: string) => {
    const known = starts.get(date) ?? midnightOf(date, timeZone)
    starts.set(date, known)
    return known
  }
  return {
    ...person,
    history: ({ event, benefit, category, from }) => {
      const start = from === undefined ? -Infinity : startOf(from)
      return person.events.filter(
        (one) =>
          one.event === event &&
          one.at >= start &&
          (benefit === undefined || one.benefitId === benefit) &&
          (category === undefined || one.category === category),
      ).length
    },
    segment: (id) => person.segments.get(id),
  }
}

async function listsOf(reader: Reader, memberId: string, named: ReadonlySet<string>) {
  if (named.size === 0) return new Set<string>()
  const { listMembers } = reader.tables
  const rows = await reader
    .select({ id: listMembers.listId })
    .from(listMembers)
    .where(and(inArray(listMembers.listId, [...named]), eq(listMembers.memberId, memberId)))
  return new Set(rows.map((row) => row.id))
}

async function eventsOf(
  reader: Reader,
  { bucket, personId }: { bucket: number; personId: string },
): Promise<VoucherEvent[]> {
  const { vouchers, redemptions, benefits } = reader.tables
  const mine = and(eq(vouchers.bucket, bucket), eq(vouchers.personId, personId))
  const taken = await reader
    .select({
      benefitId: vouchers.benefitId,
      category: benefits.kind,
      issuedAt: vouchers.issuedAt,
      claimedAt: vouchers.claimedAt,
    })
    .from(vouchers)
    .innerJoin(benefits, eq(benefits.id, vouchers.benefitId))
    .where(mine)
  const used = await reader
    .select({ benefitId: vouchers.benefitId, category: benefits.kind, at: redemptions.redeemedAt })
    .from(vouchers)
    .innerJoin(benefits, eq(benefits.id, vouchers.benefitId))
    .innerJoin(
      redemptions,
      and(eq(redemptions.bucket, vouchers.bucket), eq(redemptions.voucherId, vouchers.id)),
    )
    .where(and(mine, eq(redemptions.state, 'committed')))
  return [
    ...taken.map(({ issuedAt: at, ...which }) => ({ event: 'issued' as const, ...which, at })),
    ...taken.flatMap(({ claimedAt: at, ...which }) =>
      at === null ? [] : [{ event: 'claimed' as const, ...which, at }],
    ),
    ...used.map((which) => ({ event: 'redeemed' as const, ...which })),
  ]
}
