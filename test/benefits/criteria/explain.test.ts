import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays } from '../../../src/benefits/criteria/civil-date.ts'
import type { Criteria } from '../../../src/benefits/criteria/criteria.ts'
import { evaluate } from '../../../src/benefits/criteria/evaluate.ts'
import { type Audience, explain } from '../../../src/benefits/criteria/explain.ts'
import type { StoredFacts } from '../../../src/benefits/criteria/person-facts.ts'
import {
  type ArbitraryEvent,
  criteriaArbitrary,
  memberArbitrary,
  personOf,
  todays,
} from '../../support/criteria-arbitraries.ts'

const named = (prefix: string) => (id: string) => ({ zh: `${prefix}${id}`, en: `${prefix} ${id}` })
const names = {
  organisation: named('org'),
  benefit: named('benefit'),
  category: named('category'),
  region: named('region'),
}
const today = '2025-06-15'

function explained(
  criteria: Criteria,
  facts: StoredFacts = {},
  { events = [] as ArbitraryEvent[], audience = 'member' as Audience } = {},
) {
  const orgPath = '000000/640000/'
  const person = personOf({ facts, orgPath, region: 640_104, lists: [], events }, today)
  return explain(criteria, person, today, names, audience)
}

/** Far enough for every window and tenure of the arbitraries, and for the ages that are near. */
const horizonDays = 1200

describe('explain', () => {
  it('agrees with the evaluator, and promises the first day on which it says true', () => {
    const all = fc.tuple(criteriaArbitrary(), memberArbitrary, todays)
    fc.assert(
      fc.property(all, ([criteria, member, now]) => {
        const person = personOf(member, now)
        const told = explain(criteria, person, now, names)
        const { truth } = evaluate(criteria, person, now)
        expect(told.status === 'eligible').toBe(truth === 'true')
        expect(told.status === 'need_info').toBe(truth === 'unknown')
        if (told.eligibleFrom !== undefined) expect(told.status).toBe('not_yet')
        if (truth !== 'false') return
        const later = new Set<string>()
        for (let days = 1; days <= horizonDays; days++) {
          const date = addDays(now, days)
          if (date === told.eligibleFrom) break
          later.add(evaluate(criteria, person, date).truth)
        }
        expect(later).not.toContain('true')
        if (told.status === 'ineligible') expect([...later]).toEqual(['false'])
        if (told.eligibleFrom === undefined) return
        expect(evaluate(criteria, person, told.eligibleFrom).truth).toBe('true')
        expect(evaluate(criteria, person, addDays(told.eligibleFrom, -1)).truth).not.toBe('true')
      }),
      { numRuns: 300 },
    )
  })

  it('names what blocks when something does, and only missing facts when they decide', () => {
    const all = fc.tuple(criteriaArbitrary(), memberArbitrary, todays)
    fc.assert(
      fc.property(all, ([criteria, member, now]) => {
        const told = explain(criteria, personOf(member, now), now, names)
        expect(told.blockedBy.length > 0).toBe(told.status !== 'eligible')
        expect(told.because.length).toBeLessThanOrEqual(3)
        if (told.status === 'eligible') expect(told.missing).toEqual([])
        if (told.status === 'need_info') {
          expect(told.blockedBy.every(({ known }) => !known)).toBe(true)
          expect(told.howToFix).not.toEqual([])
        }
        const only = told.eligibleFrom === undefined ? [] : told.howToFix
        expect(only).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  it('never names hardship, and to others not even its category', () => {
    const all = fc.tuple(criteriaArbitrary(), memberArbitrary, todays)
    fc.assert(
      fc.property(all, ([criteria, member, now]) => {
        const told = (audience: Audience) =>
          JSON.stringify(explain(criteria, personOf(member, now), now, names, audience))
        for (const audience of ['member', 'steward', 'other'] as const) {
          expect(told(audience)).not.toMatch(/困难|hardship/)
        }
        expect(told('other')).not.toMatch(/帮扶|support/)
      }),
    )
  })

  it('tells others of hidden facts as another condition, and the member of the category', () => {
    const hardship: Criteria = { fact: 'hardship', op: 'eq', value: true }
    const words = (audience: Audience) => explained(hardship, {}, { audience })
    expect(words('other')).toMatchObject({
      blockedBy: [{ en: 'another condition', known: true }],
      howToFix: [],
      missing: [],
    })
    expect(words('member')).toMatchObject({ blockedBy: [{ en: 'a condition about support' }] })
    expect(explained(hardship, { hardship: true }, { audience: 'other' }).because).toEqual([])
  })

  it('says from when, if only time is wanting', () => {
    const criteria: Criteria = {
      all: [{ age: { op: 'ge', years: 18 } }, { tenure: { op: 'ge', days: 90 } }],
    }
    const told = explained(criteria, { birth_date: '2007-06-16', joined_on: '2025-04-01' })
    expect(told).toMatchObject({ status: 'not_yet', eligibleFrom: '2025-06-30', howToFix: [] })
    expect(told.blockedBy.map(({ zh }) => zh)).toEqual(['年满18周岁', '入会满90天'])
  })

  it('promises nothing once an upper bound has passed, or will have by then', () => {
    const facts = { birth_date: '1990-01-01', joined_on: '2025-01-01' }
    expect(explained({ age: { op: 'lt', years: 35 } }, facts).status).toBe('ineligible')
    const crossed: Criteria = {
      all: [{ tenure: { op: 'lt', days: 200 } }, { tenure: { op: 'ge', days: 365 } }],
    }
    expect(explained(crossed, facts)).toMatchObject({ status: 'ineligible' })
  })

  it('says when a yearly limit opens again', () => {
    const limit = (within: 'P365D' | 'calendar_year'): Criteria => ({
      history: { benefit: 'checkup', event: 'redeemed', within, op: 'lt', count: 1 },
    })
    const checkup = { event: 'redeemed', benefit: 'checkup', category: 'health' } as const
    const events = [{ ...checkup, daysAgo: 30 }]
    expect(explained(limit('calendar_year'), {}, { events }).eligibleFrom).toBe('2026-01-01')
    expect(explained(limit('P365D'), {}, { events }).eligibleFrom).toBe('2026-05-16')
    expect(explained(limit('P365D'), {}, { events }).blockedBy[0]?.en).toBe(
      'has not redeemed benefit checkup in the last 365 days',
    )
  })

  it('asks for the occupation a rider has not filled in', () => {
    const told = explained({ fact: 'new_employment_form', op: 'eq', value: true })
    expect(told).toMatchObject({
      status: 'need_info',
      missing: ['occupation'],
      howToFix: [{ zh: '请完善职业信息' }],
      blockedBy: [{ zh: '新就业形态劳动者', known: false }],
    })
  })

  it('says that time and a missing fact stand in the way, with no date', () => {
    const criteria: Criteria = {
      all: [{ tenure: { op: 'ge', days: 90 } }, { fact: 'occupation', op: 'eq', value: 'courier' }],
    }
    expect(explained(criteria, { joined_on: '2025-06-01' })).toMatchObject({
      status: 'not_yet',
      eligibleFrom: undefined,
      missing: ['occupation'],
      blockedBy: [{ zh: '入会满90天' }, { zh: '职业为快递员', known: false }],
    })
  })

  it('takes the cheapest way: the phone number, not another occupation', () => {
    const criteria: Criteria = {
      any: [
        { fact: 'occupation', op: 'eq', value: 'courier' },
        { not: { fact: 'has_mobile', op: 'eq', value: false } },
        { org: { within: ['620000'] } },
      ],
    }
    const told = explained(criteria, { occupation: 'other', has_mobile: false })
    expect(told).toMatchObject({
      status: 'ineligible',
      blockedBy: [{ zh: '已登记手机号' }],
      howToFix: [{ zh: '请登记手机号' }],
    })
  })

  it('shows a negated leaf as its negation', () => {
    const not = (criteria: Criteria) => explained({ not: criteria }, { occupation: 'courier' })
    const courier: Criteria = { fact: 'occupation', op: 'in', value: ['courier', 'other'] }
    expect(not(courier).blockedBy[0]).toMatchObject({ zh: '职业不为快递员、其他' })
    expect(not({ org: { within: ['640000'] } }).blockedBy[0]).toMatchObject({
      en: 'not a member within org 640000',
    })
  })
})
