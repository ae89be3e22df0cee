import { and, asc, eq, gt, gte, lt } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'

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

/** The entries of a log in the order of their indexes, with their leaves. */
export function loggedEntries(
  reader: Reader,
  log: string,
  { after, limit, kind, from, to }: Range & Wanted,
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

/** One entry of a log with its leaf; `undefined` for one that is not in it. */
export async function loggedEntry(reader: Reader, log: string, entryId: string) {
  const { logLeaves: l } = reader.tables
  const [row] = await logged(reader).where(and(eq(l.log, log), eq(l.entryId, entryId)))
  return row
}

function logged(reader: Reader) {
  const { logLeaves: l, journalEntries: j } = reader.tables
  return reader
    .select({
      index: l.index,
      bucket: l.bucket,
      entryId: l.entryId,
      kind: j.kind,
      at: j.at,
      leaf: j.leaf,
      leafHash: l.leafHash,
    })
    .from(l)
    .innerJoin(j, and(eq(j.bucket, l.bucket), eq(j.id, l.entryId)))
}

/** The checkpoints of a log that a quorum has cosigned, by size. */
export function archivedCheckpoints(reader: Reader, log: string, { after, limit }: Range) {
  const { witnessedCheckpoints: w } = reader.tables
  return reader
    .select({ size: w.size, checkpoint: w.checkpoint, at: w.at })
    .from(w)
    .where(and(eq(w.log, log), gt(w.size, after)))
    .orderBy(asc(w.size))
    .limit(limit)
}
