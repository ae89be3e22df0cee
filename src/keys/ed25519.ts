import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

import { promisify } from 'node:util'

import type { Bytes } from '../base/bytes.ts'

const signLater = promisify(sign)

const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** An Ed25519 key made from its 32-octet seed (RFC 8032). */
export interface Ed25519Key {
  readonly publicKey: Bytes
  sign(bytes: Uint8Array): Bytes
  /** The same on another thread. */
  signApart(bytes: Uint8Array): Promise<Bytes>
}

/** Reads a seed. */
export function ed25519FromSeed(seed: Uint8Array): Ed25519Key {
  const der = Buffer.concat([pkcs8Prefix, seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return {
    publicKey: new Uint8Array(spki.subarray(spkiPrefix.length)),
    sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
    signApart: async (bytes) => new Uint8Array(await signLater(null, bytes, key)),
  }
}

const keys = new Map<string, KeyObject>()

/** Verifies an Ed25519 signature (64 octets) with a raw 32-octet public key. */
export function verifyEd25519(
  publicKey: Uint8Array,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  try {
    return verify(null, signed, keyOf(publicKey), signature)
  } catch {
    return false
  }
}

function keyOf(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString('latin1')
  const known = keys.get(name)
  if (known) return known
  const der = Buffer.concat([spkiPrefix, publicKey])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  if (keys.size < 1000) keys.set(name, key)
  return key
}
