import type { FastifyRequest } from 'fastify'

import type { Bytes } from '../base/bytes.ts'
import { type Instant, second } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import {
  contentDigest,
  readSignature,
  readSignatureInput,
  requiredComponents,
  signatureBase,
} from '../formats/http-signature.ts'

/** How far a signature's `created` may be from our clock, either way. */
const windowSeconds = 60

/** A request with a signature that covers what it must, and is not verified yet. */
export interface SignedMessage {
  readonly keyId: string
  readonly nonce: string
  /** Until when it could be shown again. */
  readonly expiresAt: Instant
  /** `undefined` where it covers something that is not there: no key makes it good. */
  readonly base: Bytes | undefined
  readonly signature: Bytes
}

/**
 * Reads the HTTP message signature (RFC 9421) of a request, with the digest of its body (RFC 9530)
 * and the time. `publicUrl` is the configured address, never the Host header. Refusals:
 * AUTH_REQUIRED without one, PROOF_INVALID (with the server's time).
 */
export function readSignedMessage(
  request: FastifyRequest,
  { publicUrl, now }: { readonly publicUrl: string; readonly now: Instant },
): SignedMessage {
  const { headers } = request
  const input = headers['signature-input']
  const given = headers.signature
  if (typeof input !== 'string' || typeof given !== 'string') throw new Refusal('AUTH_REQUIRED')
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
  const { keyId, nonce, created } = signed
  return { keyId, nonce, expiresAt: (created + 2 * windowSeconds) * second, base, signature }
}

function singles(headers: FastifyRequest['headers']): Record<string, string | undefined> {
  const single: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(headers)) {
    single[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return single
}
