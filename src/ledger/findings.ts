/** What was looked at when something was found. Stable: programs may branch on it. */
export type Check =
  | 'checkpoint'
  | 'since'
  | 'receipt'
  | 'root'
  | 'tile'
  | 'bundle'
  | 'leaf'
  | 'kind'
  | 'postings'
  | 'voucher'
  | 'issued'
  | 'time'
  | 'conservation'
  | 'log_state'
  | 'log_leaves'
  | 'journal'
  | 'pending'
  | 'budget'
  | 'quota'
  | 'redemption'
  | 'peer'
  | 'statement'
  | 'witnessed'
  | 'day'
  | 'year'

/** Something that is not as it must be. Never holds personal data: numbers, kinds, entry ids. */
export interface Finding {
  readonly check: Check
  /** Whose leaf it is, where several logs were looked at. */
  readonly log?: string
  /** Leaf index in its log, where there is one. */
  readonly index?: number
  readonly message: string
}

/** Where findings go. */
export interface Finder {
  /** `index` is that of a leaf, in the numbering of whoever asks. */
  add(check: Check, message: string, index?: number): void
}

const kept = 100

interface Entered {
  readonly origin: string
  /** How many leaves the logs before it have. */
  readonly begin: number
}

/**
 * Collects findings: all are counted, the first hundred are kept. Its own numbering goes through
 * all logs, so that a voucher can be followed over the years; each finding is told with the index
 * in its log, and with the log where there is more than one.
 */
export class Findings implements Finder {
  count = 0
  readonly #logs: Entered[] = []
  readonly #kept: { readonly what: Finding; readonly log: Entered | undefined }[] = []
  #first: { readonly through: number; readonly log: Entered | undefined } | undefined

  /** From leaf `begin` on, numbered through all logs, leaves are of this log. */
  enter(origin: string, begin: number): void {
    this.#logs.push({ origin, begin })
  }

  add(check: Check, message: string, through?: number): void {
    const log =
      through === undefined ? undefined : this.#logs.findLast(({ begin }) => begin <= through)
    this.#put(check, message, log, through)
  }

  /** For findings about one of the logs, whose leaves are numbered from 0. */
  of(origin: string): Finder {
    const log = this.#logs.find((one) => one.origin === origin)
    const begin = log?.begin ?? 0
    return {
      add: (check, message, index) =>
        this.#put(check, message, log, index === undefined ? undefined : begin + index),
    }
  }

  get list(): readonly Finding[] {
    return this.#kept.map(({ what, log }) => ({ ...this.#named(log), ...what }))
  }

  /** The first leaf, through all logs, at which anything was found. */
  get first(): { readonly log?: string; readonly index: number } | undefined {
    if (!this.#first) return undefined
    const { through, log } = this.#first
    return { ...this.#named(log), index: through - (log?.begin ?? 0) }
  }

  #put(check: Check, message: string, log: Entered | undefined, through?: number): void {
    this.count++
    const index = through === undefined ? undefined : through - (log?.begin ?? 0)
    if (through !== undefined && through < (this.#first?.through ?? Number.POSITIVE_INFINITY)) {
      this.#first = { through, log }
    }
    if (this.#kept.length === kept) return
    this.#kept.push({ what: { check, ...(index !== undefined && { index }), message }, log })
  }

  #named(log: Entered | undefined): { log?: string } {
    return log && this.#logs.length > 1 ? { log: log.origin } : {}
  }
}
