import type { Instant } from '../base/clock.ts'
import type { Keyring, LogKey } from '../keys/keyring.ts'
import type { Reader } from '../store/store.ts'
import { allLogs, type KnownLog } from './log-state.ts'

/**
 * Which logs there are, which of them is being written, and their keys: one object that everybody
 * asks, because at New Year the answer changes while servers run. What writes the log never asks it
 * which one is open but reads that in its transaction; this is for who names the log to others.
 */
export class Logs {
  readonly #keys: Pick<Keyring, 'logKey'>
  #all: readonly KnownLog[]

  constructor(keys: Pick<Keyring, 'logKey'>, all: readonly KnownLog[]) {
    this.#keys = keys
    this.#all = all
    if (all.length === 0) throw new Error('the database has no log: symbolon found makes one')
  }

  /** As the database says. An Error without a log, or without the key of the one being written. */
  static async read(keys: Pick<Keyring, 'logKey'>, reader: Reader): Promise<Logs> {
    const logs = new Logs(keys, await allLogs(reader))
    logs.keyOf(logs.name)
    return logs
  }

  /** Looks again: another instance, or a command beside the server, may have opened the next. */
  async look(reader: Reader): Promise<void> {
    this.#all = await allLogs(reader)
  }

  /** Oldest first; sizes are of the last look. */
  get all(): readonly KnownLog[] {
    return this.#all
  }

  /** The origin of the log that is being written. */
  get name(): string {
    return this.#all.at(-1)?.name ?? ''
  }

  /** The key of the log that is being written. */
  get current(): LogKey {
    return this.keyOf(this.name)
  }

  /** The key of a log. An Error in plain words when the key folder does not hold it. */
  readonly keyOf = (name: string): LogKey => {
    const key = this.find(name)
    if (key) return key
    throw new Error(
      `the key of log ${name} is not in the key folder: copy it from where it was made`,
    )
  }

  /** The key of a log, also of one that is not begun yet; none when the folder does not hold it. */
  find(name: string): LogKey | undefined {
    return this.#keys.logKey(name)
  }

  /** The log that was open at an instant: what a promise of then names, whenever it is asked. */
  nameAt(at: Instant): string {
    const open = this.#all.find(({ closedAt }) => closedAt === null || at < closedAt)
    return open?.name ?? this.name
  }

  /** The verifier keys of every log that the folder has keys of, the oldest log's first. */
  get vkeys(): readonly string[] {
    const keys = this.#all.flatMap(({ name }) => this.find(name) ?? [])
    return keys.flatMap((key) => [key, ...(key.also ?? [])]).map(({ vkey }) => vkey)
  }
}
