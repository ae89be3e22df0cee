import type { FastifyRequest } from 'fastify'

import { verifyWalletDpop } from '../../credentials/issuance/dpop.ts'
import { IssuanceRefusal } from '../../credentials/issuance/refused.ts'
import { useKeyNonce } from '../../credentials/issuance/server-nonces.ts'
import { requireGrant, type WalletGrant } from '../../credentials/issuance/wallet-grants.ts'
import { consumeNonce, type Nonce } from '../../identity/nonces.ts'
import type { DpopProof } from '../../identity/proofs.ts'
import type { Tx } from '../../store/store.ts'
import type { Context } from '../context.ts'

/** A wallet that has shown an access token with the proof of its key, not looked up yet. */
export interface WalletCall {
  readonly accessToken: string
  readonly proof: DpopProof
}

/**
 * Reads the proof of a request to a protected resource (RFC 9449 section 7.1): the token in the
 * Authorization header, nowhere else, and a DPoP proof over it that answers our nonce.
 * IssuanceRefusal invalid_request for a token in the query (RFC 6750 section 2.3 we do not
 * offer), invalid_token, invalid_dpop_proof, use_dpop_nonce.
 */
export async function readWalletCall(
  { node, clock, publicUrl }: Context,
  request: FastifyRequest,
): Promise<WalletCall> {
  if (/[?&]access_token=/i.test(request.url)) {
    throw new IssuanceRefusal('invalid_request', 'an access token does not belong into an address')
  }
  const { authorization = '', dpop } = request.headers
  const accessToken = /^DPoP ([A-Za-z0-9._~-]{20,512})$/i.exec(authorization)?.[1]
  if (accessToken === undefined) {
    throw new IssuanceRefusal('invalid_token', 'a DPoP access token is needed')
  }
  const url = `${publicUrl}${request.url}`
  const asked = { method: request.method, url, accessToken, now: clock() }
  return { accessToken, proof: await verifyWalletDpop(node, dpop, asked) }
}

/**
 * Runs what a wallet asks in one transaction with its grant, its proof and its nonces, which are
 * used up whatever is answered. IssuanceRefusal invalid_token, invalid_nonce; Refusal
 * PROOF_REPLAYED; and what `work` throws.
 */
export function forWallet<T>(
  { store, node, clock }: Context,
  { accessToken, proof }: WalletCall,
  nonces: readonly Nonce[],
  work: (tx: Tx, grant: WalletGrant) => Promise<T>,
): Promise<T> {
  const useUp = async (tx: Tx) => {
    await consumeNonce(tx, proof.nonce)
    for (const nonce of nonces) await useKeyNonce(tx, nonce)
  }
  return store.transaction(
    async (tx) => {
      await useUp(tx)
      const { thumbprint } = proof
      return work(tx, await requireGrant(tx, node, { accessToken, thumbprint, now: clock() }))
    },
    {
      onRefusal: async (tx, refusal) => {
        if (refusal.code === 'PROOF_REPLAYED') return
        if (refusal instanceof IssuanceRefusal && refusal.error === 'invalid_nonce') {
          await consumeNonce(tx, proof.nonce)
        } else await useUp(tx)
      },
    },
  )
}
