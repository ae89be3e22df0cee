import { eq, type SQL, sql } from 'drizzle-orm'

import type { ThisNode } from '../keys/this-node.ts'
import { type Reader, type Statement, statement } from '../store/store.ts'
import { blankList, blanks } from './look-up.ts'
import { isWithin } from './organisation-rules.ts'
import { maskValue } from './roster/faults.ts'
import type { Field, Layout } from './roster/headers.ts'
import type { ListRow } from './roster/list-row.ts'
import type { RowFault } from './roster/row.ts'
import { hashKey } from './roster-known.ts'
import { hashIdentity, hashMobile } from './roster-prepare.ts'

/** A row of a list with its numbers hashed, which is done before any transaction begins. */
export interface HashedRow {
  readonly row: ListRow
  readonly idHash: Uint8Array | undefined
  readonly mobileHash: Uint8Array | undefined
}

/** Whom the rows of a list mean. */
export interface Matches {
  /** A member for each row that names exactly one, in the order of the rows. */
  readonly memberIds: readonly string[]
  readonly faults: readonly RowFault[]
}

/** A member as far as a row can mean them. */
interface Candidate {
  readonly id: string
  readonly memberNo: string
  readonly name: string
  readonly left: boolean
  readonly idKey: string | undefined
  readonly mobileKey: string | undefined
}

type Outcome = { readonly memberId: string } | 'unknown' | 'ambiguous' | 'left'

const codes = {
  unknown: 'unknown_member',
  ambiguous: 'ambiguous_member',
  left: 'not_a_member',
} as const

/** Hashes what rows are looked up by. */
export function hashRows(
  node: Pick<ThisNode, 'hashing'>,
  rows: readonly ListRow[],
): readonly HashedRow[] {
  return rows.map((row) => ({
    row,
    idHash: row.identity && hashIdentity(node, row.identity.idType, row.identity.idNumber),
    mobileHash: row.phone && hashMobile(node, row.phone.mobile),
  }))
}

/**
 * Finds the members of the organisations at or below `within` whom rows name: by member number,
 * else by identity number, else by mobile number together with the name, the first that anybody
 * answers to. Suspended and retired members are members; who has left is not. A number that finds
 * one person beside an identity number of another is ambiguous: nobody is put on a list by a slip
 * of the hand. Whoever is outside of `within` is as unknown as one who does not exist.
 *
 * Four queries at the most for a thousand rows.
 */
export async function matchMembers(
  reader: Reader,
  rows: readonly HashedRow[],
  { within, layout }: { readonly within: string; readonly layout: Layout },
): Promise<Matches> {
  const known = await readCandidates(reader, rows, within)
  const memberIds: string[] = []
  const faults: RowFault[] = []
  for (const row of rows) {
    const outcome = outcomeOf(row, known)
    if (typeof outcome === 'object') memberIds.push(outcome.memberId)
    else if (outcome === 'unknown' && row.row.fault) faults.push(row.row.fault)
    else faults.push(faultOf(row.row, layout, codes[outcome]))
  }
  return { memberIds, faults }
}

/** Everybody in scope, by what a row may call them. */
interface Known {
  readonly byNumber: ReadonlyMap<string, readonly Candidate[]>
  readonly byIdentity: ReadonlyMap<string, readonly Candidate[]>
  readonly byMobile: ReadonlyMap<string, readonly Candidate[]>
}

function outcomeOf({ row, idHash, mobileHash }: HashedRow, known: Known): Outcome {
  const idKey = idHash && hashKey(idHash)
  const called = (one: Candidate) => one.name === row.phone?.name
  const ways = [
    row.memberNo === undefined ? [] : (known.byNumber.get(row.memberNo) ?? []),
    idKey === undefined ? [] : (known.byIdentity.get(idKey) ?? []),
    mobileHash ? (known.byMobile.get(hashKey(mobileHash)) ?? []).filter(called) : [],
  ]
  let left = false
  for (const found of ways) {
    const present = found.filter((one) => !one.left)
    const [first] = present
    if (first) {
      const another = idKey !== undefined && first.idKey !== undefined && first.idKey !== idKey
      return present.length > 1 || another ? 'ambiguous' : { memberId: first.id }
    }
    left ||= found.length > 0
  }
  return left ? 'left' : 'unknown'
}

async function readCandidates(
  reader: Reader,
  rows: readonly HashedRow[],
  within: string,
): Promise<Known> {
  const find = async <T>(by: LookUp, wanted: readonly T[]) => {
    const found: Candidate[] = []
    for (const values of blanks(wanted)) {
      for (const row of await reader.perform(by, values)) {
        if (isWithin(row.path, within)) found.push(candidateOf(row))
      }
    }
    return found
  }
  const identities = hashesOf(rows.map(({ idHash }) => idHash))
  const mobiles = hashesOf(rows.map(({ mobileHash }) => mobileHash))
  const present = grouped(await find(byIdentity, [...identities.values()]), (one) => one.idKey)
  const absent = [...identities].filter(([key]) => !present.has(key)).map(([, hash]) => hash)
  const left = grouped(await find(byIdentityLeft, absent), (one) => one.idKey)
  const numbers = new Set(rows.map(({ row }) => row.memberNo).filter((no) => no !== undefined))
  return {
    byNumber: grouped(await find(byNumber, [...numbers]), (one) => one.memberNo),
    byIdentity: new Map([...present, ...left]),
    byMobile: grouped(await find(byMobile, [...mobiles.values()]), (one) => one.mobileKey),
  }
}

function candidateOf({ standing, idHash, mobileHash, id, memberNo, name }: Found): Candidate {
  return {
    ...{ id, memberNo, name },
    left: standing === 'left',
    idKey: idHash ? hashKey(idHash) : undefined,
    mobileKey: mobileHash ? hashKey(mobileHash) : undefined,
  }
}

interface Found {
  readonly id: string
  readonly memberNo: string
  readonly name: string
  readonly standing: string
  readonly idHash: Uint8Array | null
  readonly mobileHash: Uint8Array | null
  readonly path: string
}

type LookUp = Statement<object, Found[]>

const byNumber = lookUp(({ members: m }) => sql`${m.memberNo} in ${blankList}`)
const byMobile = lookUp(({ members: m }) => sql`${m.mobileHash} in ${blankList}`)
// The standing as a word of the statement and not as a value, so that a partial index fits.
const byIdentity = lookUp(
  ({ members: m, persons: p }) => sql`${p.idHash} in ${blankList} and ${m.standing} <> 'left'`,
)
const byIdentityLeft = lookUp(
  ({ members: m, persons: p }) => sql`${p.idHash} in ${blankList} and ${m.standing} = 'left'`,
)

function lookUp(which: (tables: Reader['tables']) => SQL): LookUp {
  return statement<object>()((db) => {
    const { members: m, persons: p, organisations: o } = db.tables
    return db
      .select({
        id: m.id,
        memberNo: m.memberNo,
        name: m.name,
        standing: m.standing,
        idHash: p.idHash,
        mobileHash: m.mobileHash,
        path: o.path,
      })
      .from(m)
      .innerJoin(p, eq(p.id, m.personId))
      .innerJoin(o, eq(o.code, m.orgCode))
      .where(which(db.tables))
  })
}

function grouped(
  found: readonly Candidate[],
  keyOf: (one: Candidate) => string | undefined,
): ReadonlyMap<string, readonly Candidate[]> {
  const groups = new Map<string, Candidate[]>()
  for (const one of found) {
    const key = keyOf(one) ?? ''
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  return groups
}

/** Each of the hashes once, by its key. */
function hashesOf(hashes: readonly (Uint8Array | undefined)[]): ReadonlyMap<string, Uint8Array> {
  return new Map(hashes.flatMap((hash) => (hash ? [[hashKey(hash), hash]] : [])))
}

/** The fault beside the first cell by which the row names somebody. */
function faultOf(row: ListRow, layout: Layout, code: RowFault['code']): RowFault {
  const { memberNo, identity, phone } = row
  const values: readonly [Field, string | undefined][] = [
    ['member_no', memberNo],
    ['id_number', identity?.idNumber],
    ['mobile', phone?.mobile],
  ]
  const [field, value = ''] = values.find(([, text]) => text !== undefined) ?? ['member_no']
  const column = layout.headers[layout.at[field]] ?? field
  return { row: row.row, column, field, value: maskValue(field, value), code }
}
