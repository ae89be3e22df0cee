import { and, desc, eq, lt, or, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { type ImportCounts, recordChunk } from '../identity/import-record.ts'
import type { Import } from '../identity/import-report.ts'
import type { RowFault } from '../identity/roster/row.ts'
import type { Reader, Tx } from '../store/store.ts'
import { under } from './criteria/compile-leaf.ts'

/** A chunk of a file, matched: who is meant, and the rows that mean nobody. */
export interface ListChunk {
  readonly importId: string
  readonly listId: string
  readonly memberIds: readonly string[]
  readonly faults: readonly RowFault[]
  /** The file's totals before this chunk. */
  readonly before: ImportCounts
  /** Octets of the file read so far. */
  readonly bytes: number
}

/**
 * Puts a chunk's members on the list and notes the file's totals with its refused rows, in one
 * transaction; answers the totals. Who is on the list already is counted as unchanged, whether
 * from an earlier file or an earlier row. An import that was ended meanwhile is an Error.
 */
export async function addChunk(tx: Tx, chunk: ListChunk): Promise<ImportCounts> {
  const { importId, listId, memberIds, faults, before, bytes } = chunk
  // In one order for everybody, so that two files at once never wait for each other.
  const rows = [...memberIds].sort().map((memberId) => ({ listId, memberId }))
  const added = await tx.insertMany(tx.tables.listMembers, rows, { ignore: true })
  const totals = {
    bytes,
    read: before.read + memberIds.length + faults.length,
    added: before.added + added,
    changed: 0,
    unchanged: before.unchanged + memberIds.length - added,
    refused: before.refused + faults.length,
  }
  await recordChunk(tx, importId, totals, faults)
  return totals
}

/** An earlier time that the same people were uploaded, in whatever encoding or format. */
export interface EarlierUse {
  readonly importId: string
  readonly listId: string
  readonly listName: string
  readonly at: Instant
}

const mostUses = 20

/**
 * Where the content of a file was used before, the latest first, among the lists of organisations
 * at or below one of `orgPaths`. Nothing for a file that was not read to its end.
 */
export async function earlierUses(
  reader: Reader,
  { id, contentHash }: Pick<Import, 'id' | 'contentHash'>,
  orgPaths: readonly string[],
): Promise<EarlierUse[]> {
  if (contentHash === null) return []
  const { imports: i, lists: l, organisations: o } = reader.tables
  return reader
    .select({ importId: i.id, listId: l.id, listName: l.name, at: i.startedAt })
    .from(i)
    .innerJoin(l, eq(l.id, i.listId))
    .innerJoin(o, eq(o.code, l.orgCode))
    .where(
      and(
        eq(i.contentHash, contentHash),
        lt(i.id, id),
        or(...orgPaths.map((path) => under(o.path, path))) ?? sql`1 = 0`,
      ),
    )
    .orderBy(desc(i.id))
    .limit(mostUses)
}

/** The persons behind every file that was uploaded to a list, however it ended. */
export async function uploadersOf(reader: Reader, listId: string): Promise<string[]> {
  const { imports: i, principals: p } = reader.tables
  const rows = await reader
    .selectDistinct({ personId: p.personId })
    .from(i)
    .innerJoin(p, eq(p.id, i.createdBy))
    .where(eq(i.listId, listId))
  return rows.map(({ personId }) => personId)
}
