import { timingSafeEqual } from 'node:crypto'

import { and, eq, gt, isNull, sql } from 'drizzle-orm'

import { toBase64url } from '../../base/bytes.ts'
import { hour, type Instant, minute } from '../../base/clock.ts'
import { type Random, systemRandom } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { JsonObject } from '../../formats/json.ts'
import { keyedHash } from '../../keys/seal.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import type { Reader, Tx } from '../../store/store.ts'
import { linkQuery } from '../link-query.ts'
import { membershipConfiguration } from './metadata.ts'

export type Offer = Reader['tables']['credentialOffers']['$inferSelect']

/** RFC 6749 names grants by addresses; this is OpenID4VCI 1.0 section 3.5. */
export const preAuthorizedGrant = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

/** Digits of a transaction code, and how often it may be mistyped. */
export const txCodeDigits = 6
const txCodeTries = 5

const deskHours = 72
const phoneMinutes = 10

/** An offer as it was just made. The transaction code is told once. */
export interface MadeOffer {
  readonly id: string
  readonly txCode: string | undefined
  readonly expiresAt: Instant
}

/**
 * Offers a member the membership credential. Made by the union it lives 72 hours and asks for a
 * transaction code of six digits that goes another way than the offer; made by the member's own
 * phone (`deviceId`) ten minutes, for that phone's key alone, and without a code. With `waits` the
 * credential is handed out only after `approveOffer`. Refusals: NOT_FOUND, VERSION_CONFLICT
 * (`standing`) when the membership was left.
 */
export async function createOffer(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly memberId: string
    readonly deviceId?: string
    readonly waits?: boolean
    readonly createdBy: string
    readonly now: Instant
    readonly random?: Random
  },
): Promise<MadeOffer> {
  const { memberId, deviceId, waits = false, createdBy, now, random = systemRandom } = given
  const { credentialOffers, members: m } = tx.tables
  const [member] = await tx.select({ standing: m.standing }).from(m).where(eq(m.id, memberId))
  if (!member) throw new Refusal('NOT_FOUND', { what: 'member' })
  if (member.standing === 'left') {
    throw new Refusal('VERSION_CONFLICT', { standing: member.standing })
  }
  const id = toBase64url(random(16))
  const txCode = deviceId === undefined ? digitsFrom(random) : undefined
  const expiresAt = now + (deviceId === undefined ? deskHours * hour : phoneMinutes * minute)
  await tx.insert(credentialOffers).values({
    ...{ id, memberId, deviceId: deviceId ?? null, createdBy, createdAt: now, expiresAt, waits },
    ...{ txHash: txCode === undefined ? null : txHashOf(node, id, txCode) },
    ...{ triesLeft: txCodeTries },
  })
  return { id, txCode, expiresAt }
}

/** Lets the credential of a waiting offer go out. Refusals: NOT_FOUND, ALREADY_EXISTS. */
export async function approveOffer(
  tx: Tx,
  { offerId, approvedBy, now }: { offerId: string; approvedBy: string; now: Instant },
): Promise<Offer> {
  const { credentialOffers: o } = tx.tables
  const [approved] = await tx
    .update(o)
    .set({ approvedAt: now, approvedBy })
    .where(and(eq(o.id, offerId), eq(o.waits, true), isNull(o.approvedAt), isNull(o.revokedAt)))
    .returning()
  if (approved) return approved
  const known = await readOffer(tx, offerId)
  throw new Refusal(known ? 'ALREADY_EXISTS' : 'NOT_FOUND')
}

/** An offer by its id. */
export async function readOffer(reader: Reader, id: string): Promise<Offer | undefined> {
  const { credentialOffers: o } = reader.tables
  const [offer] = await reader.select().from(o).where(eq(o.id, id))
  return offer
}

/**
 * The offer itself (OpenID4VCI 1.0 section 4.1.1), as often as it is asked for until it expires:
 * wallets fetch it several times. `undefined` for an unknown, expired or revoked one.
 */
export async function showOffer(
  reader: Reader,
  node: ThisNode,
  { id, publicUrl, now }: { id: string; publicUrl: string; now: Instant },
): Promise<JsonObject | undefined> {
  const offer = await readOffer(reader, id)
  if (!offer || offer.revokedAt !== null || offer.expiresAt <= now) return undefined
  const code = { 'pre-authorized_code': codeOf(node, id) }
  const description = '请输入工会告知的六位数字 / Enter the six digits the union told you'
  const tx_code = { length: txCodeDigits, input_mode: 'numeric', description }
  return {
    credential_issuer: publicUrl,
    credential_configuration_ids: [membershipConfiguration],
    grants: { [preAuthorizedGrant]: { ...code, ...(offer.txHash !== null && { tx_code }) } },
  }
}

/** The link of an offer, by reference (section 4.1.3): what the QR code says. */
export function offerLink(publicUrl: string, id: string): string {
  const query = linkQuery({ credential_offer_uri: `${publicUrl}/offers/${id}` })
  return `openid-credential-offer://?${query}`
}

/** The offer that a pre-authorized code is of; `undefined` for what is no code of ours. */
export function offerOfCode(node: ThisNode, code: string): string | undefined {
  const [, id] = /^([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}$/.exec(code) ?? []
  if (id === undefined) return undefined
  const given = Buffer.from(code)
  return timingSafeEqual(given, Buffer.from(codeOf(node, id))) ? id : undefined
}

/**
 * Uses an offer up: one conditional update decides on the code, its expiry, the tries that are left
 * and the transaction code. Answers the offer, or nothing.
 */
export async function useOffer(
  tx: Tx,
  node: ThisNode,
  { id, txCode, now }: { id: string; txCode: string | undefined; now: Instant },
): Promise<Offer | undefined> {
  const { credentialOffers: o } = tx.tables
  const code = txCode === undefined ? isNull(o.txHash) : eq(o.txHash, txHashOf(node, id, txCode))
  const [used] = await tx
    .update(o)
    .set({ usedAt: now })
    .where(and(eq(o.id, id), code, ...usable(tx, now)))
    .returning()
  return used
}

/** Counts a wrong transaction code. After five the offer is dead. */
export async function countWrongTxCode(tx: Tx, id: string, now: Instant): Promise<void> {
  const { credentialOffers: o } = tx.tables
  await tx
    .update(o)
    .set({ triesLeft: sql`${o.triesLeft} - 1` })
    .where(and(eq(o.id, id), ...usable(tx, now)))
}

function usable(tx: Tx, now: Instant) {
  const { credentialOffers: o } = tx.tables
  return [isNull(o.usedAt), isNull(o.revokedAt), gt(o.triesLeft, 0), gt(o.expiresAt, now)]
}

/** Derived, so that the database does not hold it and every answer to a GET is the same. */
function codeOf(node: ThisNode, id: string): string {
  return `${id}.${toBase64url(keyedHash(node.tokens, `pre-authorized:${id}`))}`
}

function txHashOf(node: ThisNode, id: string, txCode: string): Uint8Array {
  return keyedHash(node.hashing, `tx-code:${id}:${txCode}`)
}

function digitsFrom(random: Random): string {
  const number = Buffer.from(random(6)).readUIntBE(0, 6) % 10 ** txCodeDigits
  return String(number).padStart(txCodeDigits, '0')
}
