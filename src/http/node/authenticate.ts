import type { FastifyRequest } from 'fastify'

import { Refusal } from '../../base/refusal.ts'
import type { Nonce } from '../../identity/nonces.ts'
import { nobodysKey } from '../../keys/es256.ts'
import { verifyEs256 } from '../../keys/verify-es256.ts'
import { peerLedger } from '../../ledger/peer-ledger.ts'
import { peerByKey } from '../../trust/peers.ts'
import type { Context } from '../context.ts'
import { readSignedMessage } from '../message-signature.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every request of the node audience, and only there. */
    askingNode: AskingNode | undefined
  }
}

/** Another node, whose signature on this request was found good. */
export interface AskingNode {
  readonly number: number
  /** Its keys are its own: what it asked under one, no other node learns. */
  readonly principal: string
  readonly nonce: Nonce
}

/**
 * Verifies a request of another node (RFC 9421): the trust list names the key as a `redeemer`'s and
 * says which node it is. A key that nobody lists costs the same check. Refusals: AUTH_REQUIRED,
 * PROOF_INVALID.
 */
export async function authenticateNode(
  context: Context,
  request: FastifyRequest,
): Promise<AskingNode> {
  const { clock, publicUrl } = context
  const now = clock()
  const signed = readSignedMessage(request, { publicUrl, now })
  const { keyId, nonce, expiresAt, base, signature } = signed
  const refuse = () => new Refusal('PROOF_INVALID', { server_time: now })
  const peer = await peerByKey(context, keyId)
  if (!base) throw refuse()
  const good = await verifyEs256(peer?.spki ?? nobodysKey, base, signature)
  if (!peer || !good) throw refuse()
  const principal = peerLedger(peer.number)
  return { number: peer.number, principal, nonce: { scope: principal, nonce, expiresAt } }
}

/** The node of a request that has passed the audience's door. */
export function nodeOf(request: { askingNode: AskingNode | undefined }): AskingNode {
  if (!request.askingNode) throw new Refusal('AUTH_REQUIRED')
  return request.askingNode
}
