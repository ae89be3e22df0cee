import { createPublicKey, type KeyObject, verify } from 'node:crypto'

const kept = 20_000
const keys = new Map<string, KeyObject>()

/** True when `signature` (64 octets, r || s) is one by `spki`; see `verifyEs256`. */
export function isEs256(spki: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean {
  return verify('sha256', signed, { key: keyOf(spki), dsaEncoding: 'ieee-p1363' }, signature)
}

/** A key that signs nothing (DER): it is verified against when there is no other, for the time. */
export const nobodysKey: Uint8Array = Buffer.from(
  '3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d81' +
    '2deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  'hex',
)

/** A P-256 public key as a JSON Web Key (RFC 7517), without private parts. */
export interface PublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

/** The SubjectPublicKeyInfo of a P-256 key, or `undefined` for what is no point of the curve. */
export function spkiOf(jwk: PublicJwk): Uint8Array | undefined {
  try {
    const { kty, crv, x, y } = jwk
    if (kty !== 'EC' || crv !== 'P-256') return undefined
    const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
    return key.export({ type: 'spki', format: 'der' })
  } catch {
    return undefined
  }
}

/** The JSON Web Key of a P-256 SubjectPublicKeyInfo. */
export function jwkOf(spki: Uint8Array): PublicJwk {
  const { x, y } = keyOf(spki).export({ format: 'jwk' })
  if (!x || !y) throw new TypeError('not a P-256 key')
  return { kty: 'EC', crv: 'P-256', x, y }
}

/** Parsing a key costs as much as a signature: the ones in use are kept. */
function keyOf(spki: Uint8Array): KeyObject {
  const name = Buffer.from(spki).toString('latin1')
  const known = keys.get(name)
  if (known) return known
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  if (keys.size >= kept) keys.delete(keys.keys().next().value ?? '')
  keys.set(name, key)
  return key
}
