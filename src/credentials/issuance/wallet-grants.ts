import { and, eq, gt, isNull } from 'drizzle-orm'

import { toBase64url } from '../../base/bytes.ts'
import { day, type Instant, minute, second } from '../../base/clock.ts'
import { newId, type Random, systemRandom } from '../../base/id.ts'
import { keyedHash } from '../../keys/seal.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import type { Reader, Tx } from '../../store/store.ts'
import type { Offer } from './offers.ts'
import { IssuanceRefusal } from './refused.ts'

export type WalletGrant = Reader['tables']['walletGrants']['$inferSelect']

/** Tokens as they were just made; stored as keyed hashes. */
export interface WalletTokens {
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresInSeconds: number
}

const accessMinutes = 10
const refreshDays = 365

/**
 * Opens a wallet's grant for an offer that was used up in the same transaction. Its tokens are
 * good with the DPoP key of that thumbprint alone.
 */
export async function openGrant(
  tx: Tx,
  node: ThisNode,
  given: { offer: Offer; thumbprint: string; now: Instant; random?: Random },
): Promise<WalletTokens> {
  const { offer, thumbprint, now, random = systemRandom } = given
  const id = newId(now)
  const made = newTokens(node, id, now, random)
  await tx.insert(tx.tables.walletGrants).values({
    ...{ id, offerId: offer.id, memberId: offer.memberId, deviceId: offer.deviceId, thumbprint },
    ...{ ...made.row, createdAt: now },
  })
  return made.tokens
}

/**
 * Exchanges a refresh token for new tokens (RFC 6749 section 6); the old ones end. One conditional
 * update decides. IssuanceRefusal invalid_grant.
 */
export async function refreshGrant(
  tx: Tx,
  node: ThisNode,
  given: { refreshToken: string; thumbprint: string; now: Instant; random?: Random },
): Promise<WalletTokens> {
  const { refreshToken, thumbprint, now, random = systemRandom } = given
  const { walletGrants: g } = tx.tables
  const id = grantIdOf(refreshToken)
  const { row, tokens } = newTokens(node, id, now, random)
  const refreshed = await tx
    .update(g)
    .set(row)
    .where(
      and(
        eq(g.id, id),
        eq(g.refreshHash, hashOf(node, refreshToken)),
        eq(g.thumbprint, thumbprint),
        gt(g.refreshUntil, now),
        isNull(g.revokedAt),
      ),
    )
    .returning({ id: g.id })
  if (refreshed.length === 0) {
    throw new IssuanceRefusal('invalid_grant', 'the refresh token is not good with this key')
  }
  return tokens
}

/**
 * The grant of an access token, as long as it is good with this DPoP key. In a transaction it
 * decides by writing, so that a grant which is revoked meanwhile is seen. IssuanceRefusal
 * invalid_token.
 */
export async function requireGrant(
  tx: Tx,
  node: ThisNode,
  given: { accessToken: string; thumbprint: string; now: Instant },
): Promise<WalletGrant> {
  const { accessToken, thumbprint, now } = given
  const { walletGrants: g } = tx.tables
  const id = grantIdOf(accessToken)
  const [grant] = await tx
    .update(g)
    .set({ id })
    .where(
      and(
        eq(g.id, id),
        eq(g.accessHash, hashOf(node, accessToken)),
        eq(g.thumbprint, thumbprint),
        gt(g.accessUntil, now),
        isNull(g.revokedAt),
      ),
    )
    .returning()
  if (!grant) throw new IssuanceRefusal('invalid_token', 'the access token is not good here')
  return grant
}

function newTokens(node: ThisNode, id: string, now: Instant, random: Random) {
  const token = (kind: string) => `${id}.${kind}.${toBase64url(random(32))}`
  const accessToken = token('a')
  const refreshToken = token('r')
  const row = {
    accessHash: hashOf(node, accessToken),
    accessUntil: now + accessMinutes * minute,
    refreshHash: hashOf(node, refreshToken),
    refreshUntil: now + refreshDays * day,
  }
  const expiresInSeconds = (accessMinutes * minute) / second
  return { row, tokens: { accessToken, refreshToken, expiresInSeconds } }
}

/** A token begins with its grant's id; of anything else, no grant's. */
function grantIdOf(token: string): string {
  return /^([0-9a-f-]{36})\.[ar]\.[A-Za-z0-9_-]{43}$/.exec(token)?.[1] ?? ''
}

function hashOf(node: ThisNode, token: string): Uint8Array {
  return keyedHash(node.hashing, `wallet-token:${token}`)
}
