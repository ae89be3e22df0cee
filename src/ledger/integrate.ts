import assert from 'node:assert/strict'

import { and, eq, inArray, isNull, lte, sql } from 'drizzle-orm'

import { toHex } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import type { LogKey } from '../keys/keyring.ts'
import { type Reader, statement, type Tx } from '../store/store.ts'
import { extendLog, type Pending } from './extend-log.ts'

/** Leaves that get their index in one transaction, at the most. */
export const integrateLimit = 4096

const readPending = statement<{ limit: number }>()((db) =>
  db
    .select()
    .from(db.tables.pendingLeaves)
    .orderBy(db.tables.pendingLeaves.entryId)
    .limit(sql.placeholder('limit')),
)
/** The one log that is being written. */
const readOpen = statement<object>()((db) =>
  db.select().from(db.tables.logState).where(isNull(db.tables.logState.closedAt)),
)
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

/** The key of a log by its name; an Error when we have none. */
export type KeyOf = (log: string) => LogKey

/**
 * Gives pending leaves their indexes in the log that is open, extends its tree and signs the
 * checkpoint, all in this transaction. Answers how many leaves it took.
 *
 * It reads which log is open, its size and frontier here and never trusts memory: another process
 * may write the same log, or have opened the next one. With `shared`, many instances tick at once:
 * whoever holds the log's row goes on and the others leave (PostgreSQL). A leaf whose `prev` is in
 * no log yet waits for the next tick. `onTaken` is told what was taken, before it is committed.
 */
export async function integrate(
  tx: Tx,
  keyOf: KeyOf,
  now: Instant,
  { shared, onTaken }: { readonly shared: boolean; onTaken?: (entryIds: string[]) => void },
): Promise<number> {
  if (shared && !(await takeLog(tx))) return 0
  const pending = await tx.perform(readPending, { limit: integrateLimit })
  if (pending.length === 0) return 0
  const state = await openState(tx)
  const leaves = shared ? await inOrder(tx, pending) : pending

  await extendLog(tx, keyOf(state.log), { state, leaves, now })
  await removePending(tx, state.log, shared, leaves, pending)
  onTaken?.(leaves.map(({ entryId }) => entryId))
  return leaves.length
}

/**
 * Gives one pending entry the next index of the open log, ahead of whatever else is waiting: for an
 * entry that speaks of the log as it stands. The caller has `holdLog`.
 */
export async function appendAtOnce(
  tx: Tx,
  keyOf: KeyOf,
  entryId: string,
  now: Instant,
): Promise<void> {
  const { pendingLeaves } = tx.tables
  const leaves = await tx
    .delete(pendingLeaves)
    .where(eq(pendingLeaves.entryId, entryId))
    .returning()
  assert.equal(leaves.length, 1, 'the entry does not wait')
  const state = await openState(tx)
  await extendLog(tx, keyOf(state.log), { state, leaves, now })
}

/**
 * Keeps others from extending or closing the open log until this transaction ends; answers its
 * name. Waits for whoever has it: when that one has closed it, the next log is held. An Error when
 * none is open, or one after the other was closed meanwhile.
 */
export async function holdLog(tx: Tx): Promise<string> {
  const { logState } = tx.tables
  for (let tries = 0; tries < 10; tries++) {
    const [held] = await tx
      .update(logState)
      .set({ closedAt: null })
      .where(isNull(logState.closedAt))
      .returning({ log: logState.log })
    if (held) return held.log
  }
  throw new Error('no log is open')
}

async function openState(tx: Tx) {
  const [state, ...more] = await tx.perform(readOpen, {})
  assert(state && more.length === 0, 'not one log is open')
  return state
}

/** How many leaves wait, and the oldest entry among them. */
export async function backlog(reader: Reader): Promise<{ depth: number; oldest?: string }> {
  const { pendingLeaves } = reader.tables
  const [row] = await reader
    .select({ depth: sql<number>`count(*)`, oldest: sql<string | null>`min(entry_id)` })
    .from(pendingLeaves)
  return { depth: row?.depth ?? 0, ...(row?.oldest && { oldest: row.oldest }) }
}

async function takeLog(tx: Tx): Promise<boolean> {
  const rows = await tx.rows(
    sql`select size from log_state where closed_at is null for update skip locked`,
  )
  return rows.length === 1
}

/**
 * A leaf may stand only behind its `prev`, of this year or another: those whose turn has not come
 * are left out.
 */
async function inOrder(tx: Tx, pending: readonly Pending[]): Promise<Pending[]> {
  const { logLeaves, logState } = tx.tables
  const here = new Set(pending.map(({ leafHash }) => toHex(leafHash)))
  const before = pending.flatMap(({ prev }) => (prev && !here.has(toHex(prev)) ? [prev] : []))
  const known = before.length
    ? await tx
        .select({ hash: logLeaves.leafHash })
        .from(logLeaves)
        .where(
          and(
            inArray(logLeaves.log, tx.select({ log: logState.log }).from(logState)),
            inArray(logLeaves.leafHash, before),
          ),
        )
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
