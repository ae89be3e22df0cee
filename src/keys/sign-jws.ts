import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

import { type Bytes, toBase64url, utf8 } from '../base/bytes.ts'
import { jwkOf, type PublicJwk } from './es256.ts'

/** A P-256 private key of a device, a terminal or a program, as its holder uses it. */
export interface Es256Key {
  readonly jwk: PublicJwk
  /** The whole key, for its holder to keep. */
  readonly privateJwk: PublicJwk & { readonly d: string }
  /** ES256: r || s, 64 octets. */
  sign(octets: Uint8Array): Bytes
}

/** Makes a new key. */
export function newEs256Key(): Es256Key {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = jwkOf(publicKey.export({ type: 'spki', format: 'der' }))
  const { d = '' } = privateKey.export({ format: 'jwk' })
  return { jwk, privateJwk: { ...jwk, d }, sign: signWith(privateKey) }
}

/** A compact JWS (RFC 7515) with ES256. */
export function signJws(key: Es256Key, header: object, payload: object): string {
  const part = (value: object) => toBase64url(utf8(JSON.stringify(value)))
  const signed = `${part({ alg: 'ES256', ...header })}.${part(payload)}`
  return `${signed}.${toBase64url(key.sign(utf8(signed)))}`
}

/** ES256 with a private key: r || s, 64 octets. */
export function signWith(key: KeyObject): Es256Key['sign'] {
  return (octets) => new Uint8Array(sign('sha256', octets, { key, dsaEncoding: 'ieee-p1363' }))
}
