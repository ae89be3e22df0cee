import { type Bytes, concat, utf8 } from '../../base/bytes.ts'
import { TlogError } from './error.ts'
import { isSize } from './merkle.ts'
import {
  cosignatureType,
  type NoteSignature,
  type NoteSigner,
  type NoteVerifier,
  type VerifyEd25519,
  type Vkey,
} from './note.ts'

/** A witness's word that this was the largest consistent tree it had seen at that time. */
export type Cosignature = Readonly<{
  /** POSIX seconds, 0 to 2^53-1. */
  timeSeconds: number
  /** Ed25519, 64 octets */
  signature: Bytes
}>

const cosignatureLength = 8 + 64

/** What a witness signs: `cosignature/v1`, the time, the note text (tlog-cosignature, "Format"). */
export function cosignatureMessage(timeSeconds: number, text: string): Bytes {
  if (!isSize(timeSeconds)) throw new TypeError('time is not in whole seconds')
  return utf8(`cosignature/v1\ntime ${timeSeconds}\n${text}`)
}

/**
 * Reads the octets that follow the key id in a signature line: big-endian time, signature.
 * Throws TlogError COSIGNATURE_MALFORMED unless they are 72, or if the time exceeds 2^53-1.
 */
export function parseCosignature(bytes: Uint8Array): Cosignature {
  if (bytes.length !== cosignatureLength) {
    throw new TlogError('COSIGNATURE_MALFORMED', 'cosignature does not have 72 octets')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const timeSeconds = view.getUint32(0) * 2 ** 32 + view.getUint32(4)
  if (!isSize(timeSeconds)) {
    throw new TlogError('COSIGNATURE_MALFORMED', 'cosignature time is out of range')
  }
  return { timeSeconds, signature: new Uint8Array(bytes.subarray(8)) }
}

/**
 * The verifier of a witness key (type 0x04), for `openNote`. TypeError for other types. A signature
 * of another length than 72 refuses the note with TlogError COSIGNATURE_MALFORMED.
 */
export function cosignatureVerifier(vkey: Vkey, verifyEd25519: VerifyEd25519): NoteVerifier {
  if (vkey.type !== cosignatureType) throw new TypeError('not the key of a witness')
  return {
    name: vkey.name,
    keyId: vkey.keyId,
    verify(text, bytes) {
      const { timeSeconds, signature } = parseCosignature(bytes)
      return verifyEd25519(vkey.publicKey, cosignatureMessage(timeSeconds, text), signature)
    },
  }
}

/**
 * Cosigns a checkpoint's text (with its final newline) at `timeSeconds` POSIX. The witness must
 * have checked consistency and stored the new size before (tlog-witness). TypeError otherwise.
 */
export function cosign(signer: NoteSigner, timeSeconds: number, text: string): NoteSignature {
  if (!text.endsWith('\n')) throw new TypeError('not a note text')
  const time = new Uint8Array(8)
  const view = new DataView(time.buffer)
  view.setUint32(0, Math.floor(timeSeconds / 2 ** 32))
  view.setUint32(4, timeSeconds % 2 ** 32)
  const signature = signer.sign(cosignatureMessage(timeSeconds, text))
  if (signature.length !== 64) throw new TypeError('an Ed25519 signature has 64 octets')
  return { name: signer.name, keyId: signer.keyId, signature: concat(time, signature) }
}
