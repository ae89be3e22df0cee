import { type Instant, minute } from '../base/clock.ts'
import { interruptImport, type Progress, runningImports } from '../identity/import-record.ts'
import type { Store } from '../store/store.ts'

const patience = 10 * minute

/**
 * Ends imports that nobody runs any more, because their process died: those that have not moved
 * for ten minutes before the eyes of this instance. What it saw is in its memory, so that it needs
 * no clock but its own; any number of instances may watch, and one that still runs an import which
 * another has ended writes nothing more to it.
 */
export class ImportWatch {
  #seen = new Map<string, { readonly progress: Progress; readonly since: Instant }>()

  /** Looks once. Answers how many imports it ended. */
  async look(store: Store, now: Instant): Promise<number> {
    const before = this.#seen
    this.#seen = new Map()
    let ended = 0
    for (const progress of await runningImports(store.read)) {
      const known = before.get(progress.id)
      const moved = known?.progress.read !== progress.read
      const since = known && !moved ? known.since : now
      if (now - since < patience) this.#seen.set(progress.id, { progress, since })
      else ended += await store.transaction((tx) => interruptImport(tx, progress, now))
    }
    return ended
  }
}
