import { and, eq, inArray, isNull } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import { devicesOf, revokeDevice } from './devices.ts'
import { ensureMemberKey } from './member-keys.ts'
import { erasePortraits } from './portraits.ts'
import { maskValue } from './roster/faults.ts'

/** Why somebody is forgotten. Closed: a free text would be about the person again. */
export const erasureReasons = [
  'member_request',
  'membership_ended',
  'court_order',
  'entered_in_error',
] as const

export interface Erasing {
  readonly memberId: string
  readonly reason: (typeof erasureReasons)[number]
  /** A kind and an id: `staff:…`, or `cli`. */
  readonly actor: string
  readonly now: Instant
}

/** Who is to be forgotten: every membership of one person at this node. */
export interface Subject {
  readonly personId: string
  readonly bucket: number
  readonly memberIds: readonly string[]
  readonly memberNos: readonly string[]
}

/**
 * Writes down that a member's person is to be forgotten, once; what follows in this transaction
 * makes it so. Refusals: NOT_FOUND, ALREADY_EXISTS (erased before), VERSION_CONFLICT (`what`:
 * `principal`) for one of the union's staff, who must be revoked first.
 */
export async function beginErasure(tx: Tx, node: ThisNode, erasing: Erasing): Promise<Subject> {
  const { memberId, reason, actor, now } = erasing
  const { members: m, principals: p, erasures } = tx.tables
  const [member] = await tx.select().from(m).where(eq(m.id, memberId))
  if (!member) throw new Refusal('NOT_FOUND', { what: 'member' })
  const { personId, bucket } = member
  const staff = await tx
    .select({ id: p.id })
    .from(p)
    .where(and(eq(p.personId, personId), isNull(p.revokedAt)))
  if (staff.length > 0) throw new Refusal('VERSION_CONFLICT', { what: 'principal' })
  const all = await tx.select().from(m).where(eq(m.personId, personId))
  const memberIds = all.map(({ id }) => id)
  // What is still to be said of them is sealed under a key of theirs, and goes with it.
  for (const id of memberIds) await ensureMemberKey(tx, node, id)
  const begun = await tx
    .insert(erasures)
    .values(memberIds.map((id) => ({ memberId: id, reason, actor, at: now })))
    .onConflictDoNothing()
    .returning({ memberId: erasures.memberId })
  if (!begun.some((row) => row.memberId === memberId)) {
    throw new Refusal('ALREADY_EXISTS', { what: 'erasure' })
  }
  return { personId, bucket, memberIds, memberNos: all.map(({ memberNo }) => memberNo) }
}

/** Revokes every device, with its leaf, forgets its name and key, and every passkey. How many. */
export async function eraseDevices(
  tx: Tx,
  node: ThisNode,
  { memberIds }: Subject,
  { actor, now }: Pick<Erasing, 'actor' | 'now'>,
): Promise<number> {
  const { devices, passkeys } = tx.tables
  let revoked = 0
  for (const memberId of memberIds) {
    await tx.delete(passkeys).where(eq(passkeys.memberId, memberId))
    for (const { id, revokedAt } of await devicesOf(tx, memberId)) {
      if (revokedAt === null) {
        await revokeDevice(tx, node, { deviceId: id, memberId, actor, now })
        revoked++
      }
      const nothing = { name: '', spki: new Uint8Array(0), thumbprint: `erased-${id}`, tag: 0 }
      await tx.update(devices).set(nothing).where(eq(devices.id, id))
    }
  }
  return revoked
}

/**
 * Empties the rows that say who somebody is, and deletes their keys: from here on nothing that was
 * sealed for them opens. The rows stay as surrogates; `left`, without number and name.
 */
export async function erasePerson(
  tx: Tx,
  node: ThisNode,
  subject: Subject,
  now: Instant,
): Promise<void> {
  const { personId, memberIds } = subject
  const t = tx.tables
  await forgetFaults(tx, node, subject)
  for (const id of memberIds) {
    await tx
      .update(t.members)
      .set({ memberNo: `erased-${id}`, name: '', standing: 'left', ...noFacts, updatedAt: now })
      .where(eq(t.members.id, id))
  }
  const theirs = tx.select({ hash: t.persons.idHash }).from(t.persons)
  await tx
    .delete(t.applications)
    .where(inArray(t.applications.idHash, theirs.where(eq(t.persons.id, personId))))
  const nobody = { idType: null, idHash: null, sealedId: null }
  await tx.update(t.persons).set(nobody).where(eq(t.persons.id, personId))
  await tx.update(t.principals).set({ name: '' }).where(eq(t.principals.personId, personId))
  const ids = [...memberIds]
  await tx.delete(t.memberships).where(inArray(t.memberships.memberId, ids))
  await tx.delete(t.activations).where(inArray(t.activations.memberId, ids))
  await tx.delete(t.listMembers).where(inArray(t.listMembers.memberId, ids))
  await tx.delete(t.phoneMoves).where(inArray(t.phoneMoves.memberId, ids))
  await erasePortraits(tx, ids)
  await tx.delete(t.memberEvents).where(inArray(t.memberEvents.memberId, ids))
  await tx.delete(t.messages).where(inArray(t.messages.memberId, ids))
  await tx.delete(t.messagePreferences).where(inArray(t.messagePreferences.memberId, ids))
  await tx.update(t.transfers).set({ sealedReason: null }).where(inArray(t.transfers.memberId, ids))
  await tx.delete(t.memberKeys).where(inArray(t.memberKeys.memberId, ids))
}

const noFacts = {
  occupation: null,
  joinedOn: null,
  birthDate: null,
  gender: null,
  hardship: null,
  modelWorker: null,
  mobileHash: null,
  sealedMobile: null,
}

/** Refused rows of imports keep a value, masked; those of the person's own values go. */
async function forgetFaults(tx: Tx, node: ThisNode, subject: Subject): Promise<void> {
  const { persons, members, importFaults } = tx.tables
  const [person] = await tx.select().from(persons).where(eq(persons.id, subject.personId))
  const rows = await tx.select().from(members).where(eq(members.personId, subject.personId))
  const open = (sealed: Uint8Array, purpose: string) =>
    new TextDecoder().decode(unseal(node.sealing, sealed, purpose))
  const values = rows.flatMap(({ memberNo, sealedMobile }) => [
    maskValue('member_no', memberNo),
    ...(sealedMobile ? [maskValue('mobile', open(sealedMobile, 'mobile'))] : []),
  ])
  if (person?.sealedId) values.push(maskValue('id_number', open(person.sealedId, 'identity')))
  await tx.delete(importFaults).where(inArray(importFaults.value, values))
}
