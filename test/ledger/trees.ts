import { utf8 } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { formatCheckpoint } from '../../src/formats/tlog/checkpoint.ts'
import {
  leafHash,
  leafHashReader,
  proveConsistency,
  rangeRoot,
} from '../../src/formats/tlog/merkle.ts'
import {
  formatVkey,
  makeVkey,
  type NoteSigner,
  noteType,
  signNote,
} from '../../src/formats/tlog/note.ts'
import { formatSubmission } from '../../src/formats/tlog/submission.ts'
import { ed25519FromSeed } from '../../src/keys/ed25519.ts'

/** A log's key from a seed of one octet. */
export function logKey(origin: string, seed = 1): NoteSigner & { vkey: string } {
  const { publicKey, sign } = ed25519FromSeed(new Uint8Array(32).fill(seed))
  const vkey = makeVkey(sha256, origin, noteType, publicKey)
  return { ...vkey, sign, vkey: formatVkey(vkey) }
}

/**
 * A tree whose leaf i is its number, up to `forkAt`; from there on leaves of another `name`.
 */
export function tree(name: string, forkAt = 0) {
  const entries = Array.from({ length: 300 }, (_, i) =>
    leafHash(sha256, utf8(i < forkAt ? `${i}` : `${name} ${i}`)),
  )
  const read = leafHashReader(sha256, entries)
  const root = (size: number) =>
    size === 0 ? sha256(new Uint8Array(0)) : rangeRoot(sha256, 0, size, read)
  const checkpoint = (key: NoteSigner, size: number) =>
    signNote(formatCheckpoint({ origin: key.name, size, root: new Uint8Array(root(size)) }), [key])
  const proof = (first: number, second: number) =>
    first === 0 ? [] : proveConsistency(sha256, first, second, read)
  return {
    checkpoint,
    proof,
    /** The body of a request to a witness that has seen `oldSize` leaves. */
    submission: (key: NoteSigner, oldSize: number, size: number) =>
      formatSubmission({
        oldSize,
        proof: oldSize <= size ? proof(oldSize, size) : [],
        checkpoint: checkpoint(key, size),
      }),
  }
}
