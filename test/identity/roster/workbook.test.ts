import { describe, expect, it } from 'vitest'
import { readWorkbook } from '../../../src/identity/roster/workbook.ts'
import { inChunks, readWhole, refusalOf } from '../../support/roster.ts'
import { sheetXml, type WorkbookCell, workbook } from '../../support/workbook.ts'
import { zip } from '../../support/zip.ts'

const read = async (bytes: Uint8Array, rowLimit?: number) => {
  const rows = []
  for await (const batch of readWorkbook(inChunks(bytes), rowLimit)) rows.push(...batch)
  return rows
}
const headers = ['会员编号', '姓名', '证件号码', '手机号', '工会组织代码', '入会日期', '困难职工']
const person = (...changed: [number, WorkbookCell][]) => {
  const cells: WorkbookCell[] = [
    ...['M1', '张伟', '11010519491231002X', '13800138000', '640100', '2024/3/5', '否'],
  ]
  for (const [index, cell] of changed) cells[index] = cell
  return cells
}
const bomb = (size: number) => new Uint8Array(size)

describe('a workbook', () => {
  it.each([false, true])('is read like a text (deflated: %s)', async (deflated) => {
    const whole = await readWhole(workbook([headers, person()], { deflated }))
    expect(whole.faulty).toEqual([])
    expect(whole.rows).toEqual([
      {
        row: 2,
        memberNo: 'M1',
        name: '张伟',
        idType: 'resident_id',
        idNumber: '11010519491231002X',
        birthDate: '1949-12-31',
        gender: 'female',
        mobile: '13800138000',
        orgCode: '640100',
        occupation: undefined,
        joinedOn: '2024-03-05',
        hardship: false,
        modelWorker: false,
      },
    ])
  })

  it('may hold dates, numbers and booleans', async () => {
    const cells = person(
      [0, 7000000001],
      [3, 13800138000],
      [4, 640100],
      [5, { serialDate: 45356 }],
      [6, true],
    )
    const { rows } = await readWhole(workbook([headers, cells, person([5, 45356])]))
    expect(rows[0]).toMatchObject({
      memberNo: '7000000001',
      mobile: '13800138000',
      orgCode: '640100',
      joinedOn: '2024-03-05',
      hardship: true,
    })
    expect(rows[1]).toMatchObject({ joinedOn: '2024-03-05' })
  })

  it('refuses the row whose identity number became a number', async () => {
    const { faulty } = await readWhole(workbook([headers, person([2, 440106199001011200])]))
    expect(faulty).toEqual([
      {
        row: 2,
        column: '证件号码',
        field: 'id_number',
        value: '440*************00',
        code: 'excel_rounded_id',
      },
    ])
  })

  it('skips blank rows and counts them', async () => {
    const rows = await read(workbook([[], ['a'], [], ['', '  '], ['b']]))
    expect(rows.map(({ row }) => row)).toEqual([2, 5])
  })

  it('is refused above the limit of data rows, with what to do', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => [String(i)])
    expect(await read(workbook(rows.slice(1)), 10)).toHaveLength(11)
    expect(await refusalOf(read(workbook(rows), 10))).toEqual({
      code: 'FILE_TOO_LARGE',
      rows: 10,
      hint: 'save_as_csv',
    })
  })

  it('takes 50 000 rows and refuses 50 001', async () => {
    const rows = [headers, ...Array.from({ length: 50_000 }, () => person())]
    expect((await readWhole(workbook(rows, { deflated: true }))).rows).toHaveLength(50_000)
    rows.push(person())
    expect(await refusalOf(read(workbook(rows, { deflated: true })))).toMatchObject({
      code: 'FILE_TOO_LARGE',
      rows: 50_000,
    })
  })
})

describe('a hostile workbook', () => {
  const tooLarge = { code: 'FILE_TOO_LARGE', hint: 'save_as_csv' }
  const broken = { code: 'FILE_UNREADABLE', reason: 'zip' }

  it('is refused by its declared sizes, before anything is unpacked', async () => {
    const entry = { path: 'xl/a.xml', data: 'x', claimedSize: 2 ** 31 }
    expect(await refusalOf(read(zip([entry])))).toEqual(tooLarge)
    const part = { path: 'xl/media/a.png', data: 'x', claimedSize: 2 ** 26 }
    expect(await refusalOf(read(zip([part, part, part])))).toEqual(tooLarge)
  })

  it('is refused when it unpacks to more than it declares', async () => {
    const data = bomb(64 * 1024 * 1024)
    const entry = { path: 'xl/a.xml', data, deflated: true, claimedSize: 1000 }
    expect(await refusalOf(read(zip([entry])))).toEqual(broken)
  })

  it('is refused for a row number that would fill the memory', async () => {
    const sheet = sheetXml([['a']]).replaceAll('"A1"', '"A2000000000"')
    const bytes = workbook([], { sheet: sheet.replace('r="1"', 'r="2000000000"') })
    expect(await refusalOf(read(bytes))).toEqual(tooLarge)
  })

  it('is refused for a column that would fill the memory', async () => {
    const bytes = workbook([], { sheet: sheetXml([['a']]).replaceAll('"A1"', '"ZZZZZZ1"') })
    expect(await refusalOf(read(bytes))).toEqual(tooLarge)
  })

  it.each([
    ['an empty archive', zip([])],
    ['an archive of something else', zip([{ path: 'word/document.xml', data: '<a/>' }])],
    ['a workbook without a sheet', workbook([], { sheet: '<worksheet/>' })],
    ['a sheet that is no XML', workbook([], { sheet: '<sheetData><row r="1"><c' })],
    ['a shared string that is not there', workbook([], { sheet: shared(7) })],
    ['half an archive', workbook([headers, person()]).subarray(0, 900)],
    ['an archive without its end', workbook([headers, person()]).subarray(0, -22)],
    ['the mark of an archive alone', Buffer.from('PK\x03\x04')],
  ])('is refused as unreadable: %s', async (_, bytes) => {
    const refusal = await refusalOf(readWhole(bytes))
    expect(['FILE_UNREADABLE', 'HEADERS_UNKNOWN']).toContain(refusal.code)
  })
})

function shared(index: number): string {
  return sheetXml([['a']]).replace(/<c .*<\/c>/, `<c r="A1" t="s"><v>${index}</v></c>`)
}
