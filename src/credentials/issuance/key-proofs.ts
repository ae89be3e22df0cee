import { type Instant, second } from '../../base/clock.ts'
import { FormatError } from '../../formats/error.ts'
import { isArray, isObject, type Json, type JsonObject, member } from '../../formats/json.ts'
import { type PublicJwk, readPublicJwk } from '../../formats/jwk.ts'
import { parseJws, verifyJws } from '../../formats/jws.ts'
import type { Nonce } from '../../identity/nonces.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import { verifyWithJwk } from '../../keys/verify-jwk.ts'
import { maxBatch } from './metadata.ts'
import { IssuanceRefusal } from './refused.ts'
import { readServerNonce } from './server-nonces.ts'

/** How far the `iat` of a key proof may be from our clock, either way. */
const windowSeconds = 60

const proofType = 'openid4vci-proof+jwt'
const maxProofLength = 8192

/** Keys whose possession was proved, each once, and the nonces that this uses up. */
export interface ProvedKeys {
  readonly keys: readonly PublicJwk[]
  readonly nonces: readonly Nonce[]
}

/**
 * Reads `proofs` of a credential request (OpenID4VCI 1.0 sections 8.2 and F.1): one to ten proofs
 * of type jwt, each by a key of its own, for this issuer, of this minute, with a nonce of ours.
 * The caller consumes the nonces. IssuanceRefusal invalid_proof or invalid_nonce.
 */
export async function readKeyProofs(
  node: ThisNode,
  proofs: Json | undefined,
  given: { readonly audience: string; readonly now: Instant },
): Promise<ProvedKeys> {
  const jwts = isObject(proofs) ? member(proofs, 'jwt') : undefined
  if (!isObject(proofs) || Object.keys(proofs).length !== 1 || !isArray(jwts)) {
    throw refuse('proofs with jwt alone are needed')
  }
  if (jwts.length === 0 || jwts.length > maxBatch) throw refuse('one to ten proofs are needed')
  const proved = await Promise.all(jwts.map((jwt) => readKeyProof(node, jwt, given)))
  const keys = proved.map(({ key }) => key)
  if (new Set(keys.map(({ x, y }) => x + y)).size !== keys.length) {
    throw refuse('each proof is by a key of its own')
  }
  const nonces = new Map(proved.map(({ nonce }) => [nonce.nonce, nonce]))
  return { keys, nonces: [...nonces.values()] }
}

async function readKeyProof(
  node: ThisNode,
  jwt: Json,
  { audience, now }: { readonly audience: string; readonly now: Instant },
): Promise<{ key: PublicJwk; nonce: Nonce }> {
  if (typeof jwt !== 'string') throw refuse('a proof is a text')
  const { key, payload } = await verified(jwt)
  if (!isFor(member(payload, 'aud'), audience)) throw refuse('a proof is for another issuer')
  const issued = member(payload, 'iat')
  if (typeof issued !== 'number' || Math.abs(issued - now / second) > windowSeconds) {
    throw refuse('iat of a proof is not within a minute of our clock')
  }
  const nonce = member(payload, 'nonce')
  if (typeof nonce !== 'string') throw refuse('a proof has no nonce')
  const ours = readServerNonce(node, 'c_nonce', nonce, now)
  if (!ours) throw new IssuanceRefusal('invalid_nonce', 'fetch a fresh nonce for the proofs')
  return { key, nonce: ours }
}

/** Header and signature: `jwk` names the key, and nothing else does (section F.1). */
async function verified(jwt: string): Promise<{ key: PublicJwk; payload: JsonObject }> {
  try {
    const shape = { types: [proofType], algorithms: ['ES256'], maxLength: maxProofLength } as const
    const jws = parseJws(jwt, shape)
    const { members } = jws.header
    if (Object.hasOwn(members, 'kid') || Object.hasOwn(members, 'x5c')) {
      throw refuse('a proof names its key by jwk alone')
    }
    const key = readPublicJwk(member(members, 'jwk'))
    await verifyJws(verifyWithJwk, jws, key)
    return { key, payload: jws.payload }
  } catch (error) {
    if (error instanceof FormatError) throw refuse(error.message)
    throw error
  }
}

/** RFC 7519 section 4.1.3: a text, or an array of one. */
function isFor(claimed: Json | undefined, audience: string): boolean {
  const [only, ...more] = isArray(claimed) ? claimed : [claimed]
  return only === audience && more.length === 0
}

function refuse(description: string): IssuanceRefusal {
  return new IssuanceRefusal('invalid_proof', description)
}
