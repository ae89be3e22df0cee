import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

import { utf8 } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { type Checkpoint, openCheckpoint } from '../formats/tlog/checkpoint.ts'
import { noteVerifier, parseVkey } from '../formats/tlog/note.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import type { LogKey } from '../keys/keyring.ts'
import type { Reader } from '../store/store.ts'
import { logState } from './log-state.ts'

/**
 * The last checkpoint this deployment is known to have signed, in a file outside the database's
 * backup domain. A database that is behind it was restored from an old backup: signing on would
 * fork the log, so nothing is signed.
 */
export async function requireAnchored(reader: Reader, key: LogKey, file: string): Promise<void> {
  if (!existsSync(file)) return
  const anchor = await readAnchor(key, file)
  const state = await logState(reader, key.name)
  if (!state || state.size < anchor.size) {
    throw new Error(
      `the database holds ${state?.size ?? 0} leaves and the anchor ${anchor.size}: ` +
        'an old backup was restored; nothing is signed',
    )
  }
}

/** Writes the committed checkpoint over the anchor, atomically. */
export async function writeAnchor(reader: Reader, key: LogKey, file: string): Promise<void> {
  const state = await logState(reader, key.name)
  if (!state) return
  writeFileSync(`${file}.new`, state.checkpoint, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

async function readAnchor(key: LogKey, file: string): Promise<Checkpoint> {
  const verifier = noteVerifier(parseVkey(sha256, key.vkey), verifyEd25519)
  const opened = await openCheckpoint(utf8(readFileSync(file, 'utf8')), [verifier])
  return opened.checkpoint
}
