import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Leaf } from '../../../src/benefits/criteria/criteria.ts'
import { wordsOf } from '../../../src/benefits/criteria/words.ts'
import { criteriaArbitrary } from '../../support/criteria-arbitraries.ts'

const named = (id: string) => ({ zh: id, en: id })
const names = { organisation: named, benefit: named, category: named, region: named }

describe('wordsOf', () => {
  type Phrase = { leaf: Leaf; says: [string, string]; negated: [string, string] }
  const phrases: Phrase[] = [
    {
      leaf: { fact: 'occupation', op: 'in', value: ['courier', 'sanitation'] },
      says: ['职业为快递员、环卫工人', 'occupation: courier or sanitation worker'],
      negated: ['职业不为快递员、环卫工人', 'occupation: not courier or sanitation worker'],
    },
    {
      leaf: { age: { op: 'gt', years: 44, on: 'year_end' } },
      says: ['当年12月31日年满45周岁', 'aged 45 or over on 31 December of the year'],
      negated: ['当年12月31日未满45周岁', 'under 45 years of age on 31 December of the year'],
    },
    {
      leaf: { history: { benefit: 'B', event: 'claimed', within: 'ever', op: 'eq', count: 0 } },
      says: ['历来未领取过「B」', 'has not claimed B'],
      negated: ['历来领取「B」1次以上', 'has claimed B once or more'],
    },
    {
      leaf: { fact: 'has_mobile', op: 'ne', value: false },
      says: ['已登记手机号', 'mobile number on record'],
      negated: ['未登记手机号', 'no mobile number on record'],
    },
    {
      leaf: { fact: 'joined_on', op: 'lt', value: '2024-01-01' },
      says: ['入会日期早于2024-01-01', 'date of joining before 2024-01-01'],
      negated: ['入会日期不早于2024-01-01', 'date of joining on or after 2024-01-01'],
    },
    {
      leaf: { org: { within: ['A', 'B', 'C', 'D', 'E', 'F', 'G'] } },
      says: ['会籍在A、B、C、D、E等7项', 'a member within A or B or C or D or E (and 2 more)'],
      negated: [
        '会籍不在A、B、C、D、E等7项',
        'not a member within A or B or C or D or E (and 2 more)',
      ],
    },
  ]
  it.each(phrases)('says "$says.1", and when negated "$negated.1"', ({ leaf, says, negated }) => {
    expect(Object.values(wordsOf(leaf, names))).toEqual(says)
    expect(Object.values(wordsOf(leaf, names, true))).toEqual(negated)
  })

  it('says every leaf and its negation differently, in both languages', () => {
    const leaves = criteriaArbitrary({ depth: 1 }).filter((leaf) => !('segment' in leaf))
    fc.assert(
      fc.property(leaves, (leaf) => {
        const [said, unsaid] = [false, true].map((not) => wordsOf(leaf as Leaf, names, not))
        expect(said?.zh).not.toBe(unsaid?.zh)
        expect(said?.en).not.toBe(unsaid?.en)
        expect(`${said?.zh}${said?.en}${unsaid?.zh}${unsaid?.en}`).not.toMatch(/undefined|NaN/)
      }),
      { numRuns: 500 },
    )
  })
})
