import { fromBase64url, toBase64url, utf8 } from '../base/bytes.ts'
import { FormatError } from './error.ts'
import { isObject, type Json, member } from './json.ts'
import { isOnCurve } from './p256.ts'

/** 32 octets; handed in, because a page and the server have different ones. Synchronous. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** A public key for ES256: `x` and `y` are 32 octets each, in base64url. */
export type PublicJwk = Readonly<{ kty: 'EC'; crv: 'P-256'; x: string; y: string }>

/**
 * Reads a P-256 public key (RFC 7517, RFC 7518 section 6.2.1) and leaves out what is not the key.
 * Throws FormatError JWK_MALFORMED for another kind of key, coordinates that are no point of the
 * curve, a key meant for something other than signing, and for a private key.
 */
export function readPublicJwk(value: Json | undefined): PublicJwk {
  if (!isObject(value)) throw malformed('key is not an object')
  const [kty, crv, x, y] = ['kty', 'crv', 'x', 'y'].map((name) => member(value, name))
  if (kty !== 'EC' || crv !== 'P-256') throw malformed('key is not of the curve P-256')
  if (Object.hasOwn(value, 'd')) throw malformed('key is a private one')
  if (!isCoordinate(x) || !isCoordinate(y) || !isOnCurve({ x, y })) {
    throw malformed('key is not a point of its curve')
  }
  if ((member(value, 'use') ?? 'sig') !== 'sig') throw malformed('key is not for signatures')
  if ((member(value, 'alg') ?? 'ES256') !== 'ES256') throw malformed('key is not for ES256')
  return { kty, crv, x, y }
}

/** The thumbprint of a key (RFC 7638): 32 octets, SHA-256. */
export function thumbprint(sha256: Sha256, { crv, kty, x, y }: PublicJwk): Uint8Array {
  return sha256(utf8(JSON.stringify({ crv, kty, x, y })))
}

/** The thumbprint as text: 43 letters of base64url. */
export function thumbprintText(sha256: Sha256, key: PublicJwk): string {
  return toBase64url(thumbprint(sha256, key))
}

function isCoordinate(value: Json | undefined): value is string {
  return typeof value === 'string' && value.length === 43 && fromBase64url(value) !== undefined
}

function malformed(message: string): FormatError {
  return new FormatError('JWK_MALFORMED', message)
}
