import { type Instant, minute } from '../base/clock.ts'

const againAfter = 10 * minute

/**
 * Tells that this instance cannot sign the log: at once, then every ten minutes for as long as that
 * lasts, and once when it is over, however often it is asked to look.
 */
export class MissingKeyWatch {
  readonly #tell: (log: string | undefined) => void
  #told: { readonly log: string; readonly at: Instant } | undefined

  /** `tell` is given the log's origin, and `undefined` once its key is there. */
  constructor(tell: (log: string | undefined) => void) {
    this.#tell = tell
  }

  /** `log`: the one whose key is missing; none when none is. */
  look(log: string | undefined, now: Instant): void {
    const told = this.#told
    if (log === told?.log && (!told || now - told.at < againAfter)) return
    this.#told = log === undefined ? undefined : { log, at: now }
    this.#tell(log)
  }
}
