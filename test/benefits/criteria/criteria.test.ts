import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../src/base/refusal.ts'
import {
  type Criteria,
  type CriteriaFault,
  canonicalCriteria,
  checkCriteria,
  criteriaSchema,
  maxDepth,
  maxLeaves,
  maxValues,
} from '../../../src/benefits/criteria/criteria.ts'
import { criteriaArbitrary } from '../../support/criteria-arbitraries.ts'

function refusalOf(value: unknown, use?: 'rule' | 'segment'): Refusal['detail'] | undefined {
  try {
    checkCriteria(value, use)
    return undefined
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    expect(error.code).toBe('CRITERIA_INVALID')
    return error.detail
  }
}

const leaf: Criteria = { list: 'a' }
const nested = (levels: number): Criteria => (levels === 1 ? leaf : { not: nested(levels - 1) })
const history = { event: 'claimed', within: 'P365D', op: 'lt', count: 1 }
const occupation = (op: string, value?: unknown) => ({ fact: 'occupation', op, value })
const born = (op: string, value: unknown) => ({ fact: 'birth_date', op, value })
const { value: _, ...presence } = occupation('exists')

describe('checkCriteria', () => {
  it('returns valid criteria unchanged, and the schema agrees', () => {
    fc.assert(
      fc.property(criteriaArbitrary(), (criteria) => {
        expect(checkCriteria(JSON.parse(JSON.stringify(criteria)))).toEqual(criteria)
        expect(criteriaSchema.parse(criteria)).toEqual(criteria)
      }),
    )
  })

  it('only ever refuses with CRITERIA_INVALID, whatever JSON it is given', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => void refusalOf(value)))
  })

  it('refuses nothing else when valid criteria are damaged in one place', () => {
    fc.assert(
      fc.property(criteriaArbitrary(), fc.nat(), fc.jsonValue(), (criteria, seed, junk) => {
        const text = JSON.stringify(criteria)
        let places = 0
        JSON.parse(text, (_key, value) => [places++, value][1])
        let place = seed % places
        refusalOf(JSON.parse(text, (_key, value) => (place-- === 0 ? junk : value)))
      }),
    )
  })

  it('survives nesting that would exhaust the stack', () => {
    const deep = `${'{"not":'.repeat(5000)}{"list":"a"}${'}'.repeat(5000)}`
    expect(refusalOf(JSON.parse(deep))).toMatchObject({ reason: 'too_deep' })
  })

  it('allows exactly the bounds', () => {
    expect(refusalOf(nested(maxDepth))).toBeUndefined()
    expect(refusalOf({ any: Array(maxLeaves).fill(leaf) })).toBeUndefined()
    expect(refusalOf(occupation('in', Array(maxValues).fill('courier')))).toBeUndefined()
    expect(refusalOf(presence)).toBeUndefined()
  })

  const faults: [string, unknown, string, CriteriaFault][] = [
    ['depth', nested(maxDepth + 1), '/not/not/not/not/not/not', 'too_deep'],
    ['leaves', { any: Array(maxLeaves + 1).fill(leaf) }, '/any/60', 'too_many_leaves'],
    ['no node', null, '', 'shape'],
    ['two kinds', { list: 'a', segment: 'b' }, '', 'shape'],
    ['an unknown key', { all: [{ ...leaf, note: 1 }] }, '/all/0', 'shape'],
    ['a key of the prototype', JSON.parse('{"list":"a","__proto__":{}}'), '', 'shape'],
    ['an identifier with a slash', { org: { within: ['64/'] } }, '/org/within/0', 'shape'],
    ['empty all', { all: [] }, '/all', 'empty'],
    ['empty any', { any: [{ any: [] }] }, '/any/0/any', 'empty'],
    ['empty of', { atLeast: 1, of: [] }, '/of', 'empty'],
    ['atLeast 0', { atLeast: 0, of: [leaf] }, '/atLeast', 'at_least_range'],
    ['atLeast 2 of 1', { atLeast: 2, of: [leaf] }, '/atLeast', 'at_least_range'],
    ['an unknown fact', { fact: 'shoe_size', op: 'eq', value: 1 }, '/fact', 'fact_unknown'],
    ['a fact of the prototype', { fact: 'toString', op: 'exists' }, '/fact', 'fact_unknown'],
    ['an unknown operator', occupation('like', 'c%'), '/op', 'operator_type'],
    ['order on a code', occupation('lt', 'courier'), '/op', 'operator_type'],
    ['has on one code', occupation('has', 'courier'), '/op', 'operator_type'],
    ['an unknown code', { not: occupation('in', ['pilot']) }, '/not/value', 'code_unknown'],
    ['a code of the prototype', occupation('eq', 'constructor'), '/value', 'code_unknown'],
    ['a value for exists', occupation('exists', 'courier'), '/value', 'value_arity'],
    ['no value for eq', { fact: 'occupation', op: 'eq' }, '/value', 'value_arity'],
    ['a list for eq', occupation('eq', ['courier']), '/value', 'value_arity'],
    ['one value for in', occupation('in', 'courier'), '/value', 'value_arity'],
    ['an empty in', occupation('in', []), '/value', 'value_arity'],
    ['201 values', occupation('in', Array(201).fill('courier')), '/value', 'value_arity'],
    ['one end', born('between', ['2000-01-01']), '/value', 'value_arity'],
    ['ends reversed', born('between', ['2001-01-01', '2000-01-01']), '/value', 'value_order'],
    ['no such day', born('eq', '2023-02-29'), '/value', 'value_type'],
    ['text for a bool', { fact: 'hardship', op: 'eq', value: 'yes' }, '/value', 'value_type'],
    ['an object for a value', born('eq', { $gt: '' }), '/value', 'value_type'],
    ['a pair of years', { age: { op: 'ge', years: [1, 2] } }, '/age/years', 'value_arity'],
    ['one day', { tenure: { op: 'between', days: 3 } }, '/tenure/days', 'value_arity'],
    ['years reversed', { age: { op: 'between', years: [2, 1] } }, '/age/years', 'value_order'],
    [
      'no window',
      { history: { ...history, within: 'P9D' } },
      '/history/within',
      'history_unbounded',
    ],
    [
      'ever, of anything',
      { history: { ...history, within: 'ever' } },
      '/history/within',
      'history_unbounded',
    ],
    ['a count below 0', { history: { ...history, count: -1 } }, '/history/count', 'history_count'],
    [
      'a count of 1001',
      { history: { ...history, count: 1001 } },
      '/history/count',
      'history_count',
    ],
  ]
  it.each(faults)('refuses %s and says where', (_name, value, path, reason) => {
    expect(refusalOf(value)).toEqual({ path, reason })
  })

  it('refuses a segment in a segment, so that none can contain itself', () => {
    const criteria = { all: [{ segment: 'riders' }] }
    expect(refusalOf(criteria)).toBeUndefined()
    expect(refusalOf(criteria, 'segment')).toEqual({
      path: '/all/0',
      reason: 'segment_in_segment',
    })
  })
})

describe('canonicalCriteria', () => {
  it('gives one text whatever the order of the keys', () => {
    const one = { history: { event: 'claimed', within: 'P365D', op: 'lt', count: 1 } } as const
    const two = { history: { count: 1, op: 'lt', within: 'P365D', event: 'claimed' } } as const
    expect(canonicalCriteria(one)).toBe(canonicalCriteria(two))
    expect(canonicalCriteria(one)).toBe(
      '{"history":{"count":1,"event":"claimed","op":"lt","within":"P365D"}}',
    )
  })

  it('reads back as the same criteria', () => {
    fc.assert(
      fc.property(criteriaArbitrary(), (criteria) => {
        expect(JSON.parse(canonicalCriteria(criteria))).toEqual(criteria)
      }),
    )
  })
})
