import { and, desc, eq, gt, ne } from 'drizzle-orm'

import { type Bytes, fromBase64url, toHex } from '../base/bytes.ts'
import { hour, type Instant, second } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { capsuleName, encodePass, passOctets } from '../formats/capsule.ts'
import { thumbprint } from '../formats/jwk.ts'
import { statusValue } from '../formats/status-list.ts'
import { maskedName } from '../identity/masked-name.ts'
import { jwkOf } from '../keys/es256.ts'
import type { RoleKeys } from '../keys/role-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader } from '../store/store.ts'

/** How long a phone may show its pass without having been online (section 6 of the design). */
const lifeHours = 72

/** Of a member without an accepted portrait. */
const noPhoto = '0'.repeat(16)

/** The phone that asks, and the member whose it is. */
export interface PassRequest {
  readonly memberId: string
  readonly deviceId: string
  /** SubjectPublicKeyInfo of the device's key, which will sign each showing. */
  readonly spki: Uint8Array
  readonly now: Instant
}

/**
 * Makes the issuer's half of the offline capsule (126 octets, `formats/capsule.ts`) for an enrolled
 * phone, good for 72 hours and never longer than the credential whose status it points to: the
 * latest that this phone has fetched. Refusals: NOT_FOUND when it has fetched none or all are
 * revoked, with `outdated` when it may fetch another, MEMBERSHIP_SUSPENDED. An Error when the node
 * has no issuer key.
 */
export async function makePass(
  reader: Reader,
  { node, roles }: { readonly node: ThisNode; readonly roles: RoleKeys },
  { memberId, deviceId, spki, now }: PassRequest,
): Promise<{ pass: Bytes; validUntil: Instant }> {
  const { credentials: c, members: m, portraits: p } = reader.tables
  const [held] = await reader
    .select({
      status: c.status,
      statusList: c.statusList,
      statusIndex: c.statusIndex,
      expiresAt: c.expiresAt,
      name: m.name,
      portraitDigest: p.digest,
    })
    .from(c)
    .innerJoin(m, eq(m.id, c.memberId))
    .leftJoin(p, and(eq(p.memberId, m.id), eq(p.state, 'accepted')))
    .where(
      and(
        eq(c.memberId, memberId),
        eq(c.deviceId, deviceId),
        ne(c.status, statusValue.revoked),
        gt(c.expiresAt, now),
      ),
    )
    .orderBy(desc(c.issuedAt), desc(c.id))
    .limit(1)
  if (!held) {
    const outdated = await isOutdated(reader, { memberId, deviceId })
    throw new Refusal('NOT_FOUND', { what: 'credential', ...(outdated && { outdated }) })
  }
  if (held.status !== statusValue.valid) throw new Refusal('MEMBERSHIP_SUSPENDED')

  const key = roles.current('issuer')
  const until = Math.min(now + lifeHours * hour, held.expiresAt, key.notAfter)
  const validUntilSeconds = Math.floor(until / second)
  const pass = {
    node: node.number,
    keyTag: thumbprint(sha256, key.jwk)[0] ?? 0,
    statusList: held.statusList,
    statusIndex: held.statusIndex,
    validUntilSeconds,
    tier: 0,
    holderKey: jwkOf(spki),
    maskedName: capsuleName(maskedName(held.name)),
    photoHash: photoHash(held.portraitDigest),
  }
  return {
    pass: encodePass(pass, key.sign(passOctets(pass))),
    validUntil: validUntilSeconds * second,
  }
}

/** The phone's latest is over, or says what is no longer so: nobody took it away. */
async function isOutdated(
  reader: Reader,
  { memberId, deviceId }: Pick<PassRequest, 'memberId' | 'deviceId'>,
): Promise<boolean> {
  const { credentials: c, credentialEvents: e } = reader.tables
  const [latest] = await reader
    .select({ status: c.status, reason: e.reason })
    .from(c)
    .innerJoin(e, and(eq(e.credentialId, c.id), eq(e.version, c.version)))
    .where(and(eq(c.memberId, memberId), eq(c.deviceId, deviceId)))
    .orderBy(desc(c.issuedAt), desc(c.id))
    .limit(1)
  if (!latest) return false
  return latest.status !== statusValue.revoked || latest.reason === 'superseded'
}

/** The first 8 octets of a `photo_digest`, in hexadecimal. */
function photoHash(digest: string | null): string {
  const octets = digest === null ? undefined : fromBase64url(digest)
  return octets ? toHex(octets.subarray(0, 8)) : noPhoto
}
