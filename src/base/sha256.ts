import { hash } from 'node:crypto'

/** SHA-256 of `bytes` (32 octets, ours to keep): what `formats/` is handed on the server. */
export function sha256(bytes: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const digest = new Uint8Array(32)
  sha256Into(bytes, digest, 0)
  return digest
}

/**
 * The same, written to 32 octets from `at` on. By way of a Latin-1 string, because a million small
 * hashes are twice as fast that way as with a Buffer each.
 */
export function sha256Into(bytes: Uint8Array | string, into: Uint8Array, at: number): void {
  const text = hash('sha256', bytes, 'binary')
  for (let i = 0; i < 32; i++) into[at + i] = text.charCodeAt(i)
}
