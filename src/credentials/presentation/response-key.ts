import { compactDecrypt, errors, exportJWK, generateKeyPair, importJWK } from 'jose'

import { utf8 } from '../../base/bytes.ts'
import { sha256 } from '../../base/sha256.ts'
import { type JsonObject, parseJsonObject } from '../../formats/json.ts'
import { type PublicJwk, thumbprintText } from '../../formats/jwk.ts'
import { seal, unseal } from '../../keys/seal.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import { PresentationError } from './error.ts'

/** The content encryption that we read (HAIP 1.0 section 5: both must be offered). */
export const contentEncryptions = ['A128GCM', 'A256GCM'] as const

/** A key that one answer is encrypted for; the private half is sealed for the database. */
export type ResponseKey = Readonly<{ jwk: PublicJwk; sealed: Uint8Array }>

/** The most letters of an encrypted answer. */
export const maxResponseLength = 131_072

const purpose = 'verification-key'

/** Makes a key for ECDH-ES that serves one verification (OpenID4VP 1.0 section 8.3). */
export async function newResponseKey(node: ThisNode): Promise<ResponseKey> {
  const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true })
  const whole = await exportJWK(privateKey)
  const { x, y, d } = whole
  if (!x || !y || !d) throw new TypeError('not a private key')
  const jwk = { kty: 'EC', crv: 'P-256', x, y } as const
  return { jwk, sealed: seal(node.sealing, utf8(JSON.stringify({ ...jwk, d })), purpose) }
}

/** The public key as the request names it (section 5.1, `jwks`). */
export function encryptionJwk(jwk: PublicJwk): JsonObject {
  return { ...jwk, use: 'enc', alg: 'ECDH-ES', kid: thumbprintText(sha256, jwk) }
}

/**
 * Opens an encrypted answer (OpenID4VP 1.0 section 8.3): compact JWE, ECDH-ES straight to the
 * content key, A128GCM or A256GCM, the payload a JSON object. PresentationError RESPONSE_UNREADABLE
 * for everything else.
 */
export async function openResponse(
  node: ThisNode,
  { sealed }: Pick<ResponseKey, 'sealed'>,
  compact: string,
): Promise<JsonObject> {
  if (compact.length > maxResponseLength) throw unreadable()
  const jwk = JSON.parse(new TextDecoder().decode(unseal(node.sealing, sealed, purpose)))
  const key = await importJWK(jwk, 'ECDH-ES')
  let plaintext: Uint8Array
  try {
    const opened = await compactDecrypt(compact, key, {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: [...contentEncryptions],
    })
    plaintext = opened.plaintext
  } catch (error) {
    // jose and WebCrypto answer bad input with these; anything else is our mistake
    const bad = [errors.JOSEError, TypeError, DOMException].some((kind) => error instanceof kind)
    throw bad ? unreadable(error) : error
  }
  return parseJsonObject(new Uint8Array(plaintext))
}

function unreadable(cause?: unknown): PresentationError {
  return new PresentationError('RESPONSE_UNREADABLE', 'answer cannot be decrypted', cause)
}
