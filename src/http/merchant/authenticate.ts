import type { FastifyRequest } from 'fastify'

import { Refusal } from '../../base/refusal.ts'
import { sha256 } from '../../base/sha256.ts'
import type { Nonce } from '../../identity/nonces.ts'
import { nobodysKey } from '../../keys/es256.ts'
import { verifyEs256 } from '../../keys/verify-es256.ts'
import { terminalById } from '../../merchants/terminals.ts'
import type { Context } from '../context.ts'
import { readSignedMessage } from '../message-signature.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every request of the merchant audience, and only there. */
    terminal: TerminalProof | undefined
  }
}

/** A terminal whose signature on this request was found good. */
export interface TerminalProof {
  readonly terminalId: string
  readonly storeId: string
  readonly nonce: Nonce
  /** SHA-256 of the signature: part of a redemption's evidence. */
  readonly requestDigest: Uint8Array
}

/**
 * Verifies the HTTP message signature (RFC 9421) of a terminal's request, with the digest of its
 * body (RFC 9530). Refusals: AUTH_REQUIRED without one, PROOF_INVALID (with the server's time),
 * TERMINAL_REVOKED.
 */
export async function authenticateTerminal(
  { store, clock, publicUrl }: Context,
  request: FastifyRequest,
): Promise<TerminalProof> {
  const now = clock()
  const refuse = () => new Refusal('PROOF_INVALID', { server_time: now })
  const { keyId, nonce, expiresAt, base, signature } = readSignedMessage(request, {
    ...{ publicUrl, now },
  })
  const terminal = await terminalById(store.read, keyId)
  if (!base) throw refuse()
  // A terminal that there is not costs the same check.
  const good = await verifyEs256(terminal?.spki ?? nobodysKey, base, signature)
  if (!terminal?.spki || !good) throw refuse()
  if (terminal.revokedAt !== null) throw new Refusal('TERMINAL_REVOKED')
  return {
    terminalId: terminal.id,
    storeId: terminal.storeId,
    nonce: { scope: `terminal:${terminal.id}`, nonce, expiresAt },
    requestDigest: sha256(signature),
  }
}

/** The terminal of a request that has passed the audience's door. */
export function terminalOf(request: { terminal: TerminalProof | undefined }): TerminalProof {
  if (!request.terminal) throw new Refusal('AUTH_REQUIRED')
  return request.terminal
}
