import { fromBase64url, toBase64url, utf8 } from '../../base/bytes.ts'
import { digest } from '../disclosure.ts'
import { FormatError } from '../error.ts'
import { isArray, type Json, parseJson } from '../json.ts'
import type { Sha256 } from '../jwk.ts'

/** What opens one digest of an SD-JWT. */
export type Disclosure = Readonly<{
  /** As it travels: base64url of a JSON array. */
  encoded: string
  /** base64url of its SHA-256, 43 letters: what the issuer signed. */
  digest: string
  /** `undefined` for an element of an array. */
  name: string | undefined
  value: Json
}>

const minSaltLength = 16

/**
 * Makes a disclosure of a member, or of an element when there is no name (RFC 9901 sections 4.2.1
 * and 4.2.2). The salt has 16 octets or more, fresh for each. TypeError otherwise.
 */
export function makeDisclosure(
  sha256: Sha256,
  salt: Uint8Array,
  name: string | undefined,
  value: Json,
): Disclosure {
  if (salt.length < minSaltLength) throw new TypeError('a salt has 16 octets or more')
  const first = toBase64url(salt)
  const parts = name === undefined ? [first, value] : [first, name, value]
  const encoded = toBase64url(utf8(JSON.stringify(parts)))
  return { encoded, digest: digest(sha256, encoded), name, value }
}

/**
 * Reads a disclosure (RFC 9901 section 7.1, step 3.c.ii). JSON may be spelled freely: the digest is
 * over the letters as they came. Throws FormatError DISCLOSURE_MALFORMED or JSON_*.
 */
export function parseDisclosure(sha256: Sha256, encoded: string): Disclosure {
  const bytes = encoded === '' ? undefined : fromBase64url(encoded)
  if (bytes === undefined) throw malformed('disclosure is not base64url')
  const parts = parseJson(bytes)
  if (!isArray(parts) || typeof parts[0] !== 'string') throw malformed('disclosure has no salt')
  const [, second, third] = parts
  if (parts.length === 2 && second !== undefined) {
    return { encoded, digest: digest(sha256, encoded), name: undefined, value: second }
  }
  if (parts.length === 3 && typeof second === 'string' && third !== undefined) {
    return { encoded, digest: digest(sha256, encoded), name: second, value: third }
  }
  throw malformed('disclosure is neither of a member nor of an element')
}

function malformed(message: string): FormatError {
  return new FormatError('DISCLOSURE_MALFORMED', message)
}
