import type { Instant } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import { type DpopProof, verifyDpop } from '../../identity/proofs.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import { IssuanceRefusal } from './refused.ts'
import { readServerNonce } from './server-nonces.ts'

/**
 * Verifies a wallet's DPoP proof (RFC 9449 section 4.3), which must answer a nonce of ours. The
 * caller consumes the proof's `jti` in the transaction of what it proves. IssuanceRefusal
 * invalid_dpop_proof or use_dpop_nonce.
 */
export async function verifyWalletDpop(
  node: ThisNode,
  header: string | readonly string[] | undefined,
  given: {
    readonly method: string
    readonly url: string
    readonly accessToken?: string
    readonly now: Instant
  },
): Promise<DpopProof> {
  if (typeof header !== 'string') {
    throw new IssuanceRefusal('invalid_dpop_proof', 'a DPoP proof is needed, one')
  }
  const proof = await verifyDpop(header, given).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    throw new IssuanceRefusal('invalid_dpop_proof', 'the DPoP proof does not hold for this request')
  })
  const { serverNonce = '' } = proof
  if (!readServerNonce(node, 'dpop', serverNonce, given.now)) {
    throw new IssuanceRefusal('use_dpop_nonce', 'the DPoP proof needs the nonce of DPoP-Nonce')
  }
  return proof
}
