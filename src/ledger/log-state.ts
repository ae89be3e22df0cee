import { asc, eq } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'
import { formatCheckpoint } from '../formats/tlog/checkpoint.ts'
import { emptyRoot } from '../formats/tlog/merkle.ts'
import { signNote } from '../formats/tlog/note.ts'
import type { LogKey } from '../keys/keyring.ts'
import type { Reader, Tx } from '../store/store.ts'

/** The checkpoint of a tree, as text, signed by every key that the log has. */
export function checkpointText(key: LogKey, size: number, root: Uint8Array): string {
  const text = formatCheckpoint({ origin: key.name, size, root: new Uint8Array(root) })
  return new TextDecoder().decode(signNote(text, [key, ...(key.also ?? [])]))
}

/** Begins an empty log. */
export async function openLog(tx: Tx, key: LogKey, now: Instant): Promise<void> {
  await tx.insert(tx.tables.logState).values({
    log: key.name,
    size: 0,
    frontier: new Uint8Array(0),
    checkpoint: checkpointText(key, 0, emptyRoot(sha256)),
    at: now,
  })
}

/** A log of the database. */
export interface KnownLog {
  /** Its origin. */
  readonly name: string
  readonly size: number
  /** None while it is being written. */
  readonly closedAt: Instant | null
}

/** Every log of the database, oldest first: the one that is being written is the last. */
export async function allLogs(reader: Reader): Promise<readonly KnownLog[]> {
  const { logState: s } = reader.tables
  const rows = await reader
    .select({ name: s.log, size: s.size, closedAt: s.closedAt })
    .from(s)
    .orderBy(asc(s.log))
  const end = ({ closedAt }: KnownLog) => closedAt ?? Number.POSITIVE_INFINITY
  return rows.toSorted((a, b) => (end(a) === end(b) ? 0 : end(a) - end(b)))
}

/** The log that is being written. */
export async function currentLog(reader: Reader): Promise<string> {
  const last = (await allLogs(reader)).at(-1)
  if (!last) throw new Error('the database has no log: symbolon found makes one')
  return last.name
}

/** The committed state of a log: its size and the signed checkpoint of exactly that size. */
export async function logState(
  reader: Reader,
  log: string,
): Promise<{ size: number; checkpoint: string } | undefined> {
  const { logState } = reader.tables
  const [row] = await reader.select().from(logState).where(eq(logState.log, log))
  return row && { size: row.size, checkpoint: row.checkpoint }
}
