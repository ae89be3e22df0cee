import type { FastifyRequest } from 'fastify'

import { second } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import { sha256 } from '../../base/sha256.ts'
import {
  contentDigest,
  readSignature,
  readSignatureInput,
  requiredComponents,
  signatureBase,
} from '../../formats/http-signature.ts'
import type { Nonce } from '../../identity/nonces.ts'
import { nobodysKey } from '../../keys/es256.ts'
import { verifyEs256 } from '../../keys/verify-es256.ts'
import { terminalById } from '../../merchants/terminals.ts'
import type { Context } from '../context.ts'

/** How far a signature's `created` may be from our clock, either way. */
const windowSeconds = 60

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
  const { headers } = request
  const input = headers['signature-input']
  const given = headers.signature
  if (typeof input !== 'string' || typeof given !== 'string') throw new Refusal('AUTH_REQUIRED')
  const now = clock()
  const refuse = () => new Refusal('PROOF_INVALID', { server_time: now })

  const signed = readSignatureInput(input)
  const signature = signed && readSignature(given, signed.label)
  if (!signed || !signature) throw refuse()
  const hasBody = request.method !== 'GET'
  const needed = requiredComponents(hasBody)
  if (!needed.every((name) => signed.components.includes(name))) throw refuse()
  if (hasBody && headers['content-digest'] !== contentDigest(sha256, request.rawBody)) {
    throw refuse()
  }
  if (Math.abs(signed.created * second - now) > windowSeconds * second) throw refuse()
  if (signed.nonce.length < 8 || signed.nonce.length > 128) throw refuse()

  const target = { method: request.method, targetUri: `${publicUrl}${request.url}` }
  const base = signatureBase({ ...target, headers: singles(headers) }, signed)
  const terminal = await terminalById(store.read, signed.keyId)
  if (!base) throw refuse()
  // A terminal that there is not costs the same check.
  const good = await verifyEs256(terminal?.spki ?? nobodysKey, base, signature)
  if (!terminal?.spki || !good) throw refuse()
  if (terminal.revokedAt !== null) throw new Refusal('TERMINAL_REVOKED')
  return {
    terminalId: terminal.id,
    storeId: terminal.storeId,
    nonce: {
      scope: `terminal:${terminal.id}`,
      nonce: signed.nonce,
      expiresAt: (signed.created + 2 * windowSeconds) * second,
    },
    requestDigest: sha256(signature),
  }
}

function singles(headers: FastifyRequest['headers']): Record<string, string | undefined> {
  const single: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(headers)) {
    single[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return single
}

/** The terminal of a request that has passed the audience's door. */
export function terminalOf(request: { terminal: TerminalProof | undefined }): TerminalProof {
  if (!request.terminal) throw new Refusal('AUTH_REQUIRED')
  return request.terminal
}
