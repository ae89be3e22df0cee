import type { Instant } from '../base/clock.ts'
import { Weather } from '../base/refusal.ts'
import type { Keyring, LogKey } from '../keys/keyring.ts'
import type { Reader } from '../store/store.ts'
import { announcedKey } from './announced-key.ts'
import { allLogs, type KnownLog } from './log-state.ts'

/** A log is to be signed whose key is not in this instance's folder: another's may hold it. */
export class MissingLogKey extends Weather {
  constructor(name: string) {
    const remedy = 'copy it from where it was made'
    super(`the key of log ${name} is not in the key folder: ${remedy}`, undefined)
    this.name = 'MissingLogKey'
  }
}

/**
 * Which logs there are, which of them is being written, and their keys: one object that everybody
 * asks, because at New Year the answer changes while servers run. What writes the log never asks it
 * which one is open but reads that in its transaction; this is for who names the log to others.
 */
export class Logs {
  readonly #keys: Pick<Keyring, 'logKey'>
  #all: readonly KnownLog[]
  /** Verifier keys of logs whose keys the folder does not hold, by the log's name. */
  readonly #announced = new Map<string, string>()
  #lacking: string | undefined

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

  /**
   * Looks again: another instance, or a command beside the server, may have opened the next, and
   * its key may have been copied into the folder since.
   */
  async look(reader: Reader): Promise<void> {
    this.#all = await allLogs(reader)
    this.#lacking = this.find(this.name) ? undefined : this.name
    for (const [i, { name }] of this.#all.entries()) {
      const before = this.#all[i - 1]
      if (!before || this.vkeysOf(name).length > 0) continue
      const vkey = await announcedKey(reader, before, this.vkeysOf(before.name))
      if (vkey) this.#announced.set(name, vkey)
    }
  }

  /**
   * The log that is being written, when the folder did not hold its key at the last look: this
   * instance reads and takes what comes, and leaves the signing to those that have the key.
   */
  get lacking(): string | undefined {
    return this.#lacking
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

  /** The key of a log. MissingLogKey when the key folder does not hold it. */
  readonly keyOf = (name: string): LogKey => {
    const key = this.find(name)
    if (key) return key
    throw new MissingLogKey(name)
  }

  /** The verifier keys of a log: the folder's, or else what the log before announced for it. */
  vkeysOf(name: string): readonly string[] {
    const key = this.find(name)
    if (key) return [key, ...(key.also ?? [])].map(({ vkey }) => vkey)
    const announced = this.#announced.get(name)
    return announced === undefined ? [] : [announced]
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

  /** The verifier keys of every log that we know keys of, the oldest log's first. */
  get vkeys(): readonly string[] {
    return this.#all.flatMap(({ name }) => this.vkeysOf(name))
  }
}
