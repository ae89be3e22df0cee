import { errors, jwtVerify, SignJWT } from 'jose'

import { type Instant, minute, second } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { ThisNode } from '../keys/this-node.ts'

/** How long an access token lives. */
export const accessTokenMinutes = 10

/** What a token stands for: a client's or staff's principal, or a member's device. */
export type TokenSubject =
  | { readonly kind: 'principal'; readonly id: string }
  | { readonly kind: 'device'; readonly id: string; readonly thumbprint: string }

/** A token for ourselves (HS256, shaped like RFC 9068). A device's is bound to its key. */
export async function issueAccessToken(
  node: ThisNode,
  { issuer, subject, now }: { issuer: string; subject: TokenSubject; now: Instant },
): Promise<{ token: string; expiresInSeconds: number }> {
  const issuedAt = Math.floor(now / second)
  const expiresInSeconds = (accessTokenMinutes * minute) / second
  const bound = subject.kind === 'device' ? { cnf: { jkt: subject.thumbprint } } : {}
  const token = await new SignJWT({ ...bound, sub: subject.id, knd: subject.kind })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + expiresInSeconds)
    .setJti(newId(now))
    .sign(node.tokens)
  return { token, expiresInSeconds }
}

/** Refusal AUTH_REQUIRED for what is no token of ours, with `expired` for one that was. */
export async function verifyAccessToken(
  node: ThisNode,
  { issuer, token, now }: { issuer: string; token: string; now: Instant },
): Promise<TokenSubject> {
  try {
    const { payload } = await jwtVerify(token, node.tokens, {
      algorithms: ['HS256'],
      typ: 'at+jwt',
      issuer,
      audience: issuer,
      currentDate: new Date(now),
      requiredClaims: ['sub', 'exp', 'knd'],
    })
    const id = payload.sub ?? ''
    if (payload.knd === 'principal') return { kind: 'principal', id }
    const { jkt } = (payload.cnf ?? {}) as { jkt?: unknown }
    if (payload.knd === 'device' && typeof jkt === 'string') {
      return { kind: 'device', id, thumbprint: jkt }
    }
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new Refusal('AUTH_REQUIRED', { expired: true })
    }
    if (!(error instanceof errors.JOSEError)) throw error
  }
  throw new Refusal('AUTH_REQUIRED')
}
