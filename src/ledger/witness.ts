import { and, eq } from 'drizzle-orm'

import { type Bytes, utf8 } from '../base/bytes.ts'
import { type Instant, second } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'
import {
  type Checkpoint,
  type OpenedCheckpoint,
  openCheckpoint,
  parseCheckpoint,
} from '../formats/tlog/checkpoint.ts'
import { cosign } from '../formats/tlog/cosignature.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { emptyRoot } from '../formats/tlog/merkle.ts'
import {
  formatNote,
  formatSignature,
  formatVkey,
  type NoteVerifier,
  noteVerifier,
  parseNote,
  parseVkey,
  type Vkey,
} from '../formats/tlog/note.ts'
import { verifyConsistency } from '../formats/tlog/proof.ts'
import { parseSubmission, type Submission } from '../formats/tlog/submission.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import type { WitnessKey } from '../keys/witness-key.ts'
import type { Reader, Tx } from '../store/store.ts'

/** Why a witness does not cosign (tlog-witness, "add-checkpoint"), in its order. */
export type WitnessRefusal = 'malformed' | 'unknown' | 'unsigned' | 'shrunk' | 'inconsistent'

/** What a witness makes of a submission before it has written anything. */
export type Judgement =
  | Readonly<{ refused: WitnessRefusal }>
  /** The submission starts from another size than our latest, which is this. */
  | Readonly<{ conflict: number }>
  | Readonly<{ cosigned: Cosigned }>

/** A tree that continues the one we have seen, and our word on it: worth nothing until kept. */
export interface Cosigned {
  readonly origin: string
  readonly from: Readonly<{ size: number; root: Uint8Array }>
  readonly to: Checkpoint
  /** Our signature line, with its newline: what is answered. */
  readonly line: string
  /** The checkpoint with the log's signatures and ours: what is published. */
  readonly checkpoint: string
}

/**
 * Believes a log's key from now on. Its tree is empty to us until it is submitted; a second key of
 * the same origin, while keys are rotated, goes on from what we have seen. Answers the origin.
 * Throws TlogError VKEY_*.
 */
export async function trustLog(tx: Tx, text: string, now: Instant): Promise<string> {
  const vkey = parseVkey(sha256, text)
  noteVerifier(vkey, verifyEd25519) // a TypeError for the key of a witness
  const origin = vkey.name
  const { witnessedKeys, witnessedLogs } = tx.tables
  await tx
    .insert(witnessedKeys)
    .values({ vkey: formatVkey(vkey), origin, addedAt: now })
    .onConflictDoNothing()
  await tx
    .insert(witnessedLogs)
    .values({ origin, size: 0, root: emptyRoot(sha256), checkpoint: null, at: now })
    .onConflictDoNothing()
  return origin
}

/** The logs that this witness believes, and what it has seen of each. */
export async function witnessedLogs(reader: Reader) {
  return reader.select().from(reader.tables.witnessedLogs)
}

/**
 * Judges an add-checkpoint request against what was seen: by its form, the log's key, the sizes and
 * the consistency proof, in that order. Cosigns at `now` what holds. Writes nothing: the answer may
 * be given only after `keepCosigned` has said yes.
 */
export async function judge(
  reader: Reader,
  witness: WitnessKey,
  body: Uint8Array,
  now: Instant,
): Promise<Judgement> {
  const read = readSubmission(body)
  if (!read) return { refused: 'malformed' }
  const { submission, origin } = read
  const keys = await keysOf(reader, origin)
  if (keys.length === 0) return { refused: 'unknown' }
  const opened = await signedBy(keys, submission.checkpoint)
  if (!opened) return { refused: 'unsigned' }
  const { checkpoint } = opened
  if (submission.oldSize > checkpoint.size) return { refused: 'shrunk' }
  const seen = await seenOf(reader, origin)
  if (submission.oldSize !== seen.size) return { conflict: seen.size }
  if (!continues(seen, checkpoint, submission.proof)) return { refused: 'inconsistent' }
  return { cosigned: cosigned(witness, opened, seen, now) }
}

/**
 * Moves on from the tree that the judgement was made on. One statement decides: of two submissions
 * that start from the same tree, one is kept. False when the log has moved meanwhile.
 */
export async function keepCosigned(tx: Tx, made: Cosigned, now: Instant): Promise<boolean> {
  const { witnessedLogs } = tx.tables
  const moved = await tx
    .update(witnessedLogs)
    .set({ size: made.to.size, root: made.to.root, checkpoint: made.checkpoint, at: now })
    .where(
      and(
        eq(witnessedLogs.origin, made.origin),
        eq(witnessedLogs.size, made.from.size),
        eq(witnessedLogs.root, made.from.root),
      ),
    )
    .returning({ size: witnessedLogs.size })
  return moved.length === 1
}

/** The largest size that this witness has seen of a log it believes. */
export async function seenSize(reader: Reader, origin: string): Promise<number> {
  return (await seenOf(reader, origin)).size
}

/** The keys of a log that this witness believes; none of one it does not know. */
export async function vkeysOf(reader: Reader, origin: string): Promise<Vkey[]> {
  const { witnessedKeys } = reader.tables
  const rows = await reader.select().from(witnessedKeys).where(eq(witnessedKeys.origin, origin))
  return rows.map(({ vkey }) => parseVkey(sha256, vkey))
}

/** The latest checkpoint it has cosigned, with its cosignature; `undefined` when there is none. */
export async function latestCosigned(
  reader: Reader,
  isOrigin: (origin: string) => boolean,
): Promise<Bytes | undefined> {
  const logs = await witnessedLogs(reader)
  const found = logs.find(({ origin }) => isOrigin(origin))?.checkpoint
  return found ? utf8(found) : undefined
}

function readSubmission(body: Uint8Array): { submission: Submission; origin: string } | undefined {
  return unlessMalformed(() => {
    const submission = parseSubmission(body)
    const { origin } = parseCheckpoint(parseNote(submission.checkpoint).text)
    return { submission, origin }
  })
}

async function keysOf(reader: Reader, origin: string): Promise<NoteVerifier[]> {
  return (await vkeysOf(reader, origin)).map((vkey) => noteVerifier(vkey, verifyEd25519))
}

/** Unknown signatures are ignored; a known key's bad one refuses the whole. */
async function signedBy(
  keys: readonly NoteVerifier[],
  checkpoint: Uint8Array,
): Promise<OpenedCheckpoint | undefined> {
  try {
    return await openCheckpoint(checkpoint, keys)
  } catch (error) {
    if (error instanceof TlogError) return undefined
    throw error
  }
}

async function seenOf(reader: Reader, origin: string) {
  const { witnessedLogs } = reader.tables
  const [seen] = await reader.select().from(witnessedLogs).where(eq(witnessedLogs.origin, origin))
  if (!seen) throw new Error('a log that is believed has no state')
  return { size: seen.size, root: new Uint8Array(seen.root) }
}

function continues(
  seen: Cosigned['from'],
  { size, root }: Checkpoint,
  proof: readonly Uint8Array[],
): boolean {
  const claim = { first: seen.size, second: size, firstRoot: seen.root, secondRoot: root, proof }
  return (
    unlessMalformed(() => {
      verifyConsistency(sha256, claim)
      return true
    }) ?? false
  )
}

function cosigned(
  witness: WitnessKey,
  { checkpoint, text, logSignatures }: OpenedCheckpoint,
  from: Cosigned['from'],
  now: Instant,
): Cosigned {
  const signature = cosign(witness, Math.floor(now / second), text)
  const note = formatNote({ text, signatures: [...logSignatures, signature] })
  return {
    origin: checkpoint.origin,
    from,
    to: checkpoint,
    line: formatSignature(signature),
    checkpoint: new TextDecoder().decode(note),
  }
}

function unlessMalformed<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof TlogError) return undefined
    throw error
  }
}
