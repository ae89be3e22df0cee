import { and, asc, eq, gt } from 'drizzle-orm'

import type { Reader } from '../store/store.ts'

/** A page of something numbered: what stands behind `after`, at most `limit`. */
interface Range {
  readonly after: number
  readonly limit: number
}

/** The entries of a log in the order of their indexes, with their leaves. */
export function loggedEntries(reader: Reader, log: string, { after, limit }: Range) {
  const { logLeaves: l, journalEntries: j } = reader.tables
  return reader
    .select({
      index: l.index,
      entryId: l.entryId,
      kind: j.kind,
      at: j.at,
      leaf: j.leaf,
      leafHash: l.leafHash,
    })
    .from(l)
    .innerJoin(j, and(eq(j.bucket, l.bucket), eq(j.id, l.entryId)))
    .where(and(eq(l.log, log), gt(l.index, after)))
    .orderBy(asc(l.index))
    .limit(limit)
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
