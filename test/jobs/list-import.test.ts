import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { earlierUses } from '../../src/benefits/list-import.ts'
import { createList, type List } from '../../src/benefits/lists.ts'
import { errorsCsv, readImport, refusalCounts } from '../../src/identity/import-report.ts'
import { importOrganisations } from '../../src/identity/organisation-import.ts'
import { importList } from '../../src/jobs/list-import.ts'
import { importRoster } from '../../src/jobs/roster-import.ts'
import { type Deployment, foundedAt, freshDeployment } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'
import { inChunks, refusalOf } from '../support/roster.ts'
import { workbook } from '../support/workbook.ts'

const places = [
  ['000000', '', 'national'],
  ['640000', '000000', 'provincial'],
  ['640100', '640000', 'municipal'],
  ['650000', '000000', 'provincial'],
] as const
/** Numbers of nobody: area 99 is assigned to no place. */
const ids = [
  ...['990101199001010019', '990101199001010027', '990101199001010035'],
  ...['990101199001010043', '990101199001010051', '99010119900101006X'],
] as const
const everybody = [
  `A0,张三,${ids[0]},19900000001,640100`,
  `A1,李四,${ids[1]},19900000002,640000`,
  `A2,王五,${ids[2]},19900000002,640100`, // shares a phone with A1
  `A3,赵六,${ids[3]},,650000`, // elsewhere
  `A4,孙七,${ids[4]},19900000005,640100`, // will leave
]

describe.each(engines)('the import of a list on %s', (engine) => {
  let d: Deployment
  let list: List
  let now = foundedAt
  beforeEach(async () => {
    d = await freshDeployment(engine)
    const rows = places.map(([code, parentCode, level], i) => {
      return { row: i + 2, code, parentCode, level, nameZh: code }
    })
    await d.store.transaction((tx) => importOrganisations(tx, rows, now))
    const head = '会员编号,姓名,证件号码,手机号,工会组织代码,入会日期'
    const lines = everybody.map((line) => `${line},2024-03-05`)
    await importRoster(d.store, d.node, inChunks(text(head, ...lines)), {
      ...{ scope: { code: '000000', path: '000000/' }, createdBy: 'p', today: '2026-06-01' },
      now: () => now++,
    })
    const { members: m } = d.store.read.tables
    await d.store.transaction((tx) =>
      tx.update(m).set({ standing: 'left' }).where(eq(m.memberNo, 'A4')),
    )
    list = await newList('riders')
  })
  afterEach(() => d.close())

  const text = (...lines: string[]) => Buffer.from(lines.join('\n'))
  const newList = (name: string, orgCode = '640000') => {
    const actor = { principalId: 'p', personId: 'p', orgPaths: ['000000/'] }
    return d.store.transaction((tx) => createList(tx, { name, orgCode }, actor, now++))
  }
  const load = (bytes: Uint8Array, to = list, chunk?: number) =>
    importList(d.store, d.node, inChunks(bytes, chunk), {
      ...{ listId: to.id, createdBy: 'p', today: '2026-06-01', now: () => now++ },
    })
  const loadLines = (...lines: string[]) => load(text(...lines))
  const onList = async ({ id } = list) => {
    const { listMembers: l, members: m } = d.store.read.tables
    const rows = await d.store.read
      .select({ no: m.memberNo })
      .from(l)
      .innerJoin(m, eq(m.id, l.memberId))
      .where(eq(l.listId, id))
    return rows.map(({ no }) => no).sort()
  }
  const errors = async (id: string) => {
    const pieces: string[] = []
    for await (const piece of errorsCsv(d.store.read, id)) pieces.push(piece)
    const [, ...lines] = pieces.join('').trimEnd().split('\r\n')
    return lines.map((line) => line.split(',').slice(0, 4))
  }
  const used = async (id: string, ...paths: string[]) => {
    const row = await readImport(d.store.read, id, '000000/')
    return (await earlierUses(d.store.read, row!, paths)).map(({ listName }) => listName)
  }

  it('finds members by number, by identity, by phone and name, and says who is not found', async () => {
    const done = await loadLines(
      'Member number;姓名;证件号码;手机号;备注',
      'A0;;;;', // 2: by number
      `;;${ids[1]};;`, // 3: by identity
      ';王五;;19900000002;', // 4: by phone and name
      `zzz;;${ids[0]};;`, // 5: an unknown number; the identity is A0's
      'A3;;;;', // 6: out of scope
      `;;${ids[3]};;`, // 7: the same
      'A4;;;;', // 8: left
      `A0;;${ids[1]};;`, // 9: two people
      ';张三;;19900000002;', // 10: another's phone
      ';;990101199001010028;;', // 11: no such number
      ';;;19900000001;', // 12: a phone alone
      ';张三;;;a note', // 13: a name alone
      'A2;;990101199001010028;;', // 14: found before the damaged cell is asked
      'A0;;;;;;;extra', // 15
    )
    expect(done).toMatchObject({ read: 14, matched: 5, added: 3, unchanged: 2, refused: 9 })
    expect(await onList()).toEqual(['A0', 'A1', 'A2'])
    expect(await errors(done.id)).toEqual([
      ['6', 'Member number', 'A3', 'unknown_member'],
      ['7', '证件号码', '990*************43', 'unknown_member'],
      ['8', 'Member number', 'A4', 'not_a_member'],
      ['9', 'Member number', 'A0', 'ambiguous_member'],
      ['10', '手机号', '199******02', 'unknown_member'],
      ['11', '证件号码', '990*************28', 'bad_check_digit'],
      ['12', '姓名', '', 'missing_name'],
      ['13', '', '', 'names_nobody'],
      ['15', '', '', 'too_many_cells'],
    ])
    expect(done.reasons).toEqual(await refusalCounts(d.store.read, done.id))
    expect(done.reasons).toMatchObject({ unknown_member: 3, not_a_member: 1, ambiguous_member: 1 })
  })

  it('calls a phone and a name that fit two members ambiguous', async () => {
    const { members: m } = d.store.read.tables
    await d.store.transaction((tx) =>
      tx.update(m).set({ name: '王五' }).where(eq(m.memberNo, 'A1')),
    )
    const done = await loadLines('姓名,手机', '王五,19900000002')
    expect(done).toMatchObject({ matched: 0, reasons: { ambiguous_member: 1 } })
  })

  it('adds nobody the second time, nor by a row that repeats another', async () => {
    const file = text('会员号', 'A0', 'A1', 'A0', 'nobody')
    expect(await load(file)).toMatchObject({ read: 4, matched: 3, added: 2, unchanged: 1 })
    expect(await load(file)).toMatchObject({ read: 4, matched: 3, added: 0, unchanged: 3 })
    expect(await onList()).toEqual(['A0', 'A1'])
  })

  it('adds each member once when two of the same file run at once', async () => {
    const file = text('会员号', ...everybody.map((line) => line.slice(0, 2)))
    const done = await Promise.all([load(file), load(file), load(file)])
    expect(done.reduce((sum, { added }) => sum + added, 0)).toBe(3)
    expect(await onList()).toEqual(['A0', 'A1', 'A2'])
  })

  it('knows the same people again in GB18030, as a workbook and in other columns', async () => {
    const rows = [
      ['会员号', '姓名', '手机'],
      ['A0', 'Li', ''],
      ['', '王五', '19900000002'],
    ]
    const csv = rows.map((row) => row.join()).join('\n')
    const first = await load(Buffer.from(csv))
    expect(await used(first.id, '000000/')).toEqual([])
    const other = await newList('cleaners', '640100')
    const gb = Buffer.from([
      ...Buffer.from('member_no\tname\tmobile\r\nA0\tLi\t\r\n\r\n\t'),
      ...[0xcd, 0xf5, 0xce, 0xe5], // 王五
      ...Buffer.from('\t19900000002\r\n'),
    ])
    const second = await load(gb, other, 7)
    expect(second).toMatchObject({ matched: 2, added: 2 })
    const third = await load(workbook(rows))
    expect(third).toMatchObject({ matched: 2, added: 0, unchanged: 2 })
    const wide = rows.map(([no, name, mobile], i) => [name, mobile, i ? 'x' : '备注', no].join())
    const fourth = await load(Buffer.from(`\ufeff${wide.join('\r\n')}`))
    expect(await used(fourth.id, '000000/')).toEqual(['riders', 'cleaners', 'riders'])
    expect(await used(second.id, '000000/')).toEqual(['riders'])
    expect(await used(fourth.id, '000000/640000/640100/')).toEqual(['cleaners'])
    const { id } = await loadLines('会员号', 'A0')
    expect(await used(id, '000000/')).toEqual([])
  })

  it('reads a file that cannot be read on as far as it goes, and says why it ended', async () => {
    const broken = text('会员号', 'A0', `"${'x'.repeat(70_000)}`)
    expect(await refusalOf(load(broken))).toMatchObject({ code: 'FILE_UNREADABLE' })
    expect(await refusalOf(loadLines('手机号', '19900000001'))).toMatchObject({
      ...{ code: 'HEADERS_UNKNOWN', missing: ['member_no'] },
    })
    expect(await refusalOf(load(broken, { ...list, id: 'none' }))).toMatchObject({
      code: 'NOT_FOUND',
    })
    const { imports: i } = d.store.read.tables
    const rows = await d.store.read.select().from(i).where(eq(i.listId, list.id))
    expect(rows.map(({ kind, state, failure }) => [kind, state, failure])).toEqual([
      ['list', 'failed', 'FILE_UNREADABLE'],
      ['list', 'failed', 'HEADERS_UNKNOWN'],
    ])
  })

  it('keeps no number that could be read or guessed', async () => {
    const { id } = await loadLines('身份证号,姓名', `${ids[5]},吴八`)
    const { imports: i, importFaults: f } = d.store.read.tables
    const kept = JSON.stringify([
      await d.store.read.select().from(i).where(eq(i.id, id)),
      await d.store.read.select().from(f),
    ])
    expect(kept).toContain('unknown_member')
    expect(kept).not.toContain(ids[5])
    expect(kept).not.toContain('吴八')
  })

  it('reads a hundred thousand rows a thousand at a time', async () => {
    async function* rows() {
      yield Buffer.from('会员号,姓名\n')
      for (let i = 0; i < 100; i++) yield Buffer.from(`A${i % 3},x\n`.repeat(1000))
    }
    const seen: number[] = []
    const done = await importList(d.store, d.node, rows(), {
      ...{ listId: list.id, createdBy: 'p', today: '2026-06-01', now: () => now++ },
      onProgress: ({ read }) => seen.push(read),
    })
    expect(done).toMatchObject({ read: 100_000, matched: 100_000, added: 3, unchanged: 99_997 })
    expect(Math.max(...seen.map((read, i) => read - (seen[i - 1] ?? 0)))).toBe(1000)
  })
})
