import { and, eq } from 'drizzle-orm'

import { sha256 } from '../base/sha256.ts'
import { LeafError, parseLeaf } from '../formats/leaf.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { formatVkey, parseVkey } from '../formats/tlog/note.ts'
import { parseReceipt, verifyReceipt } from '../formats/tlog/receipt.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import type { Reader } from '../store/store.ts'
import type { KnownLog } from './log-state.ts'
import { receiptOf } from './receipt.ts'

/**
 * The verifier key of the log that follows a closed one, as its last leaf announces it: what an
 * instance knows of a log whose key was not copied to it. `undefined` unless that leaf is a
 * `log.close` in a checkpoint which one of `vkeys`, the closed log's, has signed: what the database
 * says alone is not believed.
 */
export async function announcedKey(
  reader: Reader,
  { name, size }: KnownLog,
  vkeys: readonly string[],
): Promise<string | undefined> {
  const { logLeaves } = reader.tables
  const [last] = await reader
    .select({ entryId: logLeaves.entryId })
    .from(logLeaves)
    .where(and(eq(logLeaves.log, name), eq(logLeaves.index, size - 1)))
  const bytes = last && (await receiptOf(reader, last.entryId))
  if (!bytes) return undefined
  const logs = vkeys.map((vkey) => ({ vkey: parseVkey(sha256, vkey) }))
  const trusted = { logs, witnesses: [], quorum: { kind: 'none' } } as const
  try {
    const { entry } = await verifyReceipt(sha256, verifyEd25519, trusted, parseReceipt(bytes))
    const { k, next } = parseLeaf(entry)
    return k === 'log.close' ? formatVkey(parseVkey(sha256, String(next))) : undefined
  } catch (error) {
    if (error instanceof TlogError || error instanceof LeafError) return undefined
    throw error
  }
}
