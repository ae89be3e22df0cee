import { timingSafeEqual } from 'node:crypto'

import { concat, fromBase64url, toBase64url } from '../base/bytes.ts'
import { type Instant, minute } from '../base/clock.ts'
import { type Random, systemRandom } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Nonce } from './nonces.ts'

/** How long a challenge may be answered. */
export const challengeMs = 5 * minute

const timeLength = 6
const randomLength = 16
const macLength = 16

/**
 * A challenge (38 octets, base64url) that says itself until when and for what it is good, so that
 * asking for one writes nothing: anybody may ask. `purpose` names the ceremony and whose it is.
 */
export function makeChallenge(
  node: ThisNode,
  purpose: string,
  { now, random = systemRandom }: { now: Instant; random?: Random },
): string {
  const time = Buffer.alloc(timeLength)
  time.writeUIntBE(now + challengeMs, 0, timeLength)
  const head = concat(time, random(randomLength))
  return toBase64url(concat(head, macOf(node, purpose, head)))
}

/**
 * Reads a challenge of ours; whoever acts on it uses the nonce up in the same transaction, so that
 * it is answered once. Refusal PROOF_INVALID for another's, another purpose's, and an old one.
 */
export function readChallenge(
  node: ThisNode,
  purpose: string,
  { challenge, now }: { challenge: string; now: Instant },
): Nonce {
  const octets = fromBase64url(challenge)
  const length = timeLength + randomLength
  if (octets?.length === length + macLength) {
    const head = octets.subarray(0, length)
    const expiresAt = Buffer.from(head).readUIntBE(0, timeLength)
    const ours = timingSafeEqual(octets.subarray(length), macOf(node, purpose, head))
    if (ours && expiresAt > now) return { scope: 'webauthn', nonce: challenge, expiresAt }
  }
  throw new Refusal('PROOF_INVALID', { server_time: now })
}

function macOf(node: ThisNode, purpose: string, head: Uint8Array): Uint8Array {
  const text = `webauthn:${purpose}:${toBase64url(head)}`
  return keyedHash(node.hashing, text).subarray(0, macLength)
}
