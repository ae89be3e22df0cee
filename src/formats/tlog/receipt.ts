import { type Bytes, concat, fromBase64, toBase64, utf8 } from '../../base/bytes.ts'
import { type OpenedCheckpoint, parseDecimal } from './checkpoint.ts'
import { TlogError } from './error.ts'
import { hashLength, isSize, leafHash, type Sha256 } from './merkle.ts'
import { decodeText, type VerifyEd25519 } from './note.ts'
import { openUnderPolicy, type Policy } from './policy.ts'
import { verifyInclusion } from './proof.ts'
import { maxEntryLength } from './tiles.ts'

/** A proof, to be checked offline, that an entry was logged (`c2sp.org/tlog-proof@v1`). */
export type Receipt = Readonly<{
  /** Ours always carry the entry here. Not authenticated by itself: only its leaf hash is. */
  extra?: Bytes
  /** Place of the entry in the log, from 0. */
  index: number
  /** Leaf sibling first, 32 octets each. */
  proof: readonly Uint8Array[]
  /** The signed (and cosigned) checkpoint, verbatim. */
  checkpoint: Bytes
}>

/** What a verified receipt proves. */
export type VerifiedReceipt = OpenedCheckpoint &
  Readonly<{
    entry: Uint8Array
    /** 32 octets */
    leafHash: Uint8Array
    index: number
  }>

const firstLine = 'c2sp.org/tlog-proof@v1'
const maxProof = 63
const maxLength = 1_200_000

/** Writes a receipt (tlog-proof, "Format"). TypeError for a malformed index or hash. */
export function formatReceipt({ extra, index, proof, checkpoint }: Receipt): Bytes {
  if (!isSize(index)) throw new TypeError('no such leaf')
  if (proof.length > maxProof || proof.some((hash) => hash.length !== hashLength)) {
    throw new TypeError('not an inclusion proof')
  }
  const lines = [
    firstLine,
    ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...proof.map(toBase64),
  ]
  return concat(utf8(`${lines.join('\n')}\n\n`), checkpoint)
}

/**
 * Reads a receipt (tlog-proof, "Format") without verifying it: at most 1.2 MB, 65 535 octets of
 * extra data and 63 hashes. Throws TlogError RECEIPT_MALFORMED. The checkpoint is left unread.
 */
export function parseReceipt(bytes: Uint8Array): Receipt {
  if (bytes.length > maxLength) throw malformed('receipt is too long')
  const text = decodeText(bytes, 'RECEIPT_MALFORMED')
  const split = text.indexOf('\n\n')
  if (split < 0) throw malformed('receipt has no empty line before its checkpoint')
  const [first, ...lines] = text.slice(0, split).split('\n', maxProof + 4)
  if (first !== firstLine) throw malformed('receipt does not start as a tlog-proof')
  const extra = readExtra(lines)
  const index = readIndex(lines.shift())
  if (lines.length > maxProof) throw malformed('receipt has too many hashes')
  const proof = lines.map(readHash)
  const checkpoint = utf8(text.slice(split + 2))
  return extra === undefined ? { index, proof, checkpoint } : { extra, index, proof, checkpoint }
}

/**
 * Verifies a receipt: the checkpoint under the policy, and the inclusion of the entry in its tree.
 * The entry is the receipt's `extra`, or given when the receipt carries something else.
 * Throws TlogError NOTE_*, CHECKPOINT_*, COSIGNATURE_MALFORMED, QUORUM_NOT_MET, INCLUSION_INVALID,
 * or RECEIPT_WITHOUT_ENTRY.
 */
export async function verifyReceipt(
  sha256: Sha256,
  verifyEd25519: VerifyEd25519,
  policy: Policy,
  receipt: Receipt,
  entry: Uint8Array | undefined = receipt.extra,
): Promise<VerifiedReceipt> {
  if (entry === undefined) throw new TlogError('RECEIPT_WITHOUT_ENTRY', 'receipt has no entry')
  const opened = await openUnderPolicy(policy, receipt.checkpoint, verifyEd25519)
  const hash = leafHash(sha256, entry)
  verifyInclusion(sha256, {
    index: receipt.index,
    size: opened.checkpoint.size,
    leafHash: hash,
    proof: receipt.proof,
    root: opened.checkpoint.root,
  })
  return { ...opened, entry, leafHash: hash, index: receipt.index }
}

/** Takes the `extra` line off the front, if it is there. */
function readExtra(lines: string[]): Bytes | undefined {
  if (!lines[0]?.startsWith('extra ')) return undefined
  const encoded = lines.shift()?.slice('extra '.length) ?? ''
  if (encoded.length > 4 * Math.ceil(maxEntryLength / 3)) throw malformed('extra data is too long')
  const extra = fromBase64(encoded)
  if (extra === undefined) throw malformed('extra data is not base64')
  return extra
}

function readIndex(line: string | undefined): number {
  const index = line?.startsWith('index ') ? parseDecimal(line.slice('index '.length)) : undefined
  if (index === undefined) throw malformed('receipt has no index')
  return index
}

function readHash(line: string): Bytes {
  const hash = line.length === 44 ? fromBase64(line) : undefined
  if (hash?.length !== hashLength) throw malformed('proof line is not 32 octets in base64')
  return hash
}

function malformed(message: string): TlogError {
  return new TlogError('RECEIPT_MALFORMED', message)
}
