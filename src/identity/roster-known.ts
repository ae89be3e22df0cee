import { and, eq, inArray, sql } from 'drizzle-orm'

import { statement, type Tx } from '../store/store.ts'
import { blankList, blanks } from './look-up.ts'
import type { PreparedRow } from './roster-prepare.ts'

/** What a roster row is compared with. */
export interface StoredMember {
  readonly id: string
  readonly bucket: number
  readonly personId: string
  readonly memberNo: string
  readonly name: string
  readonly orgCode: string
  readonly standing: 'active' | 'suspended' | 'retired' | 'left'
  readonly occupation: string | null
  readonly joinedOn: string | null
  readonly birthDate: string | null
  readonly gender: 'female' | 'male' | null
  readonly hardship: boolean | null
  readonly modelWorker: boolean | null
  readonly mobileHash: Uint8Array | null
  readonly createdAt: number
}

/** A member's last stay in an organisation. */
export interface LastStay {
  readonly seq: number
  /** The day it ended; null while it lasts. */
  readonly until: string | null
}

/** A membership that was left, and the day of that. */
export interface LeftMember extends StoredMember {
  readonly until: string
}

/** A person whom a row is about. */
export interface Person {
  readonly personId: string
  /** Their membership, unless they left. */
  readonly member: StoredMember | undefined
  /** The memberships they left, the latest first; read only for who has none now. */
  readonly left: readonly LeftMember[]
}

/** What the database knows of the people in a chunk, read in its transaction. */
export interface Known {
  /** By `hashKey` of the identity. */
  readonly people: ReadonlyMap<string, Person>
  /** Whose a member number is, those of memberships that were left included: person ids. */
  readonly holders: ReadonlyMap<string, string>
}

const byIdentity = statement<Record<string, Uint8Array>>()((db) => {
  const { persons: p, members: m } = db.tables
  return db
    .select({ idHash: p.idHash, holder: p.id, ...columns(db) })
    .from(p)
    .leftJoin(m, and(eq(m.personId, p.id), sql`${m.standing} <> 'left'`))
    .where(sql`${p.idHash} in ${blankList}`)
})
const byNumber = statement<Record<string, string>>()((db) => {
  const { members: m } = db.tables
  return db
    .select({ memberNo: m.memberNo, personId: m.personId })
    .from(m)
    .where(sql`${m.memberNo} in ${blankList}`)
})

/** An octet string as the key of a Map. */
export function hashKey(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1')
}

/**
 * Reads everything stored about the identities and numbers of `rows` in two queries, and two more
 * if some of these people have left. `rows`: some thousands at the most, each binds two values.
 */
export async function readKnown(tx: Tx, rows: readonly PreparedRow[]): Promise<Known> {
  const people = await readPeople(
    tx,
    rows.map(({ idHash }) => idHash),
  )
  const holders = new Map<string, string>()
  for (const values of blanks(rows.flatMap(({ parsed }) => parsed.memberNo ?? []))) {
    for (const { memberNo, personId } of await tx.perform(byNumber, values)) {
      holders.set(memberNo, personId)
    }
  }
  return { people, holders }
}

/** The last stay of each of `memberIds`, by member id. */
export async function readLastStays(
  tx: Tx,
  memberIds: readonly string[],
): Promise<Map<string, LastStay>> {
  if (memberIds.length === 0) return new Map()
  const { memberships: s } = tx.tables
  const rows = await tx
    .select({
      memberId: s.memberId,
      seq: sql<number>`max(${s.seq})`,
      until: sql<string | null>`max(${s.until})`,
      open: sql<number>`sum(case when ${s.until} is null then 1 else 0 end)`,
    })
    .from(s)
    .where(inArray(s.memberId, [...memberIds]))
    .groupBy(s.memberId)
  return new Map(
    rows.map(({ memberId, seq, until, open }) => [
      memberId,
      { seq, until: Number(open) > 0 ? null : until },
    ]),
  )
}

async function readPeople(tx: Tx, hashes: readonly Uint8Array[]): Promise<Map<string, Person>> {
  const people = new Map<string, Person>()
  const absent = new Map<string, string>()
  for (const values of blanks(hashes)) {
    for (const { idHash, holder, ...member } of await tx.perform(byIdentity, values)) {
      if (idHash === null) continue
      const key = hashKey(idHash)
      const current = member.id === null ? undefined : (member as StoredMember)
      people.set(key, { personId: holder, member: current, left: [] })
      if (!current) absent.set(holder, key)
    }
  }
  const left = await readLeft(tx, [...absent.keys()])
  for (const [personId, key] of absent) {
    people.set(key, { personId, member: undefined, left: left.get(personId) ?? [] })
  }
  return people
}

/** The memberships that these persons left, the latest first, by person id. */
async function readLeft(
  tx: Tx,
  personIds: readonly string[],
): Promise<Map<string, readonly LeftMember[]>> {
  if (personIds.length === 0) return new Map()
  const { members: m } = tx.tables
  // The standing as a word of the statement and not as a value, so that a partial index fits.
  const rows = await tx
    .select(columns(tx))
    .from(m)
    .where(and(inArray(m.personId, [...personIds]), sql`${m.standing} = 'left'`))
  const stays = await readLastStays(
    tx,
    rows.map(({ id }) => id),
  )
  const left = rows.map((row) => ({ ...row, until: stays.get(row.id)?.until ?? '' }))
  left.sort((a, b) => (a.until < b.until ? 1 : -1))
  return Map.groupBy(left, ({ personId }) => personId)
}

function columns(tx: Tx) {
  const { members: m } = tx.tables
  return {
    id: m.id,
    bucket: m.bucket,
    personId: m.personId,
    memberNo: m.memberNo,
    name: m.name,
    orgCode: m.orgCode,
    standing: m.standing,
    occupation: m.occupation,
    joinedOn: m.joinedOn,
    birthDate: m.birthDate,
    gender: m.gender,
    hardship: m.hardship,
    modelWorker: m.modelWorker,
    mobileHash: m.mobileHash,
    createdAt: m.createdAt,
  }
}
