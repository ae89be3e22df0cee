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
  | 'statement'
  | 'witnessed'
  | 'day'

/** Something that is not as it must be. Never holds personal data: numbers, kinds, entry ids. */
export interface Finding {
  readonly check: Check
  /** Leaf index, where there is one. */
  readonly index?: number
  readonly message: string
}

const kept = 100

/** Collects findings: all are counted, the first hundred are kept. */
export class Findings {
  readonly list: Finding[] = []
  count = 0
  /** The lowest leaf index that anything was found at. */
  first: number | undefined

  add(check: Check, message: string, index?: number): void {
    this.count++
    if (index !== undefined && (this.first === undefined || index < this.first)) this.first = index
    if (this.list.length < kept) {
      this.list.push({ check, ...(index !== undefined && { index }), message })
    }
  }
}
