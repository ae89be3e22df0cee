import { errors, importJWK, jwtVerify } from 'jose'

import { fromHex } from '../base/bytes.ts'
import { type Instant, second } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { PublicJwk } from '../keys/es256.ts'

/** An approver's signed word on exactly one dry run of one batch. */
export interface ApprovalStatement {
  readonly batchId: string
  /** The dry run's digest, 32 octets. */
  readonly digest: Uint8Array
  readonly decision: 'approve' | 'reject'
}

/** The `typ` of a statement. */
export const approvalType = 'symbolon-approval+jwt'
const windowSeconds = 300

/**
 * Verifies a statement (JWS, ES256) by the approver's own key: its `batch`, `digest` (hexadecimal),
 * `decision`, `nonce` and `iat`, issued by the principal for this node. Refusal PROOF_INVALID.
 */
export async function verifyApproval(
  statement: string,
  given: {
    readonly jwk: PublicJwk
    readonly principalId: string
    readonly audience: string
    readonly now: Instant
  },
): Promise<ApprovalStatement> {
  try {
    const key = await importJWK({ ...given.jwk }, 'ES256')
    const { payload } = await jwtVerify(statement, key, {
      algorithms: ['ES256'],
      typ: approvalType,
      issuer: given.principalId,
      audience: given.audience,
      currentDate: new Date(given.now),
      requiredClaims: ['iat', 'nonce', 'batch', 'digest', 'decision'],
    })
    const { batch, digest, decision, nonce, iat = 0 } = payload
    const octets = typeof digest === 'string' ? fromHex(digest) : undefined
    const fresh = Math.abs(iat * second - given.now) <= windowSeconds * second
    if (
      fresh &&
      octets?.length === 32 &&
      typeof batch === 'string' &&
      typeof nonce === 'string' &&
      nonce.length >= 8 &&
      (decision === 'approve' || decision === 'reject')
    ) {
      return { batchId: batch, digest: octets, decision }
    }
  } catch (error) {
    if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error
  }
  throw new Refusal('PROOF_INVALID', { server_time: given.now })
}
