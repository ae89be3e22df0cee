import { and, asc, eq, gte, lt, sql } from 'drizzle-orm'

import { type Bytes, utf8 } from '../base/bytes.ts'
import {
  type Bundle,
  encodeBundle,
  maxEntryLength,
  type Tile,
  tileWidth,
  widthAt,
} from '../formats/tlog/tiles.ts'
import { type Reader, statement } from '../store/store.ts'
import { logState } from './log-state.ts'

/** The hashes of a tile as they are stored: `level` counts tiles, `n` is its index. */
export const readTile = statement<{ log: string; level: number; n: number }>()((db) => {
  const { tiles } = db.tables
  return db
    .select({ data: tiles.data })
    .from(tiles)
    .where(
      and(
        eq(tiles.log, sql.placeholder('log')),
        eq(tiles.level, sql.placeholder('level')),
        eq(tiles.n, sql.placeholder('n')),
      ),
    )
})

const readLeaves = statement<{ log: string; from: number; to: number }>()((db) => {
  const { logLeaves, journalEntries } = db.tables
  return db
    .select({ leaf: journalEntries.leaf })
    .from(logLeaves)
    .innerJoin(
      journalEntries,
      and(eq(journalEntries.bucket, logLeaves.bucket), eq(journalEntries.id, logLeaves.entryId)),
    )
    .where(
      and(
        eq(logLeaves.log, sql.placeholder('log')),
        gte(logLeaves.index, sql.placeholder('from')),
        lt(logLeaves.index, sql.placeholder('to')),
      ),
    )
    .orderBy(asc(logLeaves.index))
})

const readList = statement<{ log: string; index: number }>()((db) => {
  const { logLeaves, issuedLists } = db.tables
  return db
    .select({ handles: issuedLists.handles })
    .from(logLeaves)
    .innerJoin(
      issuedLists,
      and(eq(issuedLists.bucket, logLeaves.bucket), eq(issuedLists.entryId, logLeaves.entryId)),
    )
    .where(
      and(eq(logLeaves.log, sql.placeholder('log')), eq(logLeaves.index, sql.placeholder('index'))),
    )
})

/**
 * `<prefix>/checkpoint`: the committed, signed checkpoint, UTF-8. `undefined` for an unknown log.
 */
export async function servedCheckpoint(reader: Reader, log: string): Promise<Bytes | undefined> {
  const state = await logState(reader, log)
  return state && utf8(state.checkpoint)
}

/**
 * `<prefix>/tile/<L>/<N>[.p/<W>]`: 32 octets a hash. A partial tile is answered at any width that
 * the committed tree has grown past; its octets never change. `undefined` beyond the tree.
 */
export async function servedTile(
  reader: Reader,
  log: string,
  tile: Tile,
): Promise<Bytes | undefined> {
  return (await covers(reader, log, tile)) ? tileRow(reader, log, tile) : undefined
}

/** `<prefix>/tile/entries/<N>[.p/<W>]`: the same rule, for the entries themselves. */
export async function servedBundle(
  reader: Reader,
  log: string,
  bundle: Bundle,
): Promise<Bytes | undefined> {
  const covered = await covers(reader, log, { level: 0, ...bundle })
  return covered ? bundleRows(reader, log, bundle) : undefined
}

/**
 * `<prefix>/issued/<leaf index>`: the voucher digests of a chunk, 16 octets each, in the order
 * that the leaf's `vr` commits to. `undefined` for a leaf that has no list.
 */
export async function servedIssued(
  reader: Reader,
  log: string,
  index: number,
): Promise<Bytes | undefined> {
  const state = await logState(reader, log)
  return state && index < state.size ? listRow(reader, log, index) : undefined
}

/** The first `width` hashes of a stored tile, or `undefined` when there are not so many. */
export async function tileRow(
  reader: Reader,
  log: string,
  { level, index, width }: Tile,
): Promise<Bytes | undefined> {
  const [row] = await reader.perform(readTile, { log, level, n: index })
  if (!row || row.data.length < width * 32) return undefined
  return new Uint8Array(row.data.subarray(0, width * 32))
}

/** The bundle of the stored entries, or `undefined` when one of them is not there. */
export async function bundleRows(
  reader: Reader,
  log: string,
  { index, width }: Bundle,
): Promise<Bytes | undefined> {
  const from = index * tileWidth
  const rows = await reader.perform(readLeaves, { log, from, to: from + width })
  const leaves = rows.map(({ leaf }) => leaf)
  if (leaves.length !== width || leaves.some((leaf) => leaf.length > maxEntryLength)) {
    return undefined
  }
  return encodeBundle(leaves)
}

/** The list of voucher digests that belongs to a leaf. */
export async function listRow(
  reader: Reader,
  log: string,
  index: number,
): Promise<Bytes | undefined> {
  const [row] = await reader.perform(readList, { log, index })
  return row && new Uint8Array(row.handles)
}

async function covers(reader: Reader, log: string, tile: Tile): Promise<boolean> {
  const state = await logState(reader, log)
  return state !== undefined && tile.width <= widthAt(state.size, tile.level, tile.index)
}
