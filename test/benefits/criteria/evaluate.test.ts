import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Criteria } from '../../../src/benefits/criteria/criteria.ts'
import {
  evaluate,
  factHolds,
  type Judged,
  regionRange,
  windowStart,
} from '../../../src/benefits/criteria/evaluate.ts'
import {
  type ArbitraryMember,
  criteriaArbitrary,
  memberArbitrary,
  personOf,
  segments,
  todays,
} from '../../support/criteria-arbitraries.ts'

const truth = (criteria: Criteria, member: ArbitraryMember, today: string) =>
  evaluate(criteria, personOf(member, today), today).truth

const nobody: ArbitraryMember = {
  facts: {},
  orgPath: '000000/640000/640100/',
  region: undefined,
  lists: [],
  events: [],
}
const parts = fc.array(criteriaArbitrary({ depth: 3 }), { minLength: 1, maxLength: 4 })
const not = (criteria: Criteria): Criteria => ({ not: criteria })

describe('Kleene logic', () => {
  it('keeps the laws of De Morgan, for all, any and atLeast', () => {
    fc.assert(
      fc.property(parts, memberArbitrary, todays, fc.nat(), (of, member, today, seed) => {
        const same = (a: Criteria, b: Criteria) =>
          expect(truth(a, member, today)).toBe(truth(b, member, today))
        const k = 1 + (seed % of.length)
        same(not({ all: of }), { any: of.map(not) })
        same(not({ any: of }), { all: of.map(not) })
        same(not({ atLeast: k, of }), { atLeast: of.length - k + 1, of: of.map(not) })
        same({ atLeast: 1, of }, { any: of })
        same({ atLeast: of.length, of }, { all: of })
        same(not(not({ all: of })), { all: of })
      }),
      { numRuns: 500 },
    )
  })

  it('never contradicts itself when a fact becomes known', () => {
    const forgotten = fc.subarray([
      ...(['occupation', 'gender', 'birth_date', 'joined_on'] as const),
      ...(['hardship', 'model_worker', 'standing', 'has_mobile'] as const),
    ])
    const without = criteriaArbitrary({ presence: false })
    fc.assert(
      fc.property(without, memberArbitrary, todays, forgotten, (criteria, member, today, keys) => {
        const blank = Object.fromEntries(keys.map((key) => [key, undefined]))
        const less = { ...member, facts: { ...member.facts, ...blank }, region: undefined }
        const known = truth(criteria, member, today)
        expect([known, 'unknown']).toContain(truth(criteria, less, today))
      }),
      { numRuns: 1000 },
    )
  })

  it('meets true, false and unknown often in what the parity test will use', () => {
    const all = fc.tuple(criteriaArbitrary(), memberArbitrary, todays)
    const samples = fc.sample(all, { numRuns: 1000, seed: 1 })
    const found = { true: 0, false: 0, unknown: 0 }
    for (const [criteria, member, today] of samples) found[truth(criteria, member, today)]++
    for (const count of Object.values(found)) expect(count).toBeGreaterThan(100)
  })

  it('values every node', () => {
    fc.assert(
      fc.property(criteriaArbitrary(), memberArbitrary, todays, (criteria, member, today) => {
        const visit = (node: Judged) => {
          expect(evaluate(node.criteria, personOf(member, today), today)).toEqual(node)
          if (!('segment' in node.criteria)) node.children.forEach(visit)
        }
        visit(evaluate(criteria, personOf(member, today), today))
      }),
    )
  })
})

describe('a leaf', () => {
  const day = '2025-03-01'

  it('of a fact is unknown with the fact, in the negative too, save exists and missing', () => {
    expect(truth({ fact: 'occupation', op: 'ne', value: 'other' }, nobody, day)).toBe('unknown')
    expect(truth({ fact: 'occupation', op: 'notIn', value: ['other'] }, nobody, day)).toBe(
      'unknown',
    )
    expect(truth({ fact: 'new_employment_form', op: 'eq', value: true }, nobody, day)).toBe(
      'unknown',
    )
    expect(truth({ fact: 'occupation', op: 'exists' }, nobody, day)).toBe('false')
    expect(truth({ fact: 'new_employment_form', op: 'missing' }, nobody, day)).toBe('true')
  })

  it('of new employment forms follows the occupation', () => {
    const form: Criteria = { fact: 'new_employment_form', op: 'eq', value: true }
    expect(truth(form, { ...nobody, facts: { occupation: 'truck_driver' } }, day)).toBe('true')
    expect(truth(form, { ...nobody, facts: { occupation: 'sanitation' } }, day)).toBe('false')
  })

  it('of an organisation asks for a whole segment of the path', () => {
    const within = (...codes: string[]) => truth({ org: { within: codes } }, nobody, day)
    expect(within('640000')).toBe('true')
    expect(within('000000')).toBe('true')
    expect(within('6401')).toBe('false')
    expect(within('40100')).toBe('false')
    expect(within('620000', '640100')).toBe('true')
  })

  it('of a region reads GB/T 2260 by levels and is unknown without one', () => {
    const within = (code: string, region?: number) =>
      truth({ region: { within: [code] } }, { ...nobody, region }, day)
    expect(within('640000', 640_104)).toBe('true')
    expect(within('640100', 640_302)).toBe('false')
    expect(within('640104', 640_104)).toBe('true')
    expect(within('640000')).toBe('unknown')
    expect(regionRange('640000')).toEqual({ from: 640_000, to: 649_999 })
    expect(regionRange('640100')).toEqual({ from: 640_100, to: 640_199 })
  })

  it('of an age on the last day of the year counts the birthday to come', () => {
    const member = { ...nobody, facts: { birth_date: '2007-12-31' } }
    const age = (on: 'today' | 'year_end' | '2026-01-01') =>
      truth({ age: { op: 'ge', years: 18, on } }, member, day)
    expect([age('today'), age('year_end'), age('2026-01-01')]).toEqual(['false', 'true', 'true'])
  })

  it('of a window of 365 days counts today and 364 days before', () => {
    expect(windowStart('P365D', '2026-03-05')).toBe('2025-03-06')
    expect(windowStart('calendar_year', '2026-03-05')).toBe('2026-01-01')
    expect(windowStart('ever', '2026-03-05')).toBeUndefined()
  })

  it('of a segment is what the segment says, and one nobody published is a mistake', () => {
    const riders = segments.riders as Criteria
    const inner = truth(riders, nobody, day)
    expect(truth({ segment: 'riders' }, nobody, day)).toBe(inner)
    expect(() => truth({ segment: 'none' }, nobody, day)).toThrow(TypeError)
  })

  it('of a set of codes asks whether the set has one of them', () => {
    expect(factHolds('has', ['a', 'b'], 'b')).toBe(true)
    expect(factHolds('hasAny', ['a', 'b'], ['c', 'd'])).toBe(false)
  })
})
