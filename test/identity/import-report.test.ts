import { parse } from 'csv-parse/sync'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { beginImport, nothingRead, recordChunk } from '../../src/identity/import-record.ts'
import { errorsCsv, listImports, readImport } from '../../src/identity/import-report.ts'
import { readOrganisationFile } from '../../src/identity/organisation-file.ts'
import { importOrganisations } from '../../src/identity/organisation-import.ts'
import type { RowFaultCode } from '../../src/identity/roster/faults.ts'
import { importRoster } from '../../src/jobs/roster-import.ts'
import { type Deployment, foundedAt, freshDeployment } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'
import { inChunks } from '../support/roster.ts'

const bytesOf = (...lines: string[]) => inChunks(Buffer.from(lines.join('\n')))
const organisations = await readOrganisationFile(
  bytesOf(
    'code,parent_code,level,name_zh',
    '000000,,national,a',
    '640000,000000,provincial,b',
    '650000,000000,provincial,c',
  ),
)

describe.each(engines)('the report of an import on %s', (engine) => {
  let d: Deployment
  beforeEach(async () => {
    d = await freshDeployment(engine)
    await d.store.transaction((tx) => importOrganisations(tx, organisations, foundedAt))
  })
  afterEach(() => d.close())

  const csv = async (id: string) => {
    let text = ''
    for await (const piece of errorsCsv(d.store.read, id)) text += piece
    return text
  }

  it('says of every refused row where, what and why, masked', async () => {
    const { id } = await importRoster(
      d.store,
      d.node,
      bytesOf(
        '-姓名,证件号码,工会组织代码,入会日期,手机号',
        '张三,990101199001010018,640000,2024-03-05,',
        '张三,990101199001010019,=1+1,2024-03-05,',
        '张三,990101199001010019,640000,2024-03-05,1990000000',
        ',990101199001010019,640000,2024-03-05,',
      ),
      {
        scope: { code: '000000', path: '000000/' },
        createdBy: 'p',
        today: '2026-06-01',
        now: () => foundedAt,
      },
    )
    const text = await csv(id)
    expect(
      text.startsWith('\ufeffrow,column,value,code,message_zh,message_en,suggestion\r\n'),
    ).toBe(true)
    const rows = parse(text, { bom: true, columns: true }) as Record<string, string>[]
    expect(rows.map(({ row, column, value, code }) => [row, column, value, code])).toEqual([
      ['2', '证件号码', '990*************18', 'bad_check_digit'],
      ['3', '工会组织代码', "'=1+1", 'unknown_org'],
      ['4', '手机号', '199*****00', 'short_mobile'],
      ['5', "'-姓名", '', 'missing_name'],
    ])
    expect(rows[1]).toMatchObject({
      message_zh: '没有该工会组织代码',
      message_en: 'there is no organisation with this code',
      suggestion:
        '核对代码，或先登记该工会组织 / check the code, or register the organisation first',
    })
    expect(text).not.toMatch(/\d{10}/)
  })

  it('comes in pieces, every row once and in order', async () => {
    const code: RowFaultCode = 'unknown_org'
    const faults = Array.from({ length: 2_500 }, (_, i) => ({
      row: 2 + 3 * i,
      column: 'a',
      field: undefined,
      value: 'x,"y"',
      code,
    }))
    await d.store.transaction(async (tx) => {
      await beginImport(tx, { id: 'i', orgCode: '640000', createdBy: 'p' }, foundedAt)
      await recordChunk(tx, 'i', nothingRead, faults)
    })
    const pieces: string[] = []
    for await (const piece of errorsCsv(d.store.read, 'i')) pieces.push(piece)
    expect(pieces).toHaveLength(4)
    const rows = parse(pieces.join(''), { bom: true, columns: true }) as Record<string, string>[]
    expect(rows.map(({ row }) => Number(row))).toEqual(faults.map(({ row }) => row))
    expect(rows[0]?.value).toBe('x,"y"')
  })

  it('is the heading alone for an unknown import', async () => {
    expect(await csv('none')).toMatch(/^\ufeffrow,.*\r\n$/)
  })

  it('is there for the organisation it was made for and those above', async () => {
    await d.store.transaction(async (tx) => {
      for (const [id, orgCode] of [
        ['1', '640000'],
        ['2', '650000'],
        ['3', '640000'],
      ] as const) {
        await beginImport(tx, { id, orgCode, createdBy: 'p' }, foundedAt)
      }
    })
    const { read } = d.store
    expect(await readImport(read, '1', '000000/640000/')).toMatchObject({ state: 'running' })
    expect(await readImport(read, '1', '000000/')).toMatchObject({ id: '1' })
    expect(await readImport(read, '1', '000000/650000/')).toBeUndefined()
    const first = await listImports(read, '000000/640000/', { limit: 1 })
    expect(first.items.map(({ id }) => id)).toEqual(['3'])
    const second = await listImports(read, '000000/640000/', { limit: 1, after: first.next ?? '' })
    expect(second).toMatchObject({ items: [{ id: '1' }] })
    expect(second.next).toBeUndefined()
  })
})
