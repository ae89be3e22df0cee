import { and, asc, desc, eq } from 'drizzle-orm'

import { looksAt } from '../identity/looks.ts'
import { messageText } from '../identity/message-words.ts'
import { openTransferReason } from '../identity/transfers.ts'
import { unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader } from '../store/store.ts'
import { openCollector } from './delegations.ts'
import { answerOf } from './reports.ts'

/** A row as its person may read it: what is nobody's secret, and theirs in the clear. */
export type PlainRow = Readonly<Record<string, string | number | boolean>>

/** What is held about a member, by subject. */
export type Export = Readonly<Record<(typeof exportSections)[number], readonly PlainRow[]>>

export const exportSections = [
  ...(['member', 'memberships', 'devices', 'passkeys', 'credentials'] as const),
  ...(['messages', 'transfers'] as const),
  ...(['vouchers', 'claims', 'redemptions', 'collectors', 'reports', 'looks'] as const),
] as const

/** The most rows that one subject has in an export. */
const most = 5000

/**
 * Everything that this node holds about a member, in the clear, without keys, hashes and who of the
 * staff it was. For the member alone; it is never kept.
 */
export async function exportMember(
  reader: Reader,
  node: ThisNode,
  { memberId, bucket }: { readonly memberId: string; readonly bucket: number },
): Promise<Export> {
  const t = reader.tables
  const [found] = await reader
    .select({ member: t.members, person: t.persons })
    .from(t.members)
    .innerJoin(t.persons, eq(t.persons.id, t.members.personId))
    .where(eq(t.members.id, memberId))
  if (!found) throw new TypeError('a device of nobody')
  const { member, person } = found
  const given = { memberId, bucket, personId: member.personId }
  return {
    member: [
      plain({
        ...member,
        idType: person.idType,
        idNumber: opened(node, person.sealedId, 'identity'),
        mobile: opened(node, member.sealedMobile, 'mobile'),
      }),
    ],
    ...(await ofMember(reader, memberId)),
    ...(await toldAndMoved(reader, node, given)),
    ...(await ofVouchers(reader, node, given)),
  }
}

async function ofMember(reader: Reader, memberId: string) {
  const { memberships: m, devices: d, passkeys: p, credentials: c } = reader.tables
  const looks = await looksAt(reader, memberId, { before: '', limit: most })
  return {
    memberships: all(await reader.select().from(m).where(eq(m.memberId, memberId)).limit(most)),
    devices: all(await reader.select().from(d).where(eq(d.memberId, memberId)).limit(most)),
    passkeys: all(await reader.select().from(p).where(eq(p.memberId, memberId)).limit(most)),
    credentials: all(await reader.select().from(c).where(eq(c.memberId, memberId)).limit(most)),
    looks: looks.map((look) => plain({ ...look, principalId: null })),
  }
}

async function toldAndMoved(
  reader: Reader,
  node: ThisNode,
  { memberId, bucket }: { memberId: string; bucket: number },
) {
  const { messages: g, transfers: t } = reader.tables
  const own = and(eq(g.bucket, bucket), eq(g.memberId, memberId))
  const messages = await reader.select().from(g).where(own).orderBy(desc(g.id)).limit(most)
  const moves = await reader.select().from(t).where(eq(t.memberId, memberId)).limit(most)
  const nobody = { askedBy: null, releasedBy: null, releasedByPerson: null, refusedBy: null }
  return {
    messages: messages.map((row) => plain({ ...row, text: messageText(row, 'zh') })),
    transfers: moves.map((row) => {
      const unnamed = { ...row, ...nobody, receivedBy: null, receivedByPerson: null }
      return plain({ ...unnamed, reason: openTransferReason(node, row) })
    }),
  }
}

async function ofVouchers(
  reader: Reader,
  node: ThisNode,
  { memberId, bucket, personId }: { memberId: string; bucket: number; personId: string },
) {
  const { vouchers: v, claims: c, redemptions: r } = reader.tables
  const { delegations: d, redemptionReports: p } = reader.tables
  const mine = and(eq(v.bucket, bucket), eq(v.memberId, memberId))
  const taken = and(eq(c.bucket, bucket), eq(c.personId, personId))
  const used = and(eq(r.bucket, bucket), eq(r.memberId, memberId))
  const named = and(eq(d.bucket, bucket), eq(d.memberId, memberId))
  const said = and(eq(p.bucket, bucket), eq(p.memberId, memberId))
  const collectors = await reader.select().from(d).where(named).limit(most)
  const reports = await reader.select().from(p).where(said).limit(most)
  return {
    vouchers: all(await reader.select().from(v).where(mine).orderBy(asc(v.id)).limit(most)),
    claims: all(await reader.select().from(c).where(taken).limit(most)),
    redemptions: all(await reader.select().from(r).where(used).orderBy(asc(r.id)).limit(most)),
    collectors: collectors.map((row) => plain({ ...row, ...openCollector(node, row) })),
    reports: reports.map((row) => plain({ ...row, decidedBy: null, answer: answerOf(node, row) })),
  }
}

function all(rows: readonly object[]): PlainRow[] {
  return rows.map((row) => plain(row))
}

function plain(row: object): PlainRow {
  const told: [string, string | number | boolean][] = []
  for (const [name, value] of Object.entries(row)) {
    const simple =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    if (simple) told.push([name.replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`), value])
  }
  return Object.fromEntries(told)
}

function opened({ sealing }: ThisNode, sealed: Uint8Array | null, purpose: string) {
  if (sealed === null || sealed.length === 0) return undefined
  return new TextDecoder().decode(unseal(sealing, sealed, purpose))
}
