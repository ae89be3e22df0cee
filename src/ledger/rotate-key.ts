import { and, eq } from 'drizzle-orm'

import { utf8 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { sha256 } from '../base/sha256.ts'
import { parseLeaf } from '../formats/leaf.ts'
import { openCheckpoint } from '../formats/tlog/checkpoint.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { noteVerifier, parseVkey } from '../formats/tlog/note.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { post } from './journal.ts'
import { logState } from './log-state.ts'

/** Says in the log itself by which key it will be signed (`4-ledger.md`, section 2.8). */
export async function announceKey(
  tx: Tx,
  node: ThisNode,
  vkey: string,
  now: Instant,
): Promise<void> {
  const fields = { vkey }
  await post(tx, node, { id: newId(now), kind: 'key.rotate', bucket: 0, at: now, fields })
}

/** Whether the log has a leaf that announces the key. */
export async function isAnnounced(reader: Reader, log: string, vkey: string): Promise<boolean> {
  const { journalEntries: j, logLeaves: l } = reader.tables
  const rows = await reader
    .select({ leaf: j.leaf })
    .from(j)
    .innerJoin(l, and(eq(l.bucket, j.bucket), eq(l.entryId, j.id), eq(l.log, log)))
    .where(eq(j.kind, 'key.rotate'))
  return rows.some(({ leaf }) => parseLeaf(leaf).vkey === vkey)
}

/** Whether the committed checkpoint carries a good signature of the key. */
export async function signsAlready(reader: Reader, log: string, vkey: string): Promise<boolean> {
  const state = await logState(reader, log)
  if (!state) return false
  try {
    const verifier = noteVerifier(parseVkey(sha256, vkey), verifyEd25519)
    await openCheckpoint(utf8(state.checkpoint), [verifier])
    return true
  } catch (error) {
    if (error instanceof TlogError) return false
    throw error
  }
}
