import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

import { utf8 } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { type Checkpoint, openCheckpoint } from '../formats/tlog/checkpoint.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { noteVerifier, parseVkey } from '../formats/tlog/note.ts'
import { verifyConsistency } from '../formats/tlog/proof.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import type { LogKey } from '../keys/keyring.ts'
import type { Reader } from '../store/store.ts'
import { currentLog, logState } from './log-state.ts'
import { consistencyProof } from './tree-reader.ts'

/**
 * The last checkpoint this deployment is known to have signed, in a file outside the database's
 * backup domain. A database that is behind it was restored from an old backup: signing on would
 * fork the log, so nothing is signed. At New Year it may still be of the log before: `keys` are of
 * all logs.
 */
export async function requireAnchored(
  reader: Reader,
  keys: readonly LogKey[],
  file: string,
): Promise<void> {
  if (!existsSync(file)) return
  const anchor = await readAnchor(keys, file)
  const state = await logState(reader, anchor.origin)
  if (!state || state.size < anchor.size) {
    throw new Error(
      `the database holds ${state?.size ?? 0} leaves and the anchor ${anchor.size}: an old backup ` +
        `was restored; nothing is signed. ${remedy}`,
    )
  }
  if (!(await continues(reader, keys, anchor))) {
    throw new Error(
      `the database's log is not a continuation of the anchor's ${anchor.size} leaves: it was ` +
        `written on after an old backup was restored; nothing is signed. ${remedy}`,
    )
  }
}

const remedy =
  'Restore the database as it was last (replay its WAL, or take the replica), or freeze this log ' +
  'at the anchor and open its successor: docs/running.md, "When a backup is restored"'

/** Whether the committed tree has the anchor's as its beginning. */
async function continues(
  reader: Reader,
  keys: readonly LogKey[],
  anchor: Checkpoint,
): Promise<boolean> {
  const { origin } = anchor
  const state = await logState(reader, origin)
  if (!state) return false
  const opened = await openCheckpoint(utf8(state.checkpoint), verifiersOf(keys))
  const { size, root } = opened.checkpoint
  const proof = await consistencyProof(reader, origin, anchor.size, size)
  const claim = {
    first: anchor.size,
    second: size,
    firstRoot: anchor.root,
    secondRoot: root,
    proof,
  }
  try {
    verifyConsistency(sha256, claim)
    return true
  } catch (error) {
    if (error instanceof TlogError) return false
    throw error
  }
}

/** Writes the committed checkpoint of the open log over the anchor, atomically. */
export async function writeAnchor(reader: Reader, file: string): Promise<void> {
  const state = await logState(reader, await currentLog(reader))
  if (!state) return
  writeFileSync(`${file}.new`, state.checkpoint, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

async function readAnchor(keys: readonly LogKey[], file: string): Promise<Checkpoint> {
  const opened = await openCheckpoint(utf8(readFileSync(file, 'utf8')), verifiersOf(keys))
  return opened.checkpoint
}

function verifiersOf(keys: readonly LogKey[]) {
  const all = keys.flatMap((key) => [key, ...(key.also ?? [])])
  return all.map(({ vkey }) => noteVerifier(parseVkey(sha256, vkey), verifyEd25519))
}
