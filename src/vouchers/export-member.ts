import { and, asc, desc, eq } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import { looksAt } from '../identity/looks.ts'
import { messageText } from '../identity/message-words.ts'
import { openPortrait } from '../identity/portraits.ts'
import { openTransferReason } from '../identity/transfers.ts'
import { unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader } from '../store/store.ts'
import { openCollector } from './delegations.ts'
import { consideredFor, deskAccounts, gettingIn } from './export-dealings.ts'
import { mostRows, type PlainRow, plainRow, plainRows } from './export-row.ts'
import { answerOf } from './reports.ts'

/** What is held about a member, by subject. */
export type Export = Readonly<Record<(typeof exportSections)[number], readonly PlainRow[]>>

export const exportSections = [
  ...(['member', 'memberships', 'devices', 'passkeys', 'portraits', 'credentials'] as const),
  ...(['activations', 'applications', 'joinings', 'phone_moves'] as const),
  ...(['credential_offers', 'wallet_grants', 'accounts'] as const),
  ...(['messages', 'preferences', 'transfers'] as const),
  ...(['draws', 'lists', 'batch_previews', 'left_out', 'decisions'] as const),
  ...(['vouchers', 'claims', 'redemptions', 'collectors', 'reports', 'looks'] as const),
] as const

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
      plainRow({
        ...member,
        idType: person.idType,
        idNumber: opened(node, person.sealedId, 'identity'),
        mobile: opened(node, member.sealedMobile, 'mobile'),
      }),
    ],
    ...(await ofMember(reader, memberId)),
    portraits: await portraits(reader, node, memberId),
    ...(await gettingIn(reader, node, given)),
    ...(await deskAccounts(reader, given)),
    ...(await toldAndMoved(reader, node, given)),
    ...(await consideredFor(reader, node, given)),
    ...(await ofVouchers(reader, node, given)),
  }
}

async function ofMember(reader: Reader, memberId: string) {
  const { memberships: m, devices: d, passkeys: p, credentials: c } = reader.tables
  const looks = await looksAt(reader, memberId, { before: '', limit: mostRows })
  return {
    memberships: plainRows(
      await reader.select().from(m).where(eq(m.memberId, memberId)).limit(mostRows),
    ),
    devices: plainRows(
      await reader.select().from(d).where(eq(d.memberId, memberId)).limit(mostRows),
    ),
    passkeys: plainRows(
      await reader.select().from(p).where(eq(p.memberId, memberId)).limit(mostRows),
    ),
    credentials: plainRows(
      await reader.select().from(c).where(eq(c.memberId, memberId)).limit(mostRows),
    ),
    looks: looks.map((look) => plainRow({ ...look, principalId: null })),
  }
}

/** The pictures, where they are still kept: `jpeg`, base64url. */
async function portraits(reader: Reader, node: ThisNode, memberId: string): Promise<PlainRow[]> {
  const { portraits: p } = reader.tables
  const rows = await reader.select().from(p).where(eq(p.memberId, memberId)).limit(mostRows)
  return Promise.all(
    rows.map(async (row) => {
      const jpeg = await openPortrait(reader, node, row)
      return plainRow({ ...row, ...(jpeg && { jpeg: toBase64url(jpeg) }) })
    }),
  )
}

async function toldAndMoved(
  reader: Reader,
  node: ThisNode,
  { memberId, bucket }: { memberId: string; bucket: number },
) {
  const { messages: g, messagePreferences: f, transfers: t } = reader.tables
  const own = and(eq(g.bucket, bucket), eq(g.memberId, memberId))
  const messages = await reader.select().from(g).where(own).orderBy(desc(g.id)).limit(mostRows)
  const moves = await reader.select().from(t).where(eq(t.memberId, memberId)).limit(mostRows)
  const wishes = await reader.select().from(f).where(eq(f.memberId, memberId))
  return {
    messages: messages.map((row) => plainRow({ ...row, text: messageText(row, 'zh') })),
    preferences: plainRows(wishes),
    transfers: moves.map((row) => plainRow({ ...row, reason: openTransferReason(node, row) })),
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
  const collectors = await reader.select().from(d).where(named).limit(mostRows)
  const reports = await reader.select().from(p).where(said).limit(mostRows)
  return {
    vouchers: plainRows(
      await reader.select().from(v).where(mine).orderBy(asc(v.id)).limit(mostRows),
    ),
    claims: plainRows(await reader.select().from(c).where(taken).limit(mostRows)),
    redemptions: plainRows(
      await reader.select().from(r).where(used).orderBy(asc(r.id)).limit(mostRows),
    ),
    collectors: collectors.map((row) => plainRow({ ...row, ...openCollector(node, row) })),
    reports: reports.map((row) => plainRow({ ...row, answer: answerOf(node, row) })),
  }
}

function opened({ sealing }: ThisNode, sealed: Uint8Array | null, purpose: string) {
  if (sealed === null || sealed.length === 0) return undefined
  return new TextDecoder().decode(unseal(sealing, sealed, purpose))
}
