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

/** Whose word a statement should be, and at which node. */
interface Signer {
  readonly jwk: PublicJwk
  readonly principalId: string
  /** The node's public address. */
  readonly audience: string
}

/**
 * Verifies a statement (JWS, ES256) by the approver's own key: its `batch`, `digest` (hexadecimal),
 * `decision`, `nonce` and `iat`, issued by the principal for this node, just now. Refusal
 * PROOF_INVALID.
 */
export async function verifyApproval(
  statement: string,
  { now, ...signer }: Signer & { readonly now: Instant },
): Promise<ApprovalStatement> {
  const { iat, ...said } = await verifyKeptApproval(statement, signer, now)
  if (Math.abs(iat * second - now) <= windowSeconds * second) return said
  throw new Refusal('PROOF_INVALID', { server_time: now })
}

/**
 * Verifies a statement that was kept, years later: `at` is when it was counted, and how old it was
 * then counts no more. Answers its `iat`, too, in seconds. Refusal PROOF_INVALID.
 */
export async function verifyKeptApproval(
  statement: string,
  { jwk, principalId, audience }: Signer,
  at: Instant,
): Promise<ApprovalStatement & { readonly iat: number }> {
  try {
    const { payload } = await jwtVerify(statement, await importJWK({ ...jwk }, 'ES256'), {
      ...{ algorithms: ['ES256'], typ: approvalType, issuer: principalId, audience },
      currentDate: new Date(at),
      requiredClaims: ['iat', 'nonce', 'batch', 'digest', 'decision'],
    })
    const { batch, digest, decision, nonce, iat = 0 } = payload
    const octets = typeof digest === 'string' ? fromHex(digest) : undefined
    if (
      octets?.length === 32 &&
      typeof batch === 'string' &&
      typeof nonce === 'string' &&
      nonce.length >= 8 &&
      (decision === 'approve' || decision === 'reject')
    ) {
      return { batchId: batch, digest: octets, decision, iat }
    }
  } catch (error) {
    if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error
  }
  throw new Refusal('PROOF_INVALID', { server_time: at })
}
