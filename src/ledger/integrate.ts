import assert from 'node:assert/strict'

import { and, eq, inArray, lte, sql } from 'drizzle-orm'

import { toHex } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'
import { Frontier } from '../formats/tlog/merkle.ts'
import type { LogKey } from '../keys/keyring.ts'
import { type Reader, statement, type Tx } from '../store/store.ts'
import { checkpointText } from './log-state.ts'

/** Leaves that get their index in one transaction, at the most. */
const limit = 4096
const tileLevels = 8 // a tile level is eight levels of the tree
const tileOctets = 256 * 32

const readPending = statement<{ limit: number }>()((db) =>
  db
    .select()
    .from(db.tables.pendingLeaves)
    .orderBy(db.tables.pendingLeaves.entryId)
    .limit(sql.placeholder('limit')),
)
const readState = statement<{ log: string }>()((db) =>
  db
    .select()
    .from(db.tables.logState)
    .where(eq(db.tables.logState.log, sql.placeholder('log'))),
)
const readTile = statement<{ log: string; level: number; n: number }>()((db) => {
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

const removeUpTo = statement<{ log: string; last: string }>()((db) => {
  const { pendingLeaves } = db.tables
  return db
    .delete(pendingLeaves)
    .where(lte(pendingLeaves.entryId, sql.placeholder('last')))
    .returning({ entryId: pendingLeaves.entryId })
})
const removeLogged = statement<{ log: string; last: string }>()((db) => {
  const { pendingLeaves, logLeaves } = db.tables
  return db
    .delete(pendingLeaves)
    .where(
      and(
        lte(pendingLeaves.entryId, sql.placeholder('last')),
        sql`exists (select 1 from ${logLeaves} where ${logLeaves.log} = ${sql.placeholder('log')}
          and ${logLeaves.entryId} = ${pendingLeaves.entryId})`,
      ),
    )
    .returning({ entryId: pendingLeaves.entryId })
})

type Pending = Tx['tables']['pendingLeaves']['$inferSelect']

/**
 * Gives pending leaves their indexes, extends the tree and signs the checkpoint, all in this
 * transaction. Answers how many leaves it took.
 *
 * It reads size and frontier here and never trusts memory: another process may write the same log.
 * With `shared`, many instances tick at once: whoever holds the log's row goes on and the others
 * leave (PostgreSQL). A leaf whose `prev` is not in the log yet waits for the next tick. `onTaken`
 * is told what was taken, before it is committed.
 */
export async function integrate(
  tx: Tx,
  key: LogKey,
  now: Instant,
  { shared, onTaken }: { readonly shared: boolean; onTaken?: (entryIds: string[]) => void },
): Promise<number> {
  const log = key.name
  if (shared && !(await takeLog(tx, log))) return 0
  const pending = await tx.perform(readPending, { limit })
  if (pending.length === 0) return 0
  const [state] = await tx.perform(readState, { log })
  assert(state, `there is no log ${log}`)
  const leaves = shared ? await inOrder(tx, log, pending) : pending

  await extend(tx, key, { state, leaves, now })
  await removePending(tx, log, shared, leaves, pending)
  onTaken?.(leaves.map(({ entryId }) => entryId))
  return leaves.length
}

/**
 * Gives one pending entry the next index, ahead of whatever else is waiting: for an entry that
 * speaks of the log as it stands. The caller has `holdLog`.
 */
export async function appendAtOnce(
  tx: Tx,
  key: LogKey,
  entryId: string,
  now: Instant,
): Promise<void> {
  const { pendingLeaves } = tx.tables
  const leaves = await tx
    .delete(pendingLeaves)
    .where(eq(pendingLeaves.entryId, entryId))
    .returning()
  assert.equal(leaves.length, 1, 'the entry does not wait')
  const [state] = await tx.perform(readState, { log: key.name })
  assert(state, `there is no log ${key.name}`)
  await extend(tx, key, { state, leaves, now })
}

/** Keeps others from extending a log until this transaction ends; false when another has it. */
export async function holdLog(tx: Tx, log: string): Promise<boolean> {
  const { logState } = tx.tables
  const held = await tx
    .update(logState)
    .set({ log })
    .where(eq(logState.log, log))
    .returning({ log: logState.log })
  return held.length === 1
}

interface Extension {
  readonly state: Tx['tables']['logState']['$inferSelect']
  readonly leaves: readonly Pending[]
  readonly now: Instant
}

/** Appends leaves to the tree as it stands, with their tiles and the signed checkpoint. */
async function extend(tx: Tx, key: LogKey, { state, leaves, now }: Extension): Promise<void> {
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
  const { logState } = tx.tables
  const moved = await tx
    .update(logState)
    .set({
      size: tree.size,
      frontier: tree.serialise(),
      checkpoint: checkpointText(key, tree.size, tree.root()),
      at: now,
    })
    .where(and(eq(logState.log, log), eq(logState.size, state.size)))
    .returning({ size: logState.size })
  assert.equal(moved.length, 1, `log ${log} moved under us`)
}

/** How many leaves wait, and the oldest entry among them. */
export async function backlog(reader: Reader): Promise<{ depth: number; oldest?: string }> {
  const { pendingLeaves } = reader.tables
  const [row] = await reader
    .select({ depth: sql<number>`count(*)`, oldest: sql<string | null>`min(entry_id)` })
    .from(pendingLeaves)
  return { depth: row?.depth ?? 0, ...(row?.oldest && { oldest: row.oldest }) }
}

async function takeLog(tx: Tx, log: string): Promise<boolean> {
  const rows = await tx.rows(
    sql`select size from log_state where log = ${log} for update skip locked`,
  )
  return rows.length === 1
}

/** A leaf may stand only behind its `prev`: those whose turn has not come are left out. */
async function inOrder(tx: Tx, log: string, pending: readonly Pending[]): Promise<Pending[]> {
  const { logLeaves } = tx.tables
  const here = new Set(pending.map(({ leafHash }) => toHex(leafHash)))
  const before = pending.flatMap(({ prev }) => (prev && !here.has(toHex(prev)) ? [prev] : []))
  const known = before.length
    ? await tx
        .select({ hash: logLeaves.leafHash })
        .from(logLeaves)
        .where(and(eq(logLeaves.log, log), inArray(logLeaves.leafHash, before)))
    : []
  const logged = new Set(known.map(({ hash }) => toHex(hash)))
  const ordered: Pending[] = []
  let waiting = pending.filter(({ closes }) => !closes)
  const place = () => {
    for (let progress = true; progress; ) {
      const next = waiting.filter(({ leafHash, prev }) => {
        const ready = !prev || logged.has(toHex(prev))
        if (ready) logged.add(toHex(leafHash))
        return ready
      })
      ordered.push(...next)
      progress = next.length > 0
      const placed = new Set(next)
      waiting = waiting.filter((leaf) => !placed.has(leaf))
    }
  }
  place()
  // What a recall or an expiry did not see was committed before it, so it is here and placed.
  for (const leaf of pending.filter(({ closes }) => closes)) {
    ordered.push(leaf)
    logged.add(toHex(leaf.leafHash))
  }
  place()
  return ordered
}

/** Everything up to the last is ours; with `shared`, only what has an index by now. */
async function removePending(
  tx: Tx,
  log: string,
  shared: boolean,
  taken: readonly Pending[],
  all: readonly Pending[],
) {
  const last = all.at(-1)?.entryId ?? ''
  const gone = await tx.perform(shared ? removeLogged : removeUpTo, { log, last })
  assert.equal(gone.length, taken.length, 'the queue of leaves changed under us')
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
