import {
  EmbeddedJWK,
  errors,
  importJWK,
  type JWTPayload,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose'

import { fromBase64url, toBase64url } from '../base/bytes.ts'
import { type Instant, second } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import type { PublicJwk } from '../keys/es256.ts'
import { thumbprintOf } from './devices.ts'
import type { Nonce } from './nonces.ts'

/** How far a proof's `iat` may be from our clock, either way. */
export const proofWindowSeconds = 60

/** An assertion's longest life (RFC 7523 section 3). */
const assertionSeconds = 300
const maxProofLength = 8192

/**
 * Verifies a client's or device's assertion (RFC 7523, ES256): issued by and about `subject`, for
 * one of `audiences`, short-lived. Answers the nonce to be consumed. Refusal PROOF_INVALID.
 */
export async function verifyAssertion(
  assertion: string,
  given: {
    readonly jwk: PublicJwk
    readonly subject: string
    readonly audiences: readonly string[]
    readonly now: Instant
  },
): Promise<Nonce> {
  const { payload } = await verified(assertion, async () => {
    const key = await importJWK({ ...given.jwk }, 'ES256')
    return jwtVerify(assertion, key, {
      algorithms: ['ES256'],
      issuer: given.subject,
      subject: given.subject,
      audience: [...given.audiences],
      currentDate: new Date(given.now),
      clockTolerance: 5,
      requiredClaims: ['exp', 'jti'],
    })
  })
  const expires = (payload.exp ?? 0) * second
  const jti = payload.jti ?? ''
  if (expires > given.now + assertionSeconds * second || !isIdentifier(jti)) {
    throw new Refusal('PROOF_INVALID')
  }
  return { scope: `assertion:${given.subject}`, nonce: jti, expiresAt: expires + 10 * second }
}

/** The subject that an assertion claims, unverified: to find the key it must verify with. */
export function claimedSubject(assertion: string): string | undefined {
  try {
    const body = Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()
    const { sub } = JSON.parse(body) as JWTPayload
    return typeof sub === 'string' ? sub : undefined
  } catch {
    return undefined
  }
}

/** A DPoP proof that was found good. */
export interface DpopProof {
  readonly jwk: PublicJwk
  readonly thumbprint: string
  readonly nonce: Nonce
  /** The server's nonce that it answers (RFC 9449 section 8), not checked here. */
  readonly serverNonce: string | undefined
}

/**
 * Verifies a DPoP proof (RFC 9449 section 4.3, ES256) for one request. `url` is the configured
 * public address, never the Host header; with `accessToken`, `ath` must match it. Refusal
 * PROOF_INVALID, with the server's time, so that a wrong clock can be corrected.
 */
export async function verifyDpop(
  proof: string,
  given: {
    readonly method: string
    readonly url: string
    readonly accessToken?: string
    readonly now: Instant
  },
): Promise<DpopProof> {
  const refuse = () => new Refusal('PROOF_INVALID', { server_time: given.now })
  const { payload, protectedHeader } = await verified(proof, () =>
    jwtVerify(proof, EmbeddedJWK, {
      algorithms: ['ES256'],
      typ: 'dpop+jwt',
      currentDate: new Date(given.now),
      requiredClaims: ['jti', 'htm', 'htu', 'iat'],
    }),
  ).catch((error: unknown) => {
    throw error instanceof Refusal ? refuse() : error
  })
  const { kty, crv, x, y } = protectedHeader.jwk ?? {}
  if (kty !== 'EC' || crv !== 'P-256' || !isCoordinate(x) || !isCoordinate(y)) throw refuse()
  const { iat = 0, jti = '', htm, htu, ath } = payload
  const fresh = Math.abs(iat * second - given.now) <= proofWindowSeconds * second
  const { accessToken } = given
  const boundTo = accessToken === undefined ? undefined : toBase64url(sha256(accessToken))
  if (!fresh || htm !== given.method || !sameTarget(htu, given.url) || !isIdentifier(jti)) {
    throw refuse()
  }
  if (boundTo !== undefined && ath !== boundTo) throw refuse()
  const jwk = { kty: 'EC', crv: 'P-256', x, y } as const
  const thumbprint = thumbprintOf(jwk)
  const expiresAt = (iat + 2 * proofWindowSeconds) * second
  const serverNonce = typeof payload.nonce === 'string' ? payload.nonce : undefined
  const nonce = { scope: `dpop:${thumbprint}`, nonce: jti, expiresAt }
  return { jwk, thumbprint, nonce, serverNonce }
}

/** `htu` is the address without query and fragment (RFC 9449 section 4.2). */
function sameTarget(htu: unknown, url: string): boolean {
  const bare = (text: string) => text.split(/[?#]/)[0]
  return typeof htu === 'string' && bare(htu) === bare(url)
}

/** In its one spelling (RFC 7518 section 6.2.1.2): others would name one key by two thumbprints. */
function isCoordinate(text: unknown): text is string {
  return typeof text === 'string' && fromBase64url(text)?.length === 32
}

function isIdentifier(jti: unknown): boolean {
  return typeof jti === 'string' && /^[\x21-\x7e]{8,128}$/.test(jti)
}

async function verified<T extends JWTVerifyResult>(
  proof: string,
  verify: () => Promise<T>,
): Promise<T> {
  if (proof.length > maxProofLength) throw new Refusal('PROOF_INVALID')
  try {
    return await verify()
  } catch (error) {
    // jose and WebCrypto answer bad input with these; anything else is our mistake.
    if (error instanceof errors.JOSEError || error instanceof TypeError) {
      throw new Refusal('PROOF_INVALID')
    }
    if (error instanceof DOMException) throw new Refusal('PROOF_INVALID')
    throw error
  }
}
