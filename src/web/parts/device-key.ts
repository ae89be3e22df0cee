import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

import type { Bytes } from '../../base/bytes.ts'
import type { PublicJwk } from '../../formats/jwk.ts'
import { keep, recall } from './kept.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const

/** A P-256 key that never leaves this browser: not even this page can read it. */
export interface DeviceKey {
  readonly jwk: PublicJwk
  /** ES256: r || s, 64 octets. */
  sign(octets: Bytes): Promise<Bytes>
}

/** SHA-256, 32 octets, at once: what `formats/` is handed in a page. */
export function sha256(octets: Uint8Array): Bytes {
  return new Uint8Array(nobleSha256(octets))
}

/** The key kept under `name`; makes one when there is none yet. */
export async function deviceKey(name: string): Promise<DeviceKey> {
  const known = await recall<CryptoKeyPair>(name)
  if (known) return usable(known)
  const made = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  await keep(name, made)
  return usable(made)
}

/** Verifies ES256 for `formats/`: WebCrypto's keys are kept, because reading one costs more. */
export async function verifyEs256(
  jwk: PublicJwk,
  signed: Bytes,
  signature: Bytes,
): Promise<boolean> {
  const { kty, crv, x, y } = jwk
  const key = await crypto.subtle
    .importKey('jwk', { kty, crv, x, y }, algorithm, false, ['verify'])
    .catch(() => undefined)
  return key ? crypto.subtle.verify(signing, key, signature, signed) : false
}

async function usable({ publicKey, privateKey }: CryptoKeyPair): Promise<DeviceKey> {
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  return {
    jwk: { kty: 'EC', crv: 'P-256', x, y },
    sign: async (octets) => new Uint8Array(await crypto.subtle.sign(signing, privateKey, octets)),
  }
}
