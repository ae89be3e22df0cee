import { AsyncLocalStorage } from 'node:async_hooks'

import type Database from 'better-sqlite3'

import { Weather } from '../base/refusal.ts'
import { withoutValues } from './errors.ts'
import { queriesOn } from './sqlite-connection.ts'
import type { TransactionOptions, Work } from './store.ts'
import { type Turn, turnRunner } from './turns.ts'

interface GroupCommitOptions {
  /** Transactions in one COMMIT, at the most. */
  readonly limit: number
  /** Called after each COMMIT. */
  readonly committed?: () => void
  /** Called when nobody can know whether a COMMIT took place. It must not return. */
  readonly outcomeUnknown: (error: unknown) => void
}

/** Marks code as part of one piece of work that was lent the writer. */
const current = new AsyncLocalStorage<symbol>()

/**
 * The one writer of a SQLite file, whose transactions share commits.
 *
 * A commit costs a disk sync however little it writes, so up to `limit` waiting transactions go
 * into one, in the order they were asked for, and the seal after them all. When one fails after it
 * has written, all of them are undone and run again, each in a savepoint.
 * The event loop does not turn between BEGIN and COMMIT, and nobody is answered before COMMIT has
 * succeeded: a refusal, too, may rest on a neighbour's uncommitted row.
 */
export function groupCommit(
  writer: Database.Database,
  { limit, committed, outcomeUnknown }: GroupCommitOptions,
) {
  const begin = writer.prepare('BEGIN IMMEDIATE')
  const commit = writer.prepare('COMMIT')
  const rollback = writer.prepare('ROLLBACK')
  const run = turnRunner(writer)

  const waiting: Turn[] = []
  const bulk: Turn[] = []
  let seal: Work<void> | undefined
  let draining = false
  let holder: symbol | undefined

  const tx = queriesOn(writer, () => {
    if (!holder || current.getStore() !== holder) throw new TypeError('this transaction is over')
    if (!writer.inTransaction) throw new Error('SQLite has rolled this transaction back')
  })

  async function transaction<T>(work: Work<T>, options: TransactionOptions = {}): Promise<T> {
    if (holder && current.getStore() === holder) {
      throw new TypeError('transactions do not nest: pass tx down')
    }
    const { onRefusal } = options
    // `work` sees its caller's async context and not the group's.
    const asCaller = AsyncLocalStorage.snapshot()
    return new Promise<T>((resolve, reject) => {
      const queue = options.bulk ? bulk : waiting
      queue.push({
        start: () => asCaller(() => lend(work)),
        onRefusal:
          onRefusal && ((refusal) => asCaller(() => lend((lent) => onRefusal(lent, refusal)))),
        resolve,
        reject,
      })
      if (!draining) setImmediate(drain)
      draining = true
    })
  }

  /** Short work first; a long piece follows each group, so that neither starves. */
  async function drain() {
    await null // `lend` must be called from a microtask
    if (waiting.length > 0) await commitTogether(waiting.splice(0, limit))
    if (bulk.length > 0) await commitTogether(bulk.splice(0, 1))
    draining = waiting.length + bulk.length > 0
    if (draining) setImmediate(drain)
  }

  async function commitTogether(group: Turn[]) {
    let answers: (() => void)[] = []
    let committing = false
    try {
      begin.run()
      answers = await run(group)
      if (seal) await lend(seal)
      committing = true
      commit.run()
    } catch (error) {
      if (committing) outcomeUnknown(error)
      if (writer.inTransaction) rollback.run()
      const plain = committing ? error : withoutValues(error)
      const told = busy(error) ? new Weather('the database is busy', error) : plain
      answers = group.map(
        ({ reject }) =>
          () =>
            reject(told),
      )
    }
    for (const answer of answers) answer()
    if (committing) committed?.()
  }

  /**
   * Lends `work` the writer until it settles or the microtask queue is empty. Our queries are done
   * when they return, so work still pending then awaits the outside world: it fails, and what it
   * does later is refused.
   */
  async function lend<T>(work: Work<T>): Promise<T> {
    const mine = Symbol()
    holder = mine
    try {
      return await new Promise<T>((resolve, reject) => {
        current.run(mine, async () => work(tx)).then(resolve, reject)
        process.nextTick(() => {
          if (holder === mine) {
            reject(new TypeError('a transaction may await its own queries only'))
          }
        })
      })
    } finally {
      holder = undefined
    }
  }

  return {
    transaction,
    beforeCommit(hook: Work<void>) {
      seal = hook
    },
    /** Resolves when whoever asked before has been answered. */
    settle: async () => {
      await transaction(async () => {}, { bulk: true })
    },
  }
}

function busy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}
