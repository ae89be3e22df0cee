import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as nodeSign,
  verify as nodeVerify,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fromHex, utf8 } from '../../../src/base/bytes.ts'
import type { Sha256 } from '../../../src/formats/tlog/merkle.ts'
import type { NoteSigner, VerifyEd25519 } from '../../../src/formats/tlog/note.ts'

export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest()

export const verifyEd25519: VerifyEd25519 = (publicKey, message, signature) => {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  return nodeVerify(null, message, key, signature)
}

/** A signer from the seed of a test key. */
export function signerOf(key: { name: string; key_id_hex: string; seed_hex: string }): NoteSigner {
  const seed = fromHex(key.seed_hex) as Uint8Array
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return {
    name: key.name,
    keyId: key.key_id_hex,
    sign: (text) => nodeSign(null, text, privateKey),
  }
}

export function spec(name: string): Buffer<ArrayBuffer> {
  return readFileSync(new URL(`../../spec/ledger/${name}`, import.meta.url))
}

export function specJson<T>(name: string): T {
  return JSON.parse(spec(name).toString()) as T
}

export function hex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromHex(text)
  if (bytes === undefined) throw new TypeError('vector is not hexadecimal')
  return bytes
}

/** Leaf hashes of entries "0", "1", … as in `tiles-70000.json`. */
export function decimalEntry(i: number): Uint8Array<ArrayBuffer> {
  return utf8(String(i))
}

export type NoteVectors = {
  c2sp_example: { vkey: string; note: string }
  keys: {
    role: string
    name: string
    type: 1 | 4
    seed_hex: string
    public_key_hex: string
    key_id_hex: string
    vkey: string
  }[]
  checkpoints: {
    size: number
    body: string
    signed: string
    cosigned: string
    rotation_overlap_both_keys?: string
  }[]
  cases: { why: string; note: string; expect: 'ok' | 'reject' }[]
}
