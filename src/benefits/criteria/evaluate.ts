import { addDays, ageCutoff, type IsoDate, tenureCutoff } from './civil-date.ts'
import type {
  AgeTest,
  Criteria,
  DateRef,
  FactLeaf,
  HistoryTest,
  Leaf,
  TenureTest,
} from './criteria.ts'
import type { FactValue } from './facts.ts'
import { knownFact, type PersonFacts } from './person-facts.ts'
import { lies, rangeOf } from './range.ts'

/** Kleene's three values. For issuing, `unknown` is not eligible. */
export type Truth = 'true' | 'false' | 'unknown'

/**
 * A criterion with its value. A node with children counts them: `need` of them make it true
 * (`all` needs each, `any` one); `not` and `segment` have one child and need it, and `not` then
 * turns the value round. A leaf has no children.
 */
export type Judged = {
  readonly criteria: Criteria
  readonly truth: Truth
  readonly need: number
  readonly children: readonly Judged[]
}

/**
 * Evaluates checked criteria for one member on `today`, a day of the programme's time zone.
 * Every node is valued, nothing is cut short. Throws TypeError when a segment is not published or
 * names another: both are refused where segments are saved, so it is our mistake.
 *
 * The meaning of each leaf is the contract with the SQL compiler:
 *
 * - fact: unknown when the value is, `ne` and `notIn` included; only `exists` and `missing` never.
 *   Dates compare as ISO text, numbers as integers, `between` includes both ends.
 * - age: completed years on the day `on` resolves to, by `ageCutoff`; unknown with birth_date.
 * - tenure: today − joined_on in days, by `tenureCutoff`; unknown with joined_on.
 * - org: some named code is a whole segment of the member's path; always known.
 * - region: the code lies in the range of some named code; unknown when the member's is.
 * - list: always known. history: the number of events since `windowStart`; always known.
 */
export function evaluate(criteria: Criteria, person: PersonFacts, today: IsoDate): Judged {
  if ('all' in criteria) return count(criteria, criteria.all, criteria.all.length, person, today)
  if ('any' in criteria) return count(criteria, criteria.any, 1, person, today)
  if ('atLeast' in criteria) return count(criteria, criteria.of, criteria.atLeast, person, today)
  if ('not' in criteria) {
    const judged = count(criteria, [criteria.not], 1, person, today)
    return { ...judged, truth: negated(judged.truth) }
  }
  if ('segment' in criteria) {
    const inner = person.segment(criteria.segment)
    if (inner === undefined) throw new TypeError(`segment "${criteria.segment}" is not published`)
    return count(criteria, [inner], 1, withoutSegments(person), today)
  }
  return { criteria, truth: leafTruth(criteria, person, today), need: 0, children: [] }
}

/** Kleene's not. */
export function negated(truth: Truth): Truth {
  return truth === 'unknown' ? truth : truth === 'true' ? 'false' : 'true'
}

/** Whether a known value passes. `exists` and `missing` are decided before a value is looked at. */
export function factHolds(op: FactLeaf['op'], known: FactValue, value: FactLeaf['value']): boolean {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (typeof known === 'object') return values.some((code) => known.includes(code as string))
  const [first, second] = values as [FactValue, FactValue]
  switch (op) {
    case 'eq':
    case 'in':
      return values.includes(known)
    case 'ne':
    case 'notIn':
      return !values.includes(known)
    case 'lt':
      return known < first
    case 'le':
      return known <= first
    case 'gt':
      return known > first
    case 'ge':
      return known >= first
    case 'between':
      return known >= first && known <= second
    default:
      throw new TypeError(`operator "${op}" does not take one value`)
  }
}

/** The day an age is asked for: `today` when nothing is said. */
export function resolveDate(on: DateRef | undefined, today: IsoDate): IsoDate {
  if (on === undefined || on === 'today') return today
  if (on === 'year_start') return `${today.slice(0, 4)}-01-01`
  return on === 'year_end' ? `${today.slice(0, 4)}-12-31` : on
}

/**
 * The first day of a history window that ends today; undefined for `ever`. P365D is 365 days with
 * today among them: what was redeemed on 5 March counts until 4 March of a common next year.
 */
export function windowStart(within: HistoryTest['within'], today: IsoDate): IsoDate | undefined {
  if (within === 'ever') return undefined
  return within === 'P365D' ? addDays(today, -364) : `${today.slice(0, 4)}-01-01`
}

/**
 * The divisions under a GB/T 2260 code, both ends included: 640000 is 640000 to 649999, 640100 is
 * 640100 to 640199, 640104 is itself.
 */
export function regionRange(code: string): { readonly from: number; readonly to: number } {
  const from = Number(code)
  const width = from % 10_000 === 0 ? 10_000 : from % 100 === 0 ? 100 : 1
  return { from, to: from + width - 1 }
}

/** The number of events a history leaf counts on `today`. */
export function historyCount(test: HistoryTest, person: PersonFacts, today: IsoDate): number {
  const from = windowStart(test.within, today)
  const { event, benefit, category } = test
  return person.history({
    event,
    ...(benefit === undefined ? {} : { benefit }),
    ...(category === undefined ? {} : { category }),
    ...(from === undefined ? {} : { from }),
  })
}

function count(
  criteria: Criteria,
  parts: readonly Criteria[],
  need: number,
  person: PersonFacts,
  today: IsoDate,
): Judged {
  const children = parts.map((part) => evaluate(part, person, today))
  const held = children.filter(({ truth }) => truth === 'true').length
  const open = children.filter(({ truth }) => truth === 'unknown').length
  const truth = held >= need ? 'true' : held + open < need ? 'false' : 'unknown'
  return { criteria, truth, need, children }
}

function leafTruth(leaf: Leaf, person: PersonFacts, today: IsoDate): Truth {
  if ('fact' in leaf) return factTruth(leaf, person)
  if ('age' in leaf) return ageTruth(leaf.age, person.facts.birth_date, today)
  if ('tenure' in leaf) return tenureTruth(leaf.tenure, person.facts.joined_on, today)
  if ('org' in leaf) {
    const path = `/${person.orgPath}`
    return truthOf(leaf.org.within.some((code) => path.includes(`/${code}/`)))
  }
  if ('region' in leaf) return regionTruth(leaf.region.within, person.region)
  if ('list' in leaf) return truthOf(person.lists.has(leaf.list))
  const events = historyCount(leaf.history, person, today)
  return truthOf(lies(rangeOf(leaf.history.op, leaf.history.count), (n) => events >= n))
}

function factTruth({ fact, op, value }: FactLeaf, person: PersonFacts): Truth {
  const known = knownFact(person.facts, fact)
  if (op === 'exists') return truthOf(known !== undefined)
  if (op === 'missing') return truthOf(known === undefined)
  return known === undefined ? 'unknown' : truthOf(factHolds(op, known, value))
}

function ageTruth(age: AgeTest, birth: IsoDate | undefined, today: IsoDate): Truth {
  if (birth === undefined) return 'unknown'
  const on = resolveDate(age.on, today)
  return truthOf(lies(rangeOf(age.op, age.years), (years) => birth <= ageCutoff(on, years)))
}

function tenureTruth(tenure: TenureTest, joined: IsoDate | undefined, today: IsoDate): Truth {
  if (joined === undefined) return 'unknown'
  const range = rangeOf(tenure.op, tenure.days)
  return truthOf(lies(range, (days) => joined <= tenureCutoff(today, days)))
}

function regionTruth(within: readonly string[], region: number | undefined): Truth {
  if (region === undefined) return 'unknown'
  return truthOf(
    within.some((code) => {
      const { from, to } = regionRange(code)
      return region >= from && region <= to
    }),
  )
}

function truthOf(fact: boolean): Truth {
  return fact ? 'true' : 'false'
}

function withoutSegments(person: PersonFacts): PersonFacts {
  return { ...person, segment: () => undefined }
}
