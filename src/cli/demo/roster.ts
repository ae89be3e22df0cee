import { checkCharacter } from '../../identity/resident-id.ts'

/** A grassroots union of the demonstration. */
export interface DemoUnion {
  readonly code: string
  readonly county: string
  readonly nameZh: string
}

/** What a demonstration roster was made with, to check an import against. */
export interface DemoRoster {
  readonly csv: string
  readonly rows: number
  /** Rows with a planted fault. */
  readonly faulty: number
}

const trades = [
  '快递',
  '外卖配送',
  '环卫',
  '货运',
  '建筑',
  '制造',
  '家政',
  '网约车',
  '保安',
  '餐饮',
]
const occupations = [
  '快递员',
  '外卖配送员',
  '环卫工人',
  '货车司机',
  '建筑工人',
  '制造业工人',
  '家政服务员',
  '网约车司机',
  '保安员',
  '其他',
]
const surnames = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗', '欧阳']
const given = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲芬燕']
const header = '会员编号,姓名,证件类型,证件号码,手机号,工会组织代码,职业群体,入会日期,困难职工,劳模'

/** A small, fast, repeatable generator (mulberry32), from 0 to below `n`. */
function generator(seed: number): (n: number) => number {
  let state = seed >>> 0
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * n)
  }
}

/** Enterprise unions, spread over the given counties. */
export function demoUnions(counties: readonly string[], count: number): DemoUnion[] {
  return Array.from({ length: count }, (_, i) => {
    const county = counties[i % counties.length] ?? ''
    const trade = trades[i % trades.length] ?? ''
    const code = county + String(i + 1).padStart(6, '0')
    return { code, county, nameZh: `${trade}行业第${i + 1}工会委员会` }
  })
}

/**
 * A roster as a union sends it, with Chinese headers. Nobody in it is real: identity numbers carry
 * the area prefix 99, which is assigned to no place. Every `faultEvery`-th row has a wrong number.
 */
export function demoRoster(
  unions: readonly DemoUnion[],
  count: number,
  { seed = 1, faultEvery = 0, offset = 0 } = {},
): DemoRoster {
  const below = generator(seed)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const lines = [header]
  let faulty = 0
  for (let i = offset + 1; i <= offset + count; i++) {
    const bad = faultEvery > 0 && i % faultEvery === 0
    if (bad) faulty++
    const name = pick(surnames) + pick(given) + (below(10) < 7 ? pick(given) : '')
    const joined = `${2015 + below(11)}-${two(1 + below(12))}-${two(1 + below(28))}`
    lines.push(
      [
        `NX${String(i).padStart(8, '0')}`,
        name,
        '居民身份证',
        identityNumber(i, bad),
        `199${String(10_000_000 + ((i * 7919) % 89_999_999)).padStart(8, '0')}`,
        pick(unions).code,
        pick(occupations),
        joined,
        below(100) < 3 ? '是' : '否',
        below(1000) < 2 ? '是' : '否',
      ].join(','),
    )
  }
  return { csv: `${lines.join('\r\n')}\r\n`, rows: count, faulty }
}

/** A number of its own for each `i`, with a right check character unless it is to be `bad`. */
function identityNumber(i: number, bad: boolean): string {
  const k = (i * 7919) % 14_112_000
  const day = Math.floor(k / 1000)
  const year = 1964 + Math.floor(day / 336)
  const month = two(1 + (Math.floor(day / 28) % 12))
  const body = `996401${year}${month}${two(1 + (day % 28))}${String(k % 1000).padStart(3, '0')}`
  const check = checkCharacter(body)
  return body + (bad ? (check === '0' ? '1' : '0') : check)
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
