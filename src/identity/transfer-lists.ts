import { and, asc, desc, eq, exists, gt, gte, inArray, lt, or, type SQL, sql } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import type { Reader } from '../store/store.ts'
import { readApplication } from './applications.ts'
import { subtreeRange } from './organisation-rules.ts'
import type { Transfer, TransferState } from './transfers.ts'

/** A transfer with the names that both unions and the member may see. */
export interface NamedTransfer {
  readonly transfer: Transfer
  readonly member: { readonly memberNo: string; readonly name: string }
  readonly from: { readonly name: string; readonly path: string }
  readonly to: { readonly name: string; readonly path: string }
}

const historyLength = 50

/** A member's transfers, the latest first: the last fifty. */
export async function transfersOf(reader: Reader, memberId: string): Promise<NamedTransfer[]> {
  const { transfers: t } = reader.tables
  const rows = await reader
    .select()
    .from(t)
    .where(eq(t.memberId, memberId))
    .orderBy(desc(t.id))
    .limit(historyLength)
  return named(reader, rows)
}

/**
 * Transfers from or to an organisation at or below one of `orgPaths`, the oldest first; one more
 * than `limit`.
 */
export async function listTransfers(
  reader: Reader,
  given: {
    readonly orgPaths: readonly string[]
    readonly state?: TransferState | undefined
    readonly after: string
    readonly limit: number
  },
): Promise<NamedTransfer[]> {
  const { transfers: t } = reader.tables
  const { orgPaths, state, after, limit } = given
  const rows = await reader
    .select()
    .from(t)
    .where(
      and(
        ...[gt(t.id, after), state && eq(t.state, state)],
        or(
          ...[under(reader, sql`${t.fromOrg}`, orgPaths), under(reader, sql`${t.toOrg}`, orgPaths)],
        ),
      ),
    )
    .orderBy(asc(t.id))
    .limit(limit + 1)
  return named(reader, rows)
}

/** The same transfers with their names. */
export async function named(reader: Reader, rows: readonly Transfer[]): Promise<NamedTransfer[]> {
  if (rows.length === 0) return []
  const { members: m, organisations: o } = reader.tables
  const members = await reader
    .select({ id: m.id, memberNo: m.memberNo, name: m.name })
    .from(m)
    .where(inArray(m.id, [...new Set(rows.map(({ memberId }) => memberId))]))
  const codes = new Set(rows.flatMap(({ fromOrg, toOrg }) => [fromOrg, toOrg]))
  const places = await reader
    .select({ code: o.code, name: o.nameZh, path: o.path })
    .from(o)
    .where(inArray(o.code, [...codes]))
  const nobody = { memberNo: '', name: '' }
  const placeOf = (code: string) =>
    places.find((one) => one.code === code) ?? { name: code, path: '' }
  return rows.map((transfer) => ({
    transfer,
    member: members.find(({ id }) => id === transfer.memberId) ?? nobody,
    from: placeOf(transfer.fromOrg),
    to: placeOf(transfer.toOrg),
  }))
}

/**
 * The member of another organisation who applies to the one of this application: what a union may
 * ask to be released. Refusal NOT_FOUND when nobody such is a member elsewhere.
 */
export async function applicantElsewhere(
  reader: Reader,
  applicationId: string,
): Promise<{ readonly memberId: string }> {
  const { members: m, persons: p } = reader.tables
  const { idHash, orgCode } = await readApplication(reader, applicationId)
  const rows = await reader
    .select({ memberId: m.id, orgCode: m.orgCode, standing: m.standing })
    .from(m)
    .innerJoin(p, eq(p.id, m.personId))
    .where(eq(p.idHash, idHash))
  const present = rows.find(({ standing }) => standing !== 'left')
  if (!present || present.orgCode === orgCode) throw new Refusal('NOT_FOUND', { what: 'member' })
  return { memberId: present.memberId }
}

/** The code of the organisation that a member is in. Refusal NOT_FOUND. */
export async function orgOfMember(reader: Reader, memberId: string): Promise<string> {
  const { members: m } = reader.tables
  const [row] = await reader.select({ code: m.orgCode }).from(m).where(eq(m.id, memberId))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'member' })
  return row.code
}

function under(reader: Reader, code: SQL, orgPaths: readonly string[]): SQL {
  const { organisations: o } = reader.tables
  const ranges = orgPaths.map((path) => {
    const { from, to } = subtreeRange(path)
    return and(gte(o.path, from), lt(o.path, to))
  })
  const inside = and(eq(o.code, code), or(...ranges) ?? sql`1 = 0`)
  return exists(reader.select({ one: sql`1` }).from(o).where(inside))
}
