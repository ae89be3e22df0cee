import type Database from 'better-sqlite3'

import { Refusal } from '../base/refusal.ts'
import { withoutValues } from './errors.ts'

/** A caller's transaction, waiting to run. */
export interface Turn {
  readonly start: () => Promise<unknown>
  readonly onRefusal: ((refusal: Refusal) => Promise<void>) | undefined
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/**
 * Runs the turns of one group inside the transaction that its caller has begun; what it answers is
 * to be called after COMMIT. Throws when SQLite has undone everybody.
 */
export function turnRunner(
  writer: Database.Database,
): (group: readonly Turn[]) => Promise<(() => void)[]> {
  const begin = writer.prepare('BEGIN IMMEDIATE')
  const rollback = writer.prepare('ROLLBACK')
  const savepoint = writer.prepare('SAVEPOINT turn')
  const undo = writer.prepare('ROLLBACK TO turn')
  const release = writer.prepare('RELEASE turn')
  const written = writer.prepare('select total_changes()').pluck()

  /**
   * Runs every turn without a savepoint, which would cost a copy of each page that it changes.
   * Whoever refuses before writing needs none. `undefined` when somebody failed after writing.
   */
  async function runBare(group: readonly Turn[]): Promise<(() => void)[] | undefined> {
    const answers: (() => void)[] = []
    for (const turn of group) {
      const before = written.get()
      try {
        const value = await turn.start()
        answers.push(() => turn.resolve(value as never))
      } catch (error) {
        if (!writer.inTransaction) throw error // SQLite undid everybody: disk full, I/O error
        const wrote = written.get() !== before
        // Alone and with nothing to record: ROLLBACK is all that it needs.
        if (wrote && group.length === 1 && !turn.onRefusal) throw error
        if (wrote) return undefined
        const kept = written.get()
        const told = await record(turn, error)
        if (told !== error && written.get() !== kept) return undefined
        answers.push(() => turn.reject(told))
      }
    }
    return answers
  }

  /** Runs the whole group again, each turn in a savepoint, so that it can be undone alone. */
  async function runApart(group: readonly Turn[]): Promise<(() => void)[]> {
    rollback.run()
    begin.run()
    const answers: (() => void)[] = []
    for (const turn of group) answers.push(await runInSavepoint(turn))
    return answers
  }

  /** Runs one turn, undoes it alone if it fails, and returns what will answer its caller. */
  async function runInSavepoint(turn: Turn): Promise<() => void> {
    savepoint.run()
    try {
      const value = await turn.start()
      release.run()
      return () => turn.resolve(value as never)
    } catch (error) {
      undoTurn(error)
      const told = await remember(turn, error)
      release.run()
      return () => turn.reject(told)
    }
  }

  /** Lets a refusal write what must outlive it; undoes that if it fails. */
  async function remember(turn: Turn, error: unknown): Promise<unknown> {
    const told = await record(turn, error)
    if (told !== error && error instanceof Refusal) undoTurn(told)
    return told
  }

  /** The same without undoing. Answers what the caller is told: another error when it failed. */
  async function record({ onRefusal }: Turn, error: unknown): Promise<unknown> {
    if (!onRefusal || !(error instanceof Refusal)) return withoutValues(error)
    try {
      await onRefusal(error)
      return error
    } catch (second) {
      if (!writer.inTransaction) throw second
      return withoutValues(second)
    }
  }

  function undoTurn(error: unknown) {
    if (!writer.inTransaction) throw error // SQLite undid everybody: disk full, I/O error
    undo.run()
  }

  return async (group) => (await runBare(group)) ?? (await runApart(group))
}
