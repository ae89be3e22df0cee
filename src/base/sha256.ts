import { hash } from 'node:crypto'

/** SHA-256 of `bytes`: the hash that `formats/` is handed on the server. */
export function sha256(bytes: Uint8Array | string): Uint8Array {
  return hash('sha256', bytes, 'buffer')
}
