import { type Bytes, concat, fromBase64, toBase64, utf8 } from '../../base/bytes.ts'
import { parseDecimal } from './checkpoint.ts'
import { TlogError } from './error.ts'
import { hashLength, isSize } from './merkle.ts'
import { decodeText } from './note.ts'

/** What a log asks of a witness (tlog-witness, "add-checkpoint"). Nothing of it is verified. */
export type Submission = Readonly<{
  /** The size that the log believes to be the witness's latest. */
  oldSize: number
  /** Consistency proof from there to the checkpoint, 32 octets each, 63 at the most. */
  proof: readonly Uint8Array[]
  /** The signed checkpoint, verbatim. */
  checkpoint: Bytes
}>

/** Media type of the size that a witness answers with 409 (tlog-witness, "add-checkpoint"). */
export const sizeType = 'text/x.tlog.size'

/** The longest submission that is read, in octets. */
export const maxSubmissionLength = 65_536

const maxProof = 63

/** Writes the body of an add-checkpoint request. TypeError for a malformed size or proof. */
export function formatSubmission({ oldSize, proof, checkpoint }: Submission): Bytes {
  if (!isSize(oldSize)) throw new TypeError('no such size')
  if (proof.length > maxProof || proof.some((hash) => hash.length !== hashLength)) {
    throw new TypeError('not a consistency proof')
  }
  const lines = [`old ${oldSize}`, ...proof.map(toBase64)]
  return concat(utf8(`${lines.join('\n')}\n\n`), checkpoint)
}

/**
 * Reads the body of an add-checkpoint request: `old <size>`, up to 63 hashes, an empty line, the
 * checkpoint, 64 kB in all. Throws TlogError SUBMISSION_MALFORMED. The checkpoint is left unread.
 */
export function parseSubmission(body: Uint8Array): Submission {
  if (body.length > maxSubmissionLength) throw malformed('submission is too long')
  const text = decodeText(body, 'SUBMISSION_MALFORMED')
  const split = text.indexOf('\n\n')
  if (split < 0) throw malformed('submission has no empty line before its checkpoint')
  const [first = '', ...lines] = text.slice(0, split).split('\n', maxProof + 3)
  const oldSize = first.startsWith('old ') ? parseDecimal(first.slice('old '.length)) : undefined
  if (oldSize === undefined) throw malformed('submission does not start with an old size')
  if (lines.length > maxProof) throw malformed('submission has too many hashes')
  return { oldSize, proof: lines.map(readHash), checkpoint: utf8(text.slice(split + 2)) }
}

/** Reads the size in the answer to a conflict: decimal and a newline. `undefined` otherwise. */
export function parseSizeAnswer(text: string): number | undefined {
  return text.endsWith('\n') ? parseDecimal(text.slice(0, -1)) : undefined
}

function readHash(line: string): Bytes {
  const hash = line.length === 44 ? fromBase64(line) : undefined
  if (hash?.length !== hashLength) throw malformed('proof line is not 32 octets in base64')
  return hash
}

function malformed(message: string): TlogError {
  return new TlogError('SUBMISSION_MALFORMED', message)
}
