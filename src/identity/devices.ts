import { and, eq, isNull } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { jwkOf, type PublicJwk, spkiOf } from '../keys/es256.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { post } from '../ledger/journal.ts'
import type { Reader, Tx } from '../store/store.ts'
import { useActivation } from './activations.ts'
import { recordMemberEvents } from './member-events.ts'
import { ensureMemberKey, memberKeyOf } from './member-keys.ts'
import { tell } from './messages.ts'

export type Device = Tx['tables']['devices']['$inferSelect']

/** RFC 7638 thumbprint of a P-256 key (SHA-256, base64url): how DPoP and codes name it. */
export function thumbprintOf({ x, y }: PublicJwk): string {
  return toBase64url(sha256(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`))
}

/** What a voucher code says of its key: the first two octets of the thumbprint. */
export function keyTagOf(thumbprint: string): number {
  const bytes = Buffer.from(thumbprint, 'base64url')
  return bytes.readUInt16BE(0)
}

interface Enrolment {
  readonly memberNo: string
  readonly code: string
  readonly jwk: PublicJwk
  /** What the member calls the device. */
  readonly name: string
  readonly now: Instant
}

/**
 * Enrols a key for a member with a one-time code, and logs that it was done, so that an enrolment
 * behind the member's back shows. The caller has verified possession of the key. An unknown member
 * and a wrong code are one answer: ACTIVATION_INVALID. Others: VALIDATION_FAILED (no P-256 key),
 * ALREADY_EXISTS (the key, or its tag with this member, is in use: make another).
 */
export async function enrolDevice(
  tx: Tx,
  node: ThisNode,
  { memberNo, code, jwk, name, now }: Enrolment,
): Promise<Device> {
  const spki = spkiOf(jwk)
  if (!spki) throw new Refusal('VALIDATION_FAILED', { issues: ['jwk: not a P-256 public key'] })
  const member = await memberByNo(tx, memberNo)
  const memberId = member?.id ?? ''
  const activated = await useActivation(tx, node, { memberId, code, now })
  if (!member || !activated) throw new Refusal('ACTIVATION_INVALID')
  const actor = `member:${memberId}`
  return bindDevice(tx, node, { memberId, bucket: member.bucket, spki, name, actor, now })
}

/**
 * Binds a key to a member and logs it. The caller has verified possession of the key, and decided
 * that it is the member's. `spki` is a P-256 key's, `actor` a kind and an id. ALREADY_EXISTS as
 * `enrolDevice`.
 */
export async function bindDevice(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly memberId: string
    readonly bucket: number
    readonly spki: Uint8Array
    readonly name: string
    readonly actor: string
    readonly now: Instant
  },
): Promise<Device> {
  const { memberId, bucket, spki, name, actor, now } = given
  await ensureMemberKey(tx, node, memberId)
  const thumbprint = thumbprintOf(jwkOf(spki))
  const { devices } = tx.tables
  const [device] = await tx
    .insert(devices)
    .values({
      id: newId(now),
      memberId,
      bucket,
      tag: keyTagOf(thumbprint),
      thumbprint,
      spki,
      name,
      enrolledAt: now,
    })
    .onConflictDoNothing()
    .returning()
  if (!device) throw new Refusal('ALREADY_EXISTS')
  await log(tx, node, { kind: 'device.enrol', device, actor, now })
  const others = await devicesOf(tx, memberId)
  if (others.some(({ id, revokedAt }) => id !== device.id && revokedAt === null)) {
    await tell(tx, [{ memberId, bucket, kind: 'device_enrolled', subject: device.id }], now)
  }
  return device
}

/** Revokes a device of a member's. Its codes and tokens are refused from now on. NOT_FOUND. */
export async function revokeDevice(
  tx: Tx,
  node: ThisNode,
  given: { deviceId: string; memberId: string; actor: string; now: Instant },
): Promise<void> {
  const { devices } = tx.tables
  const [device] = await tx
    .update(devices)
    .set({ revokedAt: given.now })
    .where(
      and(
        eq(devices.id, given.deviceId),
        eq(devices.memberId, given.memberId),
        isNull(devices.revokedAt),
      ),
    )
    .returning()
  if (!device) throw new Refusal('NOT_FOUND')
  const { deviceId, memberId } = given
  await recordMemberEvents(tx, [{ memberId, kind: 'device', deviceId }], given.now)
  await log(tx, node, { kind: 'device.revoke', device, actor: given.actor, now: given.now })
  const { bucket } = device
  await tell(tx, [{ memberId, bucket, kind: 'device_revoked', subject: deviceId }], given.now)
}

/** The devices of a member, revoked ones too. */
export function devicesOf(reader: Reader, memberId: string): Promise<Device[]> {
  const { devices } = reader.tables
  return reader.select().from(devices).where(eq(devices.memberId, memberId)).orderBy(devices.id)
}

/** A device that has not been revoked, by its id. */
export async function activeDevice(reader: Reader, deviceId: string): Promise<Device | undefined> {
  const { devices } = reader.tables
  const [device] = await reader.select().from(devices).where(eq(devices.id, deviceId))
  return device?.revokedAt === null ? device : undefined
}

/** A member's id and bucket by the number on the card. */
export async function memberByNo(
  reader: Reader,
  memberNo: string,
): Promise<{ id: string; bucket: number } | undefined> {
  const { members } = reader.tables
  const [row] = await reader
    .select({ id: members.id, bucket: members.bucket })
    .from(members)
    .where(eq(members.memberNo, memberNo))
  return row
}

/** The person behind a member. Refusal NOT_FOUND. */
export async function personOfMember(reader: Reader, memberId: string): Promise<string> {
  const { members } = reader.tables
  const [row] = await reader
    .select({ personId: members.personId })
    .from(members)
    .where(eq(members.id, memberId))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'member' })
  return row.personId
}

async function log(
  tx: Tx,
  node: ThisNode,
  { kind, device, actor, now }: { kind: string; device: Device; actor: string; now: Instant },
): Promise<void> {
  const memberKey = await memberKeyOf(tx, node, device.memberId)
  await post(tx, node, {
    id: newId(now),
    kind,
    bucket: device.bucket,
    at: now,
    commits: { member: device.memberId, evidence: device.thumbprint, operator: actor },
    ...(memberKey && { memberKey }),
  })
}
