import { describe, expect, it } from 'vitest'
import { readRoster } from '../../../src/identity/roster/read.ts'
import { generated, inChunks, readWhole, refusalOf, rosterRules } from '../../support/roster.ts'

const header = 'member_no,name,id_type,id_number,mobile,org_code,occupation,joined_on,hardship'
const good = 'M1,张伟,,11010519491231002X,,640100,,2024-03-05,'
const read = (lines: readonly string[]) => readWhole(Buffer.from(lines.join('\n')))

describe('a roster', () => {
  it('leaves out what may be left out', async () => {
    const { rows, faulty } = await read([header, good.replace('M1', '')])
    expect(faulty).toEqual([])
    expect(rows[0]).toMatchObject({ row: 2, idType: 'resident_id', hardship: false })
    expect(rows[0]).toMatchObject({ memberNo: undefined, mobile: undefined, occupation: undefined })
  })

  it('reports the first fault of a row in the order of the file, once', async () => {
    const bad = ',,,4.40106E+17,1,,?,2023-02-30,?'
    expect((await read([header, bad])).faulty).toMatchObject([
      { column: 'name', code: 'missing_name' },
    ])
    const turned = [header, bad].map((line) => line.split(',').reverse().join(','))
    expect((await read(turned)).faulty).toMatchObject([
      { row: 2, column: 'hardship', code: 'not_yes_or_no', value: '?' },
    ])
  })

  it('refuses a row with a cell too many, not one with empty cells', async () => {
    const { rows, faulty } = await read([header, `${good},,,`, `${good},x`, 'M2,李四'])
    expect(rows.map(({ row }) => row)).toEqual([2])
    expect(faulty).toMatchObject([
      { row: 3, code: 'too_many_cells', column: '' },
      { row: 4, code: 'missing_id_number' },
    ])
  })

  it('says which columns it had, so that silence is not taken for no', async () => {
    const { layout } = await read(['姓名,证件号码,工会组织代码,入会日期,备注', ''])
    expect(layout?.columns.map(({ field }) => field)).toEqual([
      'name',
      'id_number',
      'org_code',
      'joined_on',
    ])
    expect(layout?.ignored).toEqual(['备注'])
  })

  it('comes in batches of a thousand rows, the faulty ones counted', async () => {
    const lines = Array.from({ length: 2_500 }, (_, i) => (i % 2 === 0 ? good : 'M2,'))
    const sizes = []
    const source = inChunks(Buffer.from([header, ...lines].join('\n')))
    for await (const { rows, faulty } of readRoster(source, rosterRules)) {
      sizes.push(rows.length + faulty.length)
    }
    expect(sizes).toEqual([1000, 1000, 500])
  })

  it('of headers alone is one empty batch', async () => {
    expect(await read([header])).toMatchObject({ rows: [], faulty: [], batches: 1 })
  })

  it.each(['', '\n\n', 'hello', 'PK'])('without headers is refused: %o', async (text) => {
    const refusal = await refusalOf(readWhole(Buffer.from(text)))
    expect(refusal).toMatchObject({ code: 'HEADERS_UNKNOWN' })
  })

  it('hands on what its source throws', async () => {
    async function* failing() {
      yield Buffer.from(header)
      throw new Error('the peer went away')
    }
    await expect(readRoster(failing(), rosterRules).next()).rejects.toThrow('went away')
  })

  it('shows no identity and no mobile number in a fault', async () => {
    const { faulty } = await read([header, good.replace('1002X', '10021'), 'M1,11010519491231002X'])
    expect(faulty).toHaveLength(2)
    expect(JSON.stringify(faulty)).not.toMatch(/\d{8}/)
  })
})

describe('a roster from the generator', () => {
  const variants = ['utf8', 'utf8bom', 'gb18030'].flatMap((encoding) =>
    [[], ['--english']].map((language) => ['--encoding', encoding, ...language]),
  )

  it.each(variants)('has exactly the faults that were planted: %s %s %s', async (...variant) => {
    const options = [
      '--members',
      '4000',
      '--seed',
      '11',
      '--province',
      '64',
      ...variant.filter(Boolean),
    ]
    const clean = await readWhole(generated(...options).bytes)
    expect(clean.faulty).toEqual([])
    expect(clean.rows).toHaveLength(4000)

    const { bytes, planted } = generated(...options, '--bad', '0.2')
    const { rows, faulty } = await readWhole(bytes, {}, 10_007)
    const found: Record<string, number> = {}
    for (const { code } of faulty) found[code] = (found[code] ?? 0) + 1
    const { duplicate_of_previous: twice = 0, ...single } = planted
    expect(found).toEqual(single)
    expect(rows.length - new Set(rows.map(({ idNumber }) => idNumber)).size).toBe(twice)
    expect(rows.length + faulty.length).toBe(4000)
  })

  it('has each fault in the row and column it was planted in', async () => {
    const { bytes } = generated('--members', '4000', '--seed', '5', '--english', '--bad', '0.2')
    const lines = bytes.toString().split('\n')
    const columns = (lines[0] ?? '').split(',')
    const { faulty } = await readWhole(bytes)
    const look: Record<string, (cell: string) => boolean> = {
      missing_name: (cell) => cell === '',
      bad_check_digit: (cell) => /^\d{17}[01]$/.test(cell),
      excel_rounded_id: (cell) => cell.endsWith('E+17'),
      impossible_date: (cell) => cell === '2023-02-30',
      unknown_org: (cell) => cell === '999999999999',
      unknown_occupation: (cell) => cell === '???',
      short_mobile: (cell) => cell.length === 10,
    }
    expect(new Set(faulty.map(({ code }) => code))).toEqual(new Set(Object.keys(look)))
    for (const { row, column, code } of faulty) {
      const cell = (lines[row - 1] ?? '').split(',')[columns.indexOf(column)]
      expect(look[code]?.(cell ?? '?'), `row ${row}: ${code}`).toBe(true)
    }
  })
})
