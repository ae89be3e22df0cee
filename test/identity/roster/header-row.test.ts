import { describe, expect, it } from 'vitest'

import { readOrganisationFile } from '../../../src/identity/organisation-file.ts'
import { rosterNeeds } from '../../../src/identity/roster/headers.ts'
import { previewFile } from '../../../src/identity/roster/mapping.ts'
import { inChunks, readWhole, refusalOf } from '../../support/roster.ts'
import { workbook } from '../../support/workbook.ts'

const headers = ['姓名', '身份证号', '组织代码', '入会日期']
const person = ['马丽', '11010519491231002X', '640100', '2024-03-05']
const titles = [['宁夏回族自治区总工会会员名册'], ['填报单位：银川市总工会', '', '2026年6月'], []]

const csv = (rows: readonly (readonly string[])[], delimiter = ',') =>
  Buffer.from(rows.map((cells) => `${cells.join(delimiter)}\r\n`).join(''))

describe('what stands above the header row', () => {
  const files = [
    ['text', csv([...titles, headers, person])],
    ['text padded as Excel does', csv([['名册', '', '', ''], ['', '', '', ''], headers, person])],
    ['tabs under a title without any', csv([...titles, headers, person], '\t')],
    ['a workbook', workbook([...titles, headers, person])],
  ] as const

  it.each(files)('is passed over: %s', async (_, bytes) => {
    for (const size of [1, 7, 65_536]) {
      const { rows, faulty, layout } = await readWhole(bytes, {}, size)
      expect(layout?.headers).toEqual(headers)
      expect(faulty).toEqual([])
      expect(rows).toMatchObject([{ name: '马丽', orgCode: '640100', joinedOn: '2024-03-05' }])
    }
  })

  it.each(files)('is passed over where somebody looks first: %s', async (_, bytes) => {
    const seen = await previewFile(inChunks(bytes), { mapping: {}, needs: rosterNeeds })
    expect(seen.columns.map(({ header }) => header)).toEqual(headers)
    expect(seen).toMatchObject({
      missing: [],
      rows: [{ cells: ['马**', expect.stringMatching(/^110\*+2X$/), '640100', '2024-03-05'] }],
    })
  })

  it('counts as rows, so that a fault names the row a spreadsheet shows', async () => {
    const { faulty } = await readWhole(csv([...titles, headers, [...person.slice(0, 3), '昨天']]))
    expect(faulty).toMatchObject([{ row: 5, code: 'unreadable_date' }])
  })

  it('is nine rows at the most; a file without headers is refused by its first row', async () => {
    const above = (n: number) => Array.from({ length: n }, () => ['名册'])
    const { rows } = await readWhole(csv([...above(9), headers, person]))
    expect(rows).toHaveLength(1)
    for (const rows of [[...above(10), headers, person], [person, person], above(3), []]) {
      expect(await refusalOf(readWhole(csv(rows)))).toMatchObject({ code: 'HEADERS_UNKNOWN' })
    }
  })

  it('is passed over in a file of organisations, too', async () => {
    const rows = [
      ['code', 'parent_code', 'level', 'name_zh'],
      ['000000', '', 'national', '全总'],
    ]
    const read = await readOrganisationFile(inChunks(csv([...titles, ...rows])))
    expect(read).toMatchObject([{ row: 5, code: '000000', nameZh: '全总' }])
  })
})
