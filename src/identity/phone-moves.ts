import { and, desc, eq, gt, isNotNull, isNull, lt } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import { hour, type Instant, minute } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { type PublicJwk, spkiOf } from '../keys/es256.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { bindDevice, type Device, revokeDevice, thumbprintOf } from './devices.ts'

type Row = Reader['tables']['phoneMoves']['$inferSelect']

/** How long a move may take, from the code on the old phone to its confirmation there. */
export const moveMinutes = 5

/** How far a move is. `taken`: a new phone waits for the old one's word. */
export type MoveState = 'open' | 'taken' | 'done' | 'expired'

/** A move as both phones may see it. */
export interface PhoneMove {
  readonly id: string
  readonly state: MoveState
  readonly expiresAt: Instant
  /** What the new phone calls itself. */
  readonly name: string | undefined
  /** Four digits that both phones show, made of the new phone's key: it is that phone. */
  readonly check: string | undefined
  readonly newDeviceId: string | undefined
}

/**
 * Begins a move away from a device: a secret of 128 bits for the new phone to scan, told once and
 * stored as a keyed hash. By itself it moves nothing: the old phone has the last word.
 */
export async function beginMove(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly memberId: string
    readonly deviceId: string
    readonly now: Instant
    readonly random?: Random
  },
): Promise<{ id: string; token: string; expiresAt: Instant }> {
  const { memberId, deviceId: oldDeviceId, now, random = systemRandom } = given
  const token = toBase64url(random(16))
  const id = newId(now)
  const expiresAt = now + moveMinutes * minute
  const secretHash = hashOf(node, token)
  await tx.insert(tx.tables.phoneMoves).values({ id, memberId, oldDeviceId, secretHash, expiresAt })
  return { id, token, expiresAt }
}

/**
 * Offers a key as the member's next, once for each code; the caller has verified possession of it.
 * An unknown, a used and an expired code are one answer. Refusals: ACTIVATION_INVALID,
 * VALIDATION_FAILED (no P-256 key).
 */
export async function takeMove(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly token: string
    readonly jwk: PublicJwk
    readonly name: string
    readonly now: Instant
  },
): Promise<PhoneMove> {
  const { token, jwk, name, now } = given
  const spki = spkiOf(jwk)
  if (!spki) throw new Refusal('VALIDATION_FAILED', { issues: ['jwk: not a P-256 public key'] })
  const { phoneMoves: p } = tx.tables
  const [taken] = await tx
    .update(p)
    .set({ spki, thumbprint: thumbprintOf(jwk), name })
    .where(and(eq(p.secretHash, hashOf(node, token)), isNull(p.thumbprint), gt(p.expiresAt, now)))
    .returning()
  if (!taken) throw new Refusal('ACTIVATION_INVALID')
  return view(taken, now)
}

/**
 * Moves the member: the new key is enrolled and the old one revoked, both with their leaf, in this
 * transaction. Only the device that began it may, once, while it lasts. Vouchers are the member's
 * and stay; credentials of the old device follow by job. Refusals: NOT_FOUND, TOKEN_EXPIRED,
 * VERSION_CONFLICT {state} (nobody has scanned, or done already), ALREADY_EXISTS (the key is
 * enrolled: make another).
 */
export async function confirmMove(
  tx: Tx,
  node: ThisNode,
  { id, device, now }: { readonly id: string; readonly device: Device; readonly now: Instant },
): Promise<PhoneMove> {
  const { phoneMoves: p } = tx.tables
  const [row] = await tx
    .update(p)
    .set({ confirmedAt: now })
    .where(
      and(
        ...[eq(p.id, id), eq(p.oldDeviceId, device.id), isNotNull(p.spki)],
        ...[isNull(p.confirmedAt), gt(p.expiresAt, now)],
      ),
    )
    .returning()
  if (!row?.spki) {
    const { state } = await readMove(tx, { id, device, now })
    throw state === 'expired'
      ? new Refusal('TOKEN_EXPIRED')
      : new Refusal('VERSION_CONFLICT', { state })
  }
  const { memberId, bucket } = device
  const actor = `member:${memberId}`
  const made = await bindDevice(tx, node, {
    ...{ memberId, bucket, spki: row.spki, name: row.name ?? '', actor, now },
  })
  await revokeDevice(tx, node, { deviceId: device.id, memberId, actor, now })
  await tx.update(p).set({ newDeviceId: made.id }).where(eq(p.id, id))
  return view({ ...row, newDeviceId: made.id }, now)
}

/** A move that this device began. Refusal NOT_FOUND. */
export async function readMove(
  reader: Reader,
  { id, device, now }: { readonly id: string; readonly device: Device; readonly now: Instant },
): Promise<PhoneMove> {
  const { phoneMoves: p } = reader.tables
  const [row] = await reader
    .select()
    .from(p)
    .where(and(eq(p.id, id), eq(p.oldDeviceId, device.id)))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'phone_move' })
  return view(row, now)
}

/** The latest move that a key was offered in. */
export async function moveOfKey(
  reader: Reader,
  thumbprint: string,
  now: Instant,
): Promise<PhoneMove | undefined> {
  const { phoneMoves: p } = reader.tables
  const [row] = await reader
    .select()
    .from(p)
    .where(eq(p.thumbprint, thumbprint))
    .orderBy(desc(p.id))
    .limit(1)
  return row && view(row, now)
}

/** Forgets moves an hour after they ended. */
export async function forgetMoves(tx: Tx, now: Instant): Promise<void> {
  const { phoneMoves: p } = tx.tables
  await tx.delete(p).where(lt(p.expiresAt, now - hour))
}

function view(row: Row, now: Instant): PhoneMove {
  const { id, expiresAt, name, thumbprint, newDeviceId } = row
  return {
    ...{ id, expiresAt, state: stateOf(row, now) },
    name: name ?? undefined,
    check: thumbprint === null ? undefined : checkOf(id, thumbprint),
    newDeviceId: newDeviceId ?? undefined,
  }
}

function stateOf({ confirmedAt, expiresAt, thumbprint }: Row, now: Instant): MoveState {
  if (confirmedAt !== null) return 'done'
  if (expiresAt <= now) return 'expired'
  return thumbprint === null ? 'open' : 'taken'
}

function checkOf(id: string, thumbprint: string): string {
  const number = Buffer.from(sha256(`${id}:${thumbprint}`)).readUInt32BE(0) % 10_000
  return String(number).padStart(4, '0')
}

function hashOf(node: ThisNode, token: string): Uint8Array {
  return keyedHash(node.hashing, `phone move:${token}`)
}
