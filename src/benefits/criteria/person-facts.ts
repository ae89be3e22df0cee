import { newEmploymentForms } from '../../identity/roster/values.ts'
import type { IsoDate } from './civil-date.ts'
import type { Criteria, HistoryEvent } from './criteria.ts'
import type { FactKey, FactValue, Occupation } from './facts.ts'

/** What is on record of a member. An absent or undefined key is unknown, never false. */
export type StoredFacts = {
  readonly occupation?: Occupation | undefined
  readonly gender?: 'female' | 'male' | undefined
  readonly birth_date?: IsoDate | undefined
  readonly joined_on?: IsoDate | undefined
  readonly hardship?: boolean | undefined
  readonly model_worker?: boolean | undefined
  readonly standing?: 'active' | 'suspended' | 'retired' | 'left' | undefined
  readonly has_mobile?: boolean | undefined
}

/** Which of a person's voucher events to count: those on `from` or later, all when it is absent. */
export type HistoryQuery = {
  readonly event: HistoryEvent
  readonly benefit?: string
  readonly category?: string
  /** A day of the programme's time zone; its midnight is included. */
  readonly from?: IsoDate
}

/** Everything the evaluator may look at for one member. It asks for nothing else and no clock. */
export type PersonFacts = {
  readonly facts: StoredFacts
  /** Codes from the root to the member's organisation, each followed by a slash. */
  readonly orgPath: string
  /** GB/T 2260 as an integer, 110000 to 659999 and beyond; undefined is unknown. */
  readonly region: number | undefined
  readonly lists: ReadonlySet<string>
  /** How many events there are, an integer from 0. Always known; later `from`, never more. */
  readonly history: (query: HistoryQuery) => number
  /** The published criteria of a segment, which name no segment themselves. */
  readonly segment: (id: string) => Criteria | undefined
}

/** The value of a fact, computed ones included; undefined when unknown. */
export function knownFact(facts: StoredFacts, key: FactKey): FactValue | undefined {
  if (key !== 'new_employment_form') return facts[key]
  return facts.occupation === undefined ? undefined : newEmploymentForms.includes(facts.occupation)
}
