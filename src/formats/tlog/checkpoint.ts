import { type Bytes, fromBase64, toBase64 } from '../../base/bytes.ts'
import { TlogError } from './error.ts'
import { hashLength, isSize } from './merkle.ts'
import { isKeyName, keyOf, type NoteSignature, type NoteVerifier, openNote } from './note.ts'

/** What a log says of itself: the text of its note (tlog-checkpoint, "Note text"). */
export type Checkpoint = Readonly<{
  /** Schema-less URL of the log and name of its key. */
  origin: string
  /** Number of leaves, 0 to 2^53-1. */
  size: number
  /** 32 octets */
  root: Bytes
}>

/** A checkpoint whose signatures were verified. */
export type OpenedCheckpoint = Readonly<{
  checkpoint: Checkpoint
  /** The signed text, with its final newline: what witnesses sign. */
  text: string
  /** Of the log, one or (while keys are rotated) two. */
  logSignatures: readonly NoteSignature[]
  /** Of known witnesses; a witness may appear more than once. */
  cosignatures: readonly NoteSignature[]
}>

/**
 * The note text of a checkpoint. Never writes extension lines. TypeError for a malformed origin,
 * size or root.
 */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!isKeyName(origin)) throw new TypeError('not an origin')
  if (!isSize(size) || root.length !== hashLength) throw new TypeError('not a tree head')
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/**
 * Reads the note text of a checkpoint (tlog-checkpoint, "Note text"), more strictly than Go's
 * `ParseCheckpoint`: no leading zero, exactly 32 octets of canonical base64, no empty extension
 * line. Extension lines are permitted and dropped. Throws TlogError CHECKPOINT_MALFORMED.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', digits = '', encoded = '', ...rest] = text.split('\n')
  const end = rest.pop()
  const size = parseDecimal(digits)
  const root = fromBase64(encoded)
  if (end !== '') throw malformed('checkpoint is cut short')
  if (origin === '') throw malformed('checkpoint has no origin')
  if (size === undefined) throw malformed('checkpoint size is not a decimal number')
  if (root?.length !== hashLength) throw malformed('checkpoint root is not 32 octets in base64')
  if (rest.includes('')) throw malformed('checkpoint has an empty extension line')
  return { origin, size, root }
}

/**
 * Opens a signed checkpoint: every signature of a known key verifies, and at least one of `logs`
 * whose name is the origin signed it. Throws TlogError NOTE_*, CHECKPOINT_MALFORMED, or
 * CHECKPOINT_UNSIGNED when only witnesses, or the key of another log, signed it.
 */
export async function openCheckpoint(
  note: Uint8Array,
  logs: readonly NoteVerifier[],
  witnesses: readonly NoteVerifier[] = [],
): Promise<OpenedCheckpoint> {
  const { text, signatures } = await openNote(note, [...logs, ...witnesses])
  const checkpoint = parseCheckpoint(text)
  const logKeys = new Set(logs.map(keyOf))
  const logSignatures = signatures.filter(
    (signature) => logKeys.has(keyOf(signature)) && signature.name === checkpoint.origin,
  )
  const cosignatures = signatures.filter((signature) => !logKeys.has(keyOf(signature)))
  if (logSignatures.length === 0) {
    throw new TlogError('CHECKPOINT_UNSIGNED', 'no known key of its log signed the checkpoint')
  }
  return { checkpoint, text, logSignatures, cosignatures }
}

/** Reads ASCII decimal without leading zero, 0 to 2^53-1; anything else is `undefined`. */
export function parseDecimal(digits: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(digits)) return undefined
  const value = Number(digits)
  return isSize(value) ? value : undefined
}

function malformed(message: string): TlogError {
  return new TlogError('CHECKPOINT_MALFORMED', message)
}
