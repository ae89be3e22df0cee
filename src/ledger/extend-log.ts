import assert from 'node:assert/strict'

import { and, eq, isNull, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'
import { Frontier } from '../formats/tlog/merkle.ts'
import type { LogKey } from '../keys/keyring.ts'
import { statement, type Tx } from '../store/store.ts'
import { checkpointText } from './log-state.ts'
import { readTile } from './static-log.ts'

const tileLevels = 8 // a tile level is eight levels of the tree
const tileOctets = 256 * 32

const writeTile = statement<{ log: string; level: number; n: number; data: Uint8Array }>()((db) => {
  const { tiles } = db.tables
  return db
    .insert(tiles)
    .values({
      log: sql.placeholder('log'),
      level: sql.placeholder('level'),
      n: sql.placeholder('n'),
      data: sql.placeholder('data'),
    })
    .onConflictDoUpdate({
      target: [tiles.log, tiles.level, tiles.n],
      set: { data: sql`excluded.data` },
    })
})

const moveState = statement<
  Record<'log' | 'from' | 'size' | 'frontier' | 'checkpoint' | 'now', unknown>
>()((db) => {
  const { logState } = db.tables
  return db
    .update(logState)
    .set({
      size: sql`${sql.placeholder('size')}`,
      frontier: sql`${sql.placeholder('frontier')}`,
      checkpoint: sql`${sql.placeholder('checkpoint')}`,
      at: sql`${sql.placeholder('now')}`,
    })
    .where(
      and(
        eq(logState.log, sql.placeholder('log')),
        eq(logState.size, sql.placeholder('from')),
        isNull(logState.closedAt),
      ),
    )
    .returning({ size: logState.size })
})

/** A leaf that has no index yet. */
export type Pending = Tx['tables']['pendingLeaves']['$inferSelect']

/** What a log is extended by, and the state that it is extended from. */
interface Extension {
  readonly state: Tx['tables']['logState']['$inferSelect']
  readonly leaves: readonly Pending[]
  readonly now: Instant
}

/**
 * Appends leaves to the tree as it stands, with their tiles and the signed checkpoint. A log that
 * was closed, or is of another size by now, is a mistake: whoever calls holds its row.
 */
export async function extendLog(
  tx: Tx,
  key: LogKey,
  { state, leaves, now }: Extension,
): Promise<void> {
  const log = key.name
  const tree = Frontier.restore(sha256, state.size, state.frontier)
  const tiles = new TileWriter()
  for (const { leafHash } of leaves) tree.append(leafHash, tiles.note)
  await tx.insertMany(
    tx.tables.logLeaves,
    leaves.map(({ bucket, entryId, leafHash }, i) => ({
      log,
      index: state.size + i,
      bucket,
      entryId,
      leafHash,
    })),
  )
  await tiles.write(tx, log)
  const moved = await tx.perform(moveState, {
    log,
    from: state.size,
    size: tree.size,
    frontier: tree.serialise(),
    checkpoint: checkpointText(key, tree.size, tree.root()),
    now,
  })
  assert.equal(moved.length, 1, `log ${log} moved under us`)
}

/** Collects the hashes that tiles store: every eighth level of the tree. */
class TileWriter {
  readonly #tiles = new Map<
    string,
    { level: number; n: number; first: number; hashes: Uint8Array[] }
  >()

  readonly note = (treeLevel: number, index: number, hash: Uint8Array): void => {
    if (treeLevel % tileLevels !== 0) return
    const level = treeLevel / tileLevels
    const n = Math.floor(index / 256)
    const name = `${level}/${n}`
    const tile = this.#tiles.get(name)
    if (tile) tile.hashes.push(hash)
    else this.#tiles.set(name, { level, n, first: index % 256, hashes: [hash] })
  }

  async write(tx: Tx, log: string): Promise<void> {
    for (const { level, n, first, hashes } of this.#tiles.values()) {
      const before = first === 0 ? [] : await tx.perform(readTile, { log, level, n })
      const old = before[0]?.data ?? new Uint8Array(0)
      assert.equal(old.length, first * 32, `tile ${level}/${n} does not fit the log`)
      const data = Buffer.concat([old, ...hashes])
      assert(data.length <= tileOctets)
      await tx.perform(writeTile, { log, level, n, data })
    }
  }
}
