import { and, eq, inArray, ne, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { applicantLayout, openApplicant, rosterRow, sealReason } from './applicant.ts'
import { type Application, readApplication } from './applications.ts'
import type { CalendarDate } from './calendar-date.ts'
import { bindDevice } from './devices.ts'
import { tell } from './messages.ts'
import { writeChunk } from './roster-chunk.ts'
import { hashKey, readKnown, type StoredMember } from './roster-known.ts'
import type { PreparedRow } from './roster-prepare.ts'
import { SeenHashes } from './roster-seen.ts'
import { countAsOne } from './vouching.ts'

const decided = { approve: 'approved', reject: 'rejected', ask: 'more_needed' } as const

export type Decision = keyof typeof decided

/** What staff decide, on which version of an application, and when. */
export interface Deciding {
  readonly id: string
  /** The version that was read. */
  readonly version: number
  readonly decision: Decision
  /** What the applicant is told; needed unless approved. */
  readonly reason: string | undefined
  readonly by: { readonly principalId: string; readonly personId: string }
  /** The day of joining. */
  readonly today: CalendarDate
  readonly now: Instant
}

/**
 * Decides an application, once, by one conditional statement. Approval makes the membership, or
 * finds it where the person is a member of this organisation already, and enrols the applicant's
 * key, as an activation code would, with its leaf. Applications of one identity wait for each
 * other, so that two of them make one member.
 *
 * Refusals: NOT_FOUND, SELF_APPROVAL (the applicant's own person, or who counts as one with them),
 * VERSION_CONFLICT {state} (decided already, or sent again since it was read; `standing`: left
 * today), TRANSFER_NEEDED (a member of another organisation), ALREADY_EXISTS (the key is enrolled),
 * VALIDATION_FAILED (no reason).
 */
export async function decideApplication(
  tx: Tx,
  node: ThisNode,
  deciding: Deciding,
): Promise<Application> {
  const { id, version, decision, reason, by, now } = deciding
  if (decision !== 'approve' && !reason) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['reason: missing'] })
  }
  const { applications: a } = tx.tables
  const { idHash } = await readApplication(tx, id)
  await tx
    .update(a)
    .set({ version: sql`${a.version}` })
    .where(eq(a.idHash, idHash))
  const [row] = await tx
    .update(a)
    .set({
      ...{ state: decided[decision], version: sql`${a.version} + 1` },
      ...{ decidedAt: now, decidedBy: by.principalId },
      sealedReason: reason ? sealReason(node, id, reason) : null,
    })
    .where(and(eq(a.id, id), eq(a.version, version), inArray(a.state, ['waiting', 'more_needed'])))
    .returning()
  if (!row) throw new Refusal('VERSION_CONFLICT', { state: (await readApplication(tx, id)).state })
  if (await isOwn(tx, row, by.personId)) throw new Refusal('SELF_APPROVAL')
  return decision === 'approve' ? admit(tx, node, row, deciding) : row
}

/** Whether the applicant is this person, or counts as one with them. */
export async function isOwn(
  reader: Reader,
  { idHash }: Pick<Application, 'idHash'>,
  personId: string,
): Promise<boolean> {
  const { persons: p } = reader.tables
  const [row] = await reader.select({ id: p.id }).from(p).where(eq(p.idHash, idHash))
  return row !== undefined && countAsOne(reader, personId, [row.id])
}

/** What staff must know of an applicant, who is told none of it. */
export type Standing = 'unknown' | 'left' | 'member_here' | 'member_elsewhere'

/** Whether the applicant is a member already, and whether of the organisation applied to. */
export async function standingOf(
  reader: Reader,
  { idHash, orgCode }: Pick<Application, 'idHash' | 'orgCode'>,
): Promise<Standing> {
  const { members: m, persons: p } = reader.tables
  const rows = await reader
    .select({ orgCode: m.orgCode, standing: m.standing })
    .from(m)
    .innerJoin(p, eq(p.id, m.personId))
    .where(eq(p.idHash, idHash))
  const present = rows.find(({ standing }) => standing !== 'left')
  if (present) return present.orgCode === orgCode ? 'member_here' : 'member_elsewhere'
  return rows.length > 0 ? 'left' : 'unknown'
}

async function admit(
  tx: Tx,
  node: ThisNode,
  row: Application,
  deciding: Deciding,
): Promise<Application> {
  const { by, now } = deciding
  const applicant = openApplicant(node, row)
  if (!applicant) throw new TypeError('an application without an applicant')
  const { orgCode } = row
  const prepared = rosterRow(node, applicant, { orgCode, today: deciding.today })
  const known = await memberOf(tx, prepared)
  if (known && known.orgCode !== orgCode) throw new Refusal('TRANSFER_NEEDED')
  const member = known ?? (await join(tx, node, prepared, deciding))
  const { id: memberId, bucket } = member
  const kind = known ? 'application_decided' : 'welcome'
  await tell(tx, [{ memberId, bucket, kind, subject: row.id }], now)
  const device =
    row.spki &&
    (await bindDevice(tx, node, {
      ...{ memberId, bucket, spki: row.spki, name: applicant.device },
      ...{ actor: `staff:${by.principalId}`, now },
    }))
  const { applications: a } = tx.tables
  const [admitted] = await tx
    .update(a)
    .set({ memberId, deviceId: device?.id ?? null, sealed: new Uint8Array(0) })
    .where(and(eq(a.id, row.id), ne(a.state, 'rejected')))
    .returning()
  if (!admitted) throw new TypeError('an approved application is gone')
  return admitted
}

/** Makes the membership, as a roster of one row does, and says that somebody has joined. */
async function join(
  tx: Tx,
  node: ThisNode,
  row: PreparedRow,
  { by, today, now }: Deciding,
): Promise<StoredMember> {
  await writeChunk(tx, [row], {
    ...{ node, layout: applicantLayout, today, now },
    inScope: new Map([[row.parsed.orgCode, true]]),
    earlier: { identities: new SeenHashes(), numbers: new SeenHashes() },
  })
  const member = await memberOf(tx, row)
  if (!member) throw new Refusal('VERSION_CONFLICT', { standing: 'left' })
  const joining = { id: newId(now), memberId: member.id, decidedByPerson: by.personId, at: now }
  await tx.insert(tx.tables.joinings).values(joining)
  return member
}

async function memberOf(tx: Tx, row: PreparedRow): Promise<StoredMember | undefined> {
  return (await readKnown(tx, [row])).people.get(hashKey(row.idHash))?.member
}
