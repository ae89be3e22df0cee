import fc from 'fast-check'
import { addDays, type IsoDate } from '../../src/benefits/criteria/civil-date.ts'
import type {
  Criteria,
  FactLeaf,
  HistoryEvent,
  Leaf,
} from '../../src/benefits/criteria/criteria.ts'
import type { PersonFacts, StoredFacts } from '../../src/benefits/criteria/person-facts.ts'

/**
 * Criteria and members for properties. The domains are small and share their edges, so that true,
 * false and unknown are all common. Members are plain data: the parity test writes them to tables.
 */
export type ArbitraryMember = {
  readonly facts: StoredFacts
  readonly orgPath: string
  readonly region: number | undefined
  readonly lists: readonly string[]
  readonly events: readonly ArbitraryEvent[]
}
export type ArbitraryEvent = {
  readonly event: HistoryEvent
  readonly benefit: string
  readonly category: string
  /** Days before the day of evaluation, 0 or more. */
  readonly daysAgo: number
}

export const organisationPaths = [
  '000000/',
  '000000/640000/',
  '000000/640000/640100/',
  '000000/640000/640100/640104000001/',
  '000000/640000/640300/',
  '000000/620000/620300/',
]
export const organisations = ['000000', '640000', '640100', '640104000001', '620000', '6401']
export const regions = [640_104, 640_106, 640_100, 640_302, 620_302, 110_101]
export const lists = ['list-a', 'list-b']
export const benefits = ['checkup', 'insurance', 'package']
export const categories = ['health', 'care']
export const events: readonly HistoryEvent[] = ['issued', 'claimed', 'redeemed']

/** The published segments that arbitrary criteria name. */
export const segments: Readonly<Record<string, Criteria>> = {
  riders: {
    all: [
      { fact: 'occupation', op: 'in', value: ['courier', 'food_delivery'] },
      { fact: 'standing', op: 'eq', value: 'active' },
    ],
  },
  newcomers: { any: [{ tenure: { op: 'lt', days: 90 } }, { not: { list: 'list-a' } }] },
}

/** Days of evaluation: leap days and the days beside them, the ends of years, plain days. */
export const todays = fc.constantFrom(
  ...['2024-02-28', '2024-02-29', '2024-03-01', '2025-02-28', '2025-03-01'],
  ...['2024-12-31', '2025-01-01', '2025-06-15'],
)

const birthDates = [
  ...['2006-02-28', '2006-03-01', '2004-02-29', '2007-01-01', '2007-06-16', '2006-12-31'],
  ...['1980-02-28', '1980-02-29', '1980-03-01', '1981-06-15', '1965-02-28'],
]
const joiningDates = ['2023-03-01', '2024-02-29', '2024-12-01', '2025-03-17', '2023-06-16']
const occupations = ['courier', 'food_delivery', 'sanitation', 'other'] as const
const standings = ['active', 'suspended', 'retired', 'left'] as const
const comparison = fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge' as const)
const equality = fc.constantFrom('eq', 'ne' as const)
const membership = fc.constantFrom('in', 'notIn' as const)
const years = fc.constantFrom(0, 18, 19, 20, 44, 45, 60)
const days = fc.constantFrom(0, 30, 90, 365, 366, 730)

const factLeaf: fc.Arbitrary<FactLeaf> = fc.oneof(
  ...(['new_employment_form', 'hardship', 'model_worker', 'has_mobile'] as const).map((fact) =>
    fc.record({ fact: fc.constant(fact), op: equality, value: fc.boolean() }),
  ),
  codeLeaf('occupation', occupations),
  codeLeaf('gender', ['female', 'male']),
  codeLeaf('standing', standings),
  dateLeaf('birth_date', birthDates),
  dateLeaf('joined_on', joiningDates),
)

/** Leaves that look at whether a fact is known: never unknown, and so not monotone. */
const presenceLeaf: fc.Arbitrary<FactLeaf> = fc.record({
  fact: fc.constantFrom('occupation', 'new_employment_form', 'birth_date', 'hardship' as const),
  op: fc.constantFrom('exists', 'missing' as const),
})

const ageLeaf: fc.Arbitrary<Leaf> = fc
  .record(
    {
      range: ranged(years),
      on: fc.constantFrom('today', 'year_start', 'year_end', '2025-03-01'),
    },
    { requiredKeys: ['range'] },
  )
  .map(({ range: { op, value }, ...on }) => ({ age: { op, years: value, ...on } }))

const tenureLeaf: fc.Arbitrary<Leaf> = ranged(days).map(({ op, value }) => ({
  tenure: { op, days: value },
}))

const historyLeaf: fc.Arbitrary<Leaf> = fc
  .record(
    {
      benefit: fc.constantFrom(...benefits),
      category: fc.constantFrom(...categories),
      event: fc.constantFrom(...events),
      within: fc.constantFrom('P365D', 'calendar_year', 'ever' as const),
      op: comparison,
      count: fc.nat({ max: 3 }),
    },
    { requiredKeys: ['event', 'within', 'op', 'count'] },
  )
  .filter(({ within, benefit, category }) => within !== 'ever' || Boolean(benefit ?? category))
  .map((history) => ({ history }))

const placeLeaf: fc.Arbitrary<Criteria> = fc.oneof(
  some(organisations).map((within) => ({ org: { within } })),
  some(['640000', '640100', '640104', '620000']).map((within) => ({ region: { within } })),
  fc.constantFrom(...lists).map((list) => ({ list })),
  fc.constantFrom(...Object.keys(segments)).map((segment) => ({ segment })),
)

/**
 * Criteria that `checkCriteria` lets through: at most 5 deep and 54 leaves. Without `presence`,
 * none that asks whether a fact is known.
 */
export function criteriaArbitrary({ presence = true, depth = 5 } = {}): fc.Arbitrary<Criteria> {
  const leaf: fc.Arbitrary<Criteria> = fc.oneof(
    { weight: 6, arbitrary: factLeaf },
    { weight: 2, arbitrary: ageLeaf },
    { weight: 2, arbitrary: tenureLeaf },
    { weight: 1, arbitrary: historyLeaf },
    { weight: 2, arbitrary: placeLeaf },
    ...(presence ? [{ weight: 1, arbitrary: presenceLeaf }] : []),
  )
  if (depth === 1) return leaf
  const below = criteriaArbitrary({ presence, depth: depth - 1 })
  const parts = fc.array(below, { minLength: 1, maxLength: depth === 5 ? 2 : 3 })
  return fc.oneof(
    { weight: 2, arbitrary: leaf },
    { weight: 2, arbitrary: parts.map((all) => ({ all })) },
    { weight: 2, arbitrary: parts.map((any) => ({ any })) },
    { weight: 1, arbitrary: below.map((not) => ({ not })) },
    {
      weight: 1,
      arbitrary: parts.chain((of) =>
        fc.integer({ min: 1, max: of.length }).map((atLeast) => ({ atLeast, of })),
      ),
    },
  )
}

/** Members of whom some facts are unknown: an absent key, never null. */
export const memberArbitrary: fc.Arbitrary<ArbitraryMember> = fc.record({
  facts: fc.record(
    {
      occupation: fc.constantFrom(...occupations),
      gender: fc.constantFrom('female', 'male' as const),
      birth_date: fc.constantFrom(...birthDates),
      joined_on: fc.constantFrom(...joiningDates),
      hardship: fc.boolean(),
      model_worker: fc.boolean(),
      standing: fc.constantFrom(...standings),
      has_mobile: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
  orgPath: fc.constantFrom(...organisationPaths),
  region: fc.option(fc.constantFrom(...regions), { nil: undefined }),
  lists: fc.subarray(lists),
  events: fc.array(
    fc.record({
      event: fc.constantFrom(...events),
      benefit: fc.constantFrom(...benefits),
      category: fc.constantFrom(...categories),
      daysAgo: fc.constantFrom(0, 1, 30, 60, 180, 363, 364, 365, 366, 800),
    }),
    { maxLength: 8 },
  ),
})

/** The day of the programme's time zone on which an event of a member took place. */
export function dayOf(event: ArbitraryEvent, today: IsoDate): IsoDate {
  return addDays(today, -event.daysAgo)
}

/** What the evaluator is handed for a member whose events are counted back from `today`. */
export function personOf(member: ArbitraryMember, today: IsoDate): PersonFacts {
  return {
    facts: member.facts,
    orgPath: member.orgPath,
    region: member.region,
    lists: new Set(member.lists),
    history: ({ event, benefit = '', category = '', from = '' }) =>
      member.events.filter(
        (one) =>
          one.event === event &&
          (benefit === '' || one.benefit === benefit) &&
          (category === '' || one.category === category) &&
          dayOf(one, today) >= from,
      ).length,
    segment: (id) => segments[id],
  }
}

function some<T>(all: readonly T[]): fc.Arbitrary<T[]> {
  return fc.subarray([...all], { minLength: 1, maxLength: Math.min(3, all.length) })
}

function codeLeaf(fact: FactLeaf['fact'], codes: readonly string[]): fc.Arbitrary<FactLeaf> {
  return fc.oneof(
    fc.record({ fact: fc.constant(fact), op: equality, value: fc.constantFrom(...codes) }),
    fc.record({ fact: fc.constant(fact), op: membership, value: some(codes) }),
  )
}

function dateLeaf(fact: FactLeaf['fact'], dates: readonly string[]): fc.Arbitrary<FactLeaf> {
  const date = fc.constantFrom(...dates)
  return fc.oneof(
    fc.record({ fact: fc.constant(fact), op: comparison, value: date }),
    fc.record({ fact: fc.constant(fact), op: membership, value: some(dates) }),
    fc.record({
      fact: fc.constant(fact),
      op: fc.constant('between' as const),
      value: fc.tuple(date, date).map((pair) => pair.sort()),
    }),
  )
}

function ranged(value: fc.Arbitrary<number>) {
  const pair = fc.tuple(value, value)
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ op: comparison, value }) },
    {
      weight: 1,
      arbitrary: pair.map(([a, b]) => ({
        op: 'between' as const,
        value: [Math.min(a, b), Math.max(a, b)] as const,
      })),
    },
  )
}
