import { timingSafeEqual } from 'node:crypto'

import { concat, fromBase64url, toBase64url } from '../../base/bytes.ts'
import { type Instant, minute, second } from '../../base/clock.ts'
import { type Random, systemRandom } from '../../base/id.ts'
import type { Nonce } from '../../identity/nonces.ts'
import { keyedHash } from '../../keys/seal.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import type { Tx } from '../../store/store.ts'
import { IssuanceRefusal } from './refused.ts'

/** For DPoP proofs (RFC 9449 section 8), and for key proofs (OpenID4VCI 1.0 section 7). */
export type NoncePurpose = 'dpop' | 'c_nonce'

/** How long a nonce may be used. */
export const nonceLifeMs = 5 * minute

const headLength = 16
const macLength = 16

/**
 * Makes a nonce: when it ends, twelve random octets, and a code that only this node can make, so
 * that asking for one writes nothing. 43 letters.
 */
export function makeServerNonce(
  node: ThisNode,
  purpose: NoncePurpose,
  now: Instant,
  random: Random = systemRandom,
): string {
  const head = Buffer.alloc(headLength)
  head.writeUInt32BE(Math.ceil((now + nonceLifeMs) / second))
  head.set(random(headLength - 4), 4)
  return toBase64url(concat(head, codeOf(node, purpose, head)))
}

/**
 * What uses the nonce up, once; `undefined` when it is not one of ours for this purpose, or has
 * expired.
 */
export function readServerNonce(
  node: ThisNode,
  purpose: NoncePurpose,
  nonce: string,
  now: Instant,
): Nonce | undefined {
  const octets = nonce.length === 43 ? fromBase64url(nonce) : undefined
  if (octets?.length !== headLength + macLength) return undefined
  const head = octets.subarray(0, headLength)
  if (!timingSafeEqual(octets.subarray(headLength), codeOf(node, purpose, head))) return undefined
  const expiresAt = Buffer.from(head).readUInt32BE() * second
  return expiresAt > now ? { scope: purpose, nonce, expiresAt } : undefined
}

/** Uses the nonce of a key proof up: it is good once. IssuanceRefusal invalid_nonce. */
export async function useKeyNonce(tx: Tx, { scope, nonce, expiresAt }: Nonce): Promise<void> {
  const { nonces } = tx.tables
  const taken = await tx
    .insert(nonces)
    .values({ scope, nonce, expiresAt })
    .onConflictDoNothing()
    .returning({ nonce: nonces.nonce })
  if (taken.length === 0) {
    throw new IssuanceRefusal('invalid_nonce', 'the nonce was used: fetch a fresh one')
  }
}

function codeOf(node: ThisNode, purpose: NoncePurpose, head: Uint8Array): Uint8Array {
  return keyedHash(node.tokens, `nonce:${purpose}:${toBase64url(head)}`).subarray(0, macLength)
}
