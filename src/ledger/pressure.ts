import { sql } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import type { Store } from '../store/store.ts'

/**
 * Keeps the queue of leaves from growing without end when no sequencer runs, or too slowly: while
 * more than `limit` wait, whoever asks for room is refused and may try again with the same key.
 * What counters redeem does not ask. On SQLite no leaf ever waits.
 */
export class Pressure {
  readonly #store: Store
  readonly #limit: number
  #full = false

  constructor(store: Store, limit: number) {
    this.#store = store
    this.#limit = limit
  }

  /** Refusal TEMPORARILY_UNAVAILABLE when too many leaves were waiting at the last look. */
  requireRoom(): void {
    if (this.#full) throw new Refusal('TEMPORARILY_UNAVAILABLE')
  }

  /** Counts, at most to the limit: a job does it five times a second. */
  async look(): Promise<void> {
    const counted = sql`select count(*) as n from
      (select 1 as one from pending_leaves limit ${this.#limit + 1}) waiting`
    const [row] = await this.#store.read.rows<{ n: number }>(counted)
    this.#full = (row?.n ?? 0) > this.#limit
  }
}
