import { and, asc, eq, gt, gte, inArray, lt } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'
import { allLogs } from './log-state.ts'

/** A page of something numbered: what stands behind `after`, at most `limit`. */
interface Range {
  readonly after: number
  readonly limit: number
}

/** Which entries: of one kind, recorded in `from` to `to` (the end is not in it). */
export interface Wanted {
  readonly kind?: string | undefined
  readonly from?: Instant | undefined
  readonly to?: Instant | undefined
}

/**
 * The entries of all logs in their order, with their leaves. `position` numbers the leaves of all
 * years from 0; `index` those of one log.
 */
export function loggedEntries(reader: Reader, { after, limit, ...wanted }: Range & Wanted) {
  return throughLogs(reader, { after, limit }, (log, own) => entriesOf(reader, log, own, wanted))
}

/** One entry with its leaf, in whichever log; `undefined` for one that is in none. */
export async function loggedEntry(reader: Reader, entryId: string) {
  const { logLeaves: l, logState } = reader.tables
  const logs = reader.select({ log: logState.log }).from(logState)
  const [row] = await logged(reader).where(and(inArray(l.log, logs), eq(l.entryId, entryId)))
  return row
}

/** The checkpoints that a quorum has cosigned, of all logs in their order, each by size. */
export function archivedCheckpoints(reader: Reader, range: Range) {
  const { witnessedCheckpoints: w } = reader.tables
  return throughLogs(reader, range, (log, { after, limit }) =>
    reader
      .select({ index: w.size, log: w.log, size: w.size, checkpoint: w.checkpoint, at: w.at })
      .from(w)
      .where(and(eq(w.log, log), gt(w.size, after)))
      .orderBy(asc(w.size))
      .limit(limit),
  )
}

/** Reads on through the logs, oldest first, where each begins where the one before it ended. */
async function throughLogs<Row extends { readonly index: number }>(
  reader: Reader,
  { after, limit }: Range,
  read: (log: string, range: Range) => PromiseLike<readonly Row[]>,
): Promise<(Row & { readonly position: number })[]> {
  const found: (Row & { readonly position: number })[] = []
  let begin = 0
  for (const { name, size } of await allLogs(reader)) {
    const range = { after: Math.max(-1, after - begin), limit: limit - found.length }
    const rows = range.limit > 0 ? await read(name, range) : []
    for (const row of rows) found.push({ ...row, position: begin + row.index })
    begin += size
  }
  return found
}

function entriesOf(
  reader: Reader,
  log: string,
  { after, limit }: Range,
  { kind, from, to }: Wanted,
) {
  const { logLeaves: l, journalEntries: j } = reader.tables
  return logged(reader)
    .where(
      and(
        eq(l.log, log),
        gt(l.index, after),
        kind === undefined ? undefined : eq(j.kind, kind),
        from === undefined ? undefined : gte(j.at, from),
        to === undefined ? undefined : lt(j.at, to),
      ),
    )
    .orderBy(asc(l.index))
    .limit(limit)
}

function logged(reader: Reader) {
  const { logLeaves: l, journalEntries: j } = reader.tables
  return reader
    .select({
      log: l.log,
      index: l.index,
      bucket: l.bucket,
      entryId: l.entryId,
      kind: j.kind,
      at: j.at,
      leaf: j.leaf,
      leafHash: j.leafHash,
    })
    .from(l)
    .innerJoin(j, and(eq(j.bucket, l.bucket), eq(j.id, l.entryId)))
}
