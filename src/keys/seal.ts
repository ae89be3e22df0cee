import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'

import { pooledRandom } from '../base/pooled-random.ts'

const nonceLength = 12
const tagLength = 16

/**
 * AES-256-GCM: 12 octets of nonce, the ciphertext, 16 octets of tag. `purpose` is authenticated:
 * what was sealed for one purpose does not open for another.
 */
export function seal(key: Uint8Array, plain: Uint8Array, purpose: string): Uint8Array {
  const nonce = pooledRandom(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', keyObject(key), nonce)
  cipher.setAAD(Buffer.from(purpose))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Opens what `seal` made. A wrong key, a wrong purpose or a changed octet is an Error. */
export function unseal(key: Uint8Array, sealed: Uint8Array, purpose: string): Uint8Array {
  if (sealed.length < nonceLength + tagLength) throw new Error('sealed value is too short')
  const end = sealed.length - tagLength
  const decipher = createDecipheriv('aes-256-gcm', keyObject(key), sealed.subarray(0, nonceLength))
  decipher.setAAD(Buffer.from(purpose))
  decipher.setAuthTag(sealed.subarray(end))
  return Buffer.concat([decipher.update(sealed.subarray(nonceLength, end)), decipher.final()])
}

/** HMAC-SHA-256, 32 octets: how a number is looked up without being stored. */
export function keyedHash(key: Uint8Array, text: string): Uint8Array {
  return createHmac('sha256', keyObject(key)).update(text).digest()
}

/** A 32-octet key for `purpose`, derived from `key` (HKDF, RFC 5869). */
export function deriveKey(key: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), `symbolon/${purpose}`, 32))
}

const keyObjects = new WeakMap<Uint8Array, KeyObject>()

/** Node's own form of a key, made once: making one costs five times what sealing a number does. */
function keyObject(key: Uint8Array): KeyObject {
  const known = keyObjects.get(key)
  if (known) return known
  const made = createSecretKey(key)
  keyObjects.set(key, made)
  return made
}
