import type { AgeTest, FactLeaf, HistoryTest, Leaf, TenureTest } from './criteria.ts'
import { type Fact, type FactScalar, factOf, type Words } from './facts.ts'
import { complement, type Range, rangeOf } from './range.ts'

/** What the caller calls the things that criteria name by id or code. */
export type Names = {
  readonly organisation: (id: string) => Words
  readonly benefit: (id: string) => Words
  readonly category: (slug: string) => Words
  readonly region: (code: string) => Words
}

/** Of a long list, so many are named. */
const mostNamed = 5

/**
 * What a leaf asks, as a phrase in both languages, everything named. With `not`, what its negation
 * asks. It knows no disclosure rule: `explain` decides what may be said.
 */
export function wordsOf(leaf: Leaf, names: Names, not = false): Words {
  if ('fact' in leaf) return factWords(leaf, not)
  if ('age' in leaf) return ageWords(leaf.age, not)
  if ('tenure' in leaf) return tenureWords(leaf.tenure, not)
  if ('history' in leaf) return historyWords(leaf.history, names, not)
  if ('list' in leaf) {
    return not
      ? { zh: '不在工会名单内', en: 'not on a list kept by the union' }
      : { zh: '在工会名单内', en: 'on a list kept by the union' }
  }
  if ('org' in leaf) {
    const where = listed(leaf.org.within.map(names.organisation))
    return not
      ? { zh: `会籍不在${where.zh}`, en: `not a member within ${where.en}` }
      : { zh: `会籍在${where.zh}`, en: `a member within ${where.en}` }
  }
  const where = listed(leaf.region.within.map(names.region))
  return not
    ? { zh: `地区不在${where.zh}`, en: `not in ${where.en}` }
    : { zh: `地区在${where.zh}`, en: `in ${where.en}` }
}

const opposites = {
  eq: 'ne',
  ne: 'eq',
  lt: 'ge',
  ge: 'lt',
  gt: 'le',
  le: 'gt',
  in: 'notIn',
  notIn: 'in',
  exists: 'missing',
  missing: 'exists',
} as const

const numberWords = {
  lt: { zh: '小于', en: 'below' },
  le: { zh: '不超过', en: 'at most' },
  gt: { zh: '大于', en: 'above' },
  ge: { zh: '不少于', en: 'at least' },
}

const dateWords = {
  lt: { zh: '早于', en: 'before' },
  le: { zh: '不晚于', en: 'on or before' },
  gt: { zh: '晚于', en: 'after' },
  ge: { zh: '不早于', en: 'on or after' },
}

function factWords({ fact, op, value }: FactLeaf, not: boolean): Words {
  const spec = factOf(fact)
  const { zh, en } = spec.label
  const values = Array.isArray(value) ? (value as FactScalar[]) : [value as FactScalar]
  const said = listed(values.map((one) => valueWords(spec, one)))
  if (op === 'between') {
    const [low, high] = [valueWords(spec, values[0] ?? ''), valueWords(spec, values[1] ?? '')]
    return not
      ? { zh: `${zh}不在${low.zh}至${high.zh}`, en: `${en} not from ${low.en} to ${high.en}` }
      : { zh: `${zh}在${low.zh}至${high.zh}`, en: `${en} from ${low.en} to ${high.en}` }
  }
  if (op === 'has' || op === 'hasAny') {
    return not
      ? { zh: `${zh}不含${said.zh}`, en: `${en} without ${said.en}` }
      : { zh: `${zh}含${said.zh}`, en: `${en} with ${said.en}` }
  }
  const asked = not ? opposites[op] : op
  if (asked === 'exists') return { zh: `${zh}已登记`, en: `${en} is known` }
  if (asked === 'missing') return { zh: `${zh}未登记`, en: `${en} is not known` }
  const equal = asked === 'eq' || asked === 'in'
  if (spec.type === 'bool') {
    if (equal === (value === true)) return { zh, en }
    return spec.negation ?? { zh: `非${zh}`, en: `not: ${en}` }
  }
  if (equal) return { zh: `${zh}为${said.zh}`, en: `${en}: ${said.en}` }
  if (asked === 'ne' || asked === 'notIn') {
    return { zh: `${zh}不为${said.zh}`, en: `${en}: not ${said.en}` }
  }
  const compared = (spec.type === 'date' ? dateWords : numberWords)[asked]
  return { zh: `${zh}${compared.zh}${said.zh}`, en: `${en} ${compared.en} ${said.en}` }
}

function valueWords({ type, codes }: Fact, value: FactScalar): Words {
  const text = String(value)
  if (type === 'money') {
    const yuan = (Number(value) / 100).toFixed(2)
    return { zh: `${yuan}元`, en: `CNY ${yuan}` }
  }
  return codes?.[text] ?? { zh: text, en: text }
}

function ageWords(age: AgeTest, not: boolean): Words {
  const range = asked(rangeOf(age.op, age.years), not)
  const on = dayWords(age.on)
  const { zh, en } = phrase(range, {
    least: (n) => ({ zh: `年满${n}周岁`, en: `aged ${n} or over` }),
    below: (n) => ({ zh: `未满${n}周岁`, en: `under ${n} years of age` }),
    within: (n) => ({ zh: `年龄为${n}周岁`, en: `aged ${n}` }),
    outside: (n) => ({ zh: `年龄不为${n}周岁`, en: `not aged ${n}` }),
  })
  return { zh: `${on.zh}${zh}`, en: `${en}${on.en}` }
}

function dayWords(on: AgeTest['on']): Words {
  if (on === undefined || on === 'today') return { zh: '', en: '' }
  if (on === 'year_start') return { zh: '当年1月1日', en: ' on 1 January of the year' }
  if (on === 'year_end') return { zh: '当年12月31日', en: ' on 31 December of the year' }
  return { zh: `${on}时`, en: ` on ${on}` }
}

function tenureWords(tenure: TenureTest, not: boolean): Words {
  return phrase(asked(rangeOf(tenure.op, tenure.days), not), {
    least: (n) => ({ zh: `入会满${n}天`, en: `a member for ${n} days or more` }),
    below: (n) => ({ zh: `入会未满${n}天`, en: `a member for less than ${n} days` }),
    within: (n) => ({ zh: `入会${n}天`, en: `a member for ${n} days` }),
    outside: (n) => ({ zh: `入会天数不为${n}天`, en: `a member for other than ${n} days` }),
  })
}

const windows = {
  P365D: { zh: '近365天内', en: ' in the last 365 days' },
  calendar_year: { zh: '本年度', en: ' this calendar year' },
  ever: { zh: '历来', en: '' },
}

const events = {
  issued: { zh: '获发', en: 'been issued' },
  claimed: { zh: '领取', en: 'claimed' },
  redeemed: { zh: '核销', en: 'redeemed' },
}

function historyWords(test: HistoryTest, names: Names, not: boolean): Words {
  const benefit = test.benefit === undefined ? undefined : names.benefit(test.benefit)
  const category = test.category === undefined ? undefined : names.category(test.category)
  const named = [benefit, category].filter((name) => name !== undefined)
  const what = {
    zh: named.length === 0 ? '权益' : `「${named.map(({ zh }) => zh).join('·')}」`,
    en: named.length === 0 ? 'any benefit' : named.map(({ en }) => en).join(', '),
  }
  const did = events[test.event]
  const when = windows[test.within]
  const zh = `${when.zh}${did.zh}${what.zh}`
  const en = `has ${did.en} ${what.en}`
  const never = {
    zh: `${when.zh}未${did.zh}过${what.zh}`,
    en: `has not ${did.en} ${what.en}${when.en}`,
  }
  const exact = asked(rangeOf(test.op, test.count), not)
  const range = exact.outside && exact.max === 0 ? rangeOf('ge', 1) : exact
  return range.max === 0 && !range.outside
    ? never
    : phrase(range, {
        least: (n) => ({ zh: `${zh}${n}次以上`, en: `${en} ${times(n)} or more${when.en}` }),
        below: (n) => ({ zh: `${zh}少于${n}次`, en: `${en} less than ${times(n)}${when.en}` }),
        within: (n) => ({ zh: `${zh}${n}次`, en: `${en} ${times(n)}${when.en}` }),
        outside: (n) => ({ zh: `${zh}不为${n}次`, en: `${en} other than ${times(n)}${when.en}` }),
      })
}

function times(n: number | string): string {
  return n === 1 ? 'once' : `${n} times`
}

type Phrases = {
  readonly least: (n: number) => Words
  readonly below: (n: number) => Words
  readonly within: (n: number | string) => Words
  readonly outside: (n: number | string) => Words
}

function phrase({ min, max, outside }: Range, say: Phrases): Words {
  if (max === undefined) return say.least(min ?? 0)
  if (min === undefined) return say.below(max + 1)
  const which = min === max ? min : `${min}–${max}`
  return outside ? say.outside(which) : say.within(which)
}

function asked(range: Range, not: boolean): Range {
  return not ? complement(range) : range
}

function listed(all: readonly Words[]): Words {
  const first = all.slice(0, mostNamed)
  const zh = first.map((one) => one.zh).join('、')
  const en = first.map((one) => one.en).join(' or ')
  const more = all.length - first.length
  return more === 0 ? { zh, en } : { zh: `${zh}等${all.length}项`, en: `${en} (and ${more} more)` }
}
