import { and, inArray, isNull, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { bucketOf, newId, newRandomId, type Random } from '../base/id.ts'
import { pooledRandom } from '../base/pooled-random.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import type { CalendarDate } from './calendar-date.ts'
import { type MemberEvent, recordMemberEvents } from './member-events.ts'
import { maskValue } from './roster/faults.ts'
import type { Field } from './roster/headers.ts'
import type { RowFault } from './roster/row.ts'
import { judgeRows, type RosterRules, type Verdict } from './roster-judge.ts'
import { readKnown, readLastStays } from './roster-known.ts'
import type { PreparedRow } from './roster-prepare.ts'

/** What a chunk did. */
export interface ChunkOutcome {
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly faults: readonly RowFault[]
  /** The rows that later ones of the same file must not contradict, once this is committed. */
  readonly accepted: readonly PreparedRow[]
}

/** What a chunk is written by, besides its rows. */
export interface ChunkContext extends RosterRules {
  readonly node: ThisNode
  /** The day on which a transfer by roster takes effect. */
  readonly today: CalendarDate
  readonly now: Instant
  readonly random?: Random
}

type Of<Kind> = Extract<Verdict, { readonly kind: Kind }> & { readonly row: PreparedRow }

const upsertSize = 500

/**
 * Writes one chunk of a roster (about a thousand rows) in a number of statements that does not
 * depend on its size: new persons, members and memberships, and what changed of those it knows.
 * It changes nothing but the database, so that it may be run again.
 *
 * A new member without a number gets one; that it was taken already, or that somebody else added
 * the same person meanwhile, ends in a duplicate (`isDuplicate`): run the chunk again.
 */
export async function writeChunk(
  tx: Tx,
  rows: readonly PreparedRow[],
  context: ChunkContext,
): Promise<ChunkOutcome> {
  const { outcome, added, updated } = await judge(tx, rows, context)
  await add(tx, added, context)
  await update(tx, updated, context)
  await moveStays(tx, updated, context)
  await recordMemberEvents(tx, updated.flatMap(eventsOf), context.now)
  return outcome
}

/** What writing a chunk would do as everything stands now. */
export async function checkChunk(
  tx: Tx,
  rows: readonly PreparedRow[],
  context: RosterRules,
): Promise<ChunkOutcome> {
  return (await judge(tx, rows, context)).outcome
}

async function judge(tx: Tx, rows: readonly PreparedRow[], context: RosterRules) {
  const verdicts = judgeRows(rows, await readKnown(tx, rows), context)
  const added: Of<'added'>[] = []
  const updated: Of<'changed' | 'rejoined'>[] = []
  const faults: RowFault[] = []
  const accepted: PreparedRow[] = []
  rows.forEach((row, i) => {
    const verdict = verdicts[i]
    if (verdict === undefined) return
    if (verdict.kind === 'refused') {
      faults.push(faultOf(row, verdict, context))
      return
    }
    accepted.push(row)
    if (verdict.kind === 'added') added.push({ ...verdict, row })
    else if (verdict.kind !== 'unchanged') updated.push({ ...verdict, row })
  })
  const counts = { added: added.length, changed: updated.length }
  const unchanged = accepted.length - counts.added - counts.changed
  const outcome: ChunkOutcome = { ...counts, unchanged, faults, accepted }
  return { outcome, added, updated }
}

async function add(tx: Tx, added: readonly Of<'added'>[], context: ChunkContext): Promise<void> {
  const { now, random = pooledRandom } = context
  // One of sixteen parts of the buckets a chunk: its ids meet on few pages of their indexes, which
  // is a third less to write for a million. Many chunks fill all buckets alike.
  const part = newRandomId(random).slice(0, 1)
  const persons: Tx['tables']['persons']['$inferInsert'][] = []
  const members: Tx['tables']['members']['$inferInsert'][] = []
  const memberships: Tx['tables']['memberships']['$inferInsert'][] = []
  for (const { row, facts, ...verdict } of added) {
    const personId = verdict.personId ?? part + newRandomId(random).slice(1)
    if (verdict.personId === undefined) {
      const { idHash, sealedId, parsed } = row
      persons.push({ id: personId, idType: parsed.idType, idHash, sealedId, createdAt: now })
    }
    const id = newId(now, random)
    members.push({
      id,
      bucket: bucketOf(personId),
      personId,
      memberNo: row.parsed.memberNo ?? newMemberNo(context.node, random),
      ...facts,
      standing: 'active',
      sealedMobile: row.sealedMobile,
      createdAt: now,
      updatedAt: now,
    })
    memberships.push({ memberId: id, seq: 1, orgCode: facts.orgCode, from: facts.joinedOn })
  }
  await tx.insertMany(tx.tables.persons, persons)
  await tx.insertMany(tx.tables.members, members)
  await tx.insertMany(tx.tables.memberships, memberships)
}

/**
 * Updates many members, each to values of its own, as an insert that meets the member itself:
 * the one form of it that both engines have.
 */
async function update(
  tx: Tx,
  updated: readonly Of<'changed' | 'rejoined'>[],
  { layout, now }: ChunkContext,
): Promise<void> {
  const { members: m } = tx.tables
  const mobile = layout.at.mobile >= 0 ? { sealedMobile: sql`excluded.sealed_mobile` } : {}
  for (let from = 0; from < updated.length; from += upsertSize) {
    const rows = updated.slice(from, from + upsertSize).map(({ member, facts, kind, row }) => ({
      ...member,
      ...facts,
      standing: kind === 'rejoined' ? ('active' as const) : member.standing,
      sealedMobile: row.sealedMobile,
      updatedAt: now,
    }))
    const set = {
      name: sql`excluded.name`,
      orgCode: sql`excluded.org_code`,
      standing: sql`excluded.standing`,
      occupation: sql`excluded.occupation`,
      joinedOn: sql`excluded.joined_on`,
      birthDate: sql`excluded.birth_date`,
      gender: sql`excluded.gender`,
      hardship: sql`excluded.hardship`,
      modelWorker: sql`excluded.model_worker`,
      mobileHash: sql`excluded.mobile_hash`,
      ...mobile,
      updatedAt: sql`excluded.updated_at`,
    }
    await tx.insert(m).values(rows).onConflictDoUpdate({ target: m.id, set })
  }
}

/** Ends the stays of those whose organisation changed and begins the next, also of who rejoined. */
async function moveStays(
  tx: Tx,
  updated: readonly Of<'changed' | 'rejoined'>[],
  { today }: ChunkContext,
): Promise<void> {
  const moving = updated.filter(
    ({ kind, member, facts }) => kind === 'rejoined' || member.orgCode !== facts.orgCode,
  )
  if (moving.length === 0) return
  const { memberships: s } = tx.tables
  const ids = moving.map(({ member }) => member.id)
  await tx
    .update(s)
    .set({ until: today })
    .where(and(inArray(s.memberId, ids), isNull(s.until)))
  const stays = await readLastStays(tx, ids)
  await tx.insertMany(
    s,
    moving.map(({ kind, member, facts }) => ({
      memberId: member.id,
      seq: (stays.get(member.id)?.seq ?? 0) + 1,
      orgCode: facts.orgCode,
      from: kind === 'rejoined' ? facts.joinedOn : today,
    })),
  )
}

/** What credentials say must be right: all facts but the mobile number are in them. */
function eventsOf({ kind, member, facts }: Of<'changed' | 'rejoined'>): MemberEvent[] {
  const { mobileHash: _, ...stated } = facts
  const changed = Object.entries(stated).some(
    ([name, value]) => member[name as keyof typeof stated] !== value,
  )
  const memberId = member.id
  return [
    ...(kind === 'rejoined' ? [{ memberId, kind: 'standing' } as const] : []),
    ...(changed ? [{ memberId, kind: 'changed' } as const] : []),
  ]
}

function faultOf(
  { parsed }: PreparedRow,
  { code, field }: { readonly code: RowFault['code']; readonly field: Field },
  { layout }: RosterRules,
): RowFault {
  const values: Partial<Record<Field, string | undefined>> = {
    id_number: parsed.idNumber,
    member_no: parsed.memberNo,
    org_code: parsed.orgCode,
  }
  const column = layout.headers[layout.at[field]] ?? field
  return { row: parsed.row, column, field, value: maskValue(field, values[field] ?? ''), code }
}

/** The node's code and twelve random digits. */
function newMemberNo(node: ThisNode, random: Random): string {
  const number = Buffer.from(random(6)).readUIntBE(0, 6) % 1e12
  return node.code.toUpperCase() + String(number).padStart(12, '0')
}
