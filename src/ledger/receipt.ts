import { and, eq, sql } from 'drizzle-orm'

import { type Bytes, utf8 } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { inclusionNodes, proveInclusion } from '../formats/tlog/merkle.ts'
import { formatReceipt } from '../formats/tlog/receipt.ts'
import { tileReader, tilesFor } from '../formats/tlog/tiles.ts'
import { type Reader, statement } from '../store/store.ts'
import { logState } from './log-state.ts'
import { tileRow } from './static-log.ts'

const findEntry = statement<{ log: string; entry: string }>()((db) => {
  const { logLeaves, journalEntries } = db.tables
  return db
    .select({ index: logLeaves.index, leaf: journalEntries.leaf })
    .from(logLeaves)
    .innerJoin(
      journalEntries,
      and(eq(journalEntries.bucket, logLeaves.bucket), eq(journalEntries.id, logLeaves.entryId)),
    )
    .where(
      and(
        eq(logLeaves.log, sql.placeholder('log')),
        eq(logLeaves.entryId, sql.placeholder('entry')),
      ),
    )
})

/**
 * A receipt of level 2 (`4-ledger.md`, section 3.4) for a journal entry: `c2sp.org/tlog-proof@v1`
 * with the entry in it, at the committed checkpoint. `undefined` while the entry has no index.
 */
export async function receiptOf(
  reader: Reader,
  log: string,
  entryId: string,
): Promise<Bytes | undefined> {
  const [found] = await reader.perform(findEntry, { log, entry: entryId })
  if (!found) return undefined
  // Read after the leaf: a tree that has grown meanwhile holds the leaf all the same.
  const state = await logState(reader, log)
  if (!state || found.index >= state.size) return undefined
  const { index, leaf } = found
  const tiles = new Map<string, Uint8Array>()
  for (const tile of tilesFor(inclusionNodes(index, state.size), state.size)) {
    const data = await tileRow(reader, log, tile)
    if (!data) throw new Error(`tile ${tile.level}/${tile.index} of ${log} is missing`)
    tiles.set(`${tile.level}/${tile.index}`, data)
  }
  const read = tileReader(
    sha256,
    state.size,
    ({ level, index: n }) => tiles.get(`${level}/${n}`) ?? new Uint8Array(0),
  )
  return formatReceipt({
    extra: new Uint8Array(leaf),
    index,
    proof: proveInclusion(sha256, index, state.size, read),
    checkpoint: utf8(state.checkpoint),
  })
}
