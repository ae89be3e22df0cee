#!/usr/bin/env node
// Writes a synthetic membership roster as unions really send them: a CSV saved from Excel.
//
//   node make-members.mjs --members 100000 --seed 7 [--province 64] [--encoding gb18030|utf8|utf8bom]
//                         [--bad 0.005] [--english] [--grassroots 300] > roster.csv
//
// Deterministic for one set of options. `--bad` is the share of rows with one planted fault; what was
// planted is written to stderr as JSON, so that an import can be checked against it.
// Nobody in it is real: identity numbers carry the area prefix 99, which is assigned to no place,
// with a correct GB 11643 check digit. `--grassroots N` spreads members over N enterprise unions whose
// codes (12 digits: county code + 6) are listed by --organisations instead of a roster.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values: o } = parseArgs({
  options: {
    members: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    province: { type: 'string', default: '' },
    encoding: { type: 'string', default: 'utf8' },
    bad: { type: 'string', default: '0' },
    english: { type: 'boolean', default: false },
    grassroots: { type: 'string', default: '300' },
    organisations: { type: 'boolean', default: false },
  },
})

// A small fast generator: mulberry32.
let state = Number(o.seed) >>> 0
function random() {
  state = (state + 0x6d2b79f5) >>> 0
  let t = state
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const below = (n) => Math.floor(random() * n)
const pick = (list) => list[below(list.length)]
const weighted = (pairs) => {
  let at = random() * pairs.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [value, weight] of pairs) if ((at -= weight) < 0) return value
  return pairs[0][0]
}

const counties = readFileSync(new URL('./organisations.csv', import.meta.url), 'utf8')
  .trim().split('\n').slice(1).map((line) => line.split(','))
  .filter(([code, , level]) => level === 'county' && code.startsWith(o.province))
const trades = ['快递', '外卖配送', '环卫', '货运', '建筑', '制造', '家政', '网约车', '餐饮', '供电']
const grassroots = Array.from({ length: Number(o.grassroots) }, (_, i) => {
  const [county, , , name] = pick(counties)
  return [county + String(i + 1).padStart(6, '0'), county, `${name.replace('总工会', '')}${pick(trades)}第${i + 1}工会委员会`]
})
if (o.organisations) {
  process.stdout.write('code,parent_code,level,name_zh\n' + grassroots.map(([c, p, n]) => `${c},${p},grassroots,${n}\n`).join(''))
  process.exit(0)
}

const surnames = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常', '欧阳', '阿依', '古丽', '哈丽']
const given = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲芬燕彩兰凤洁梅琳素云莲真环雪荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞莉桦叶璧璐娅琦晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑筠柔竹霭凝晓欢霄枫芸菲寒欣滢伊亚宜可姬舒影荔枝思丽']
const occupations = [['courier', 9, '快递员'], ['food_delivery', 11, '外卖配送员'], ['ride_hailing', 6, '网约车司机'], ['truck_driver', 7, '货车司机'], ['sanitation', 6, '环卫工人'], ['construction', 12, '建筑工人'], ['manufacturing', 26, '制造业工人'], ['domestic_service', 4, '家政服务员'], ['security_guard', 4, '保安员'], ['other', 15, '其他']]

const checkDigit = (body) => '10X98765432'[[...body].reduce((sum, c, i) => sum + Number(c) * [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2][i], 0) % 11]
const two = (n) => String(n).padStart(2, '0')
const date = (from, to) => {
  const year = from + below(to - from)
  return [year, 1 + below(12), 1 + below(28)]
}

function member(i) {
  const org = pick(grassroots)
  // One birthday and serial number for each i: 14 112 days x 1 000, walked in steps of a prime.
  const k = (i * 7919) % 14_112_000
  const day = Math.floor(k / 1000)
  const [y, m, d] = [1964 + Math.floor(day / 336), 1 + (Math.floor(day / 28) % 12), 1 + (day % 28)]
  const body = `99${org[0].slice(0, 4)}${y}${two(m)}${two(d)}${String(k % 1000).padStart(3, '0')}`
  const [jy, jm, jd] = date(Math.max(2008, y + 18), 2026)
  const occupation = weighted(occupations.map((row) => [row, row[1]]))
  return {
    member_no: `M${o.seed}${String(i).padStart(9, '0')}`,
    name: pick(surnames) + pick(given) + (random() < 0.7 ? pick(given) : ''),
    id_type: 'resident_id',
    id_number: body + checkDigit(body),
    mobile: `199${String(10000000 + ((i * 7919 + Number(o.seed) * 104729) % 89999999)).padStart(8, '0')}`,
    org_code: org[0],
    occupation: o.english ? occupation[0] : occupation[2],
    joined_on: o.english ? `${jy}-${two(jm)}-${two(jd)}` : weighted([[`${jy}-${two(jm)}-${two(jd)}`, 6], [`${jy}/${jm}/${jd}`, 3], [`${jy}年${jm}月${jd}日`, 1]]),
    hardship: random() < 0.03 ? (o.english ? 'yes' : '是') : (o.english ? 'no' : '否'),
    model_worker: random() < 0.002 ? (o.english ? 'yes' : '是') : (o.english ? 'no' : '否'),
  }
}

const planted = {}
let previous
const faults = {
  missing_name: (r) => { r.name = '' },
  bad_check_digit: (r) => { r.id_number = r.id_number.slice(0, 17) + (r.id_number[17] === '0' ? '1' : '0') },
  excel_rounded_id: (r) => { r.id_number = `${r.id_number[0]}.${r.id_number.slice(1, 6)}E+17` },
  impossible_date: (r) => { r.joined_on = '2023-02-30' },
  unknown_org: (r) => { r.org_code = '999999999999' },
  unknown_occupation: (r) => { r.occupation = '???' },
  short_mobile: (r) => { r.mobile = r.mobile.slice(0, 10) },
  duplicate_of_previous: (r) => { if (previous) r.id_number = previous.id_number },
}

const chinese = ['会员编号', '姓名', '证件类型', '证件号码', '手机号', '工会组织代码', '职业群体', '入会日期', '困难职工', '劳模']
const english = ['member_no', 'name', 'id_type', 'id_number', 'mobile', 'org_code', 'occupation', 'joined_on', 'hardship', 'model_worker']
const quote = (s) => (/[",\n]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s)

// TextEncoder writes UTF-8 only, so the GB18030 two-byte table is read backwards from the decoder.
function encoder(name) {
  if (name !== 'gb18030') return (s) => Buffer.from(s, 'utf8')
  const decode = new TextDecoder('gb18030')
  const table = new Map()
  for (let a = 0x81; a <= 0xfe; a++)
    for (let b = 0x40; b <= 0xfe; b++) {
      if (b === 0x7f) continue
      const c = decode.decode(Uint8Array.of(a, b))
      if (c.length === 1 && !table.has(c)) table.set(c, [a, b])
    }
  return (s) => Buffer.from([...s].flatMap((c) => (c < '\x80' ? [c.charCodeAt(0)] : table.get(c) ?? [0x3f])))
}
const encode = encoder(o.encoding)
const bad = Number(o.bad)
const newline = o.encoding === 'gb18030' ? '\r\n' : '\n'

const chunks = []
if (o.encoding === 'utf8bom') chunks.push(Buffer.from([0xef, 0xbb, 0xbf]))
chunks.push(encode((o.english ? english : chinese).join(',') + newline))
let text = ''
process.stdout.on('error', () => process.exit(0))
const flush = async () => {
  chunks.push(encode(text)); text = ''
  for (const c of chunks.splice(0)) if (!process.stdout.write(c)) await new Promise((done) => process.stdout.once('drain', done))
}
for (let i = 1; i <= Number(o.members); i++) {
  const row = member(i)
  if (random() < bad) {
    const fault = pick(Object.keys(faults))
    if (fault !== 'duplicate_of_previous' || previous) {
      faults[fault](row)
      planted[fault] = (planted[fault] ?? 0) + 1
    }
  } else previous = row
  const cells = english.map((key) => (key === 'id_type' && !o.english ? '居民身份证' : row[key]))
  text += cells.map(quote).join(',') + newline
  if (i % 20000 === 0) await flush()
}
await flush()
process.stderr.write(JSON.stringify({ members: Number(o.members), planted }) + '\n')
