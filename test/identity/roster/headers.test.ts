import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../src/base/refusal.ts'
import { fields, readHeaders } from '../../../src/identity/roster/headers.ts'

const chinese =
  '会员编号,姓名,证件类型,证件号码,手机号,工会组织代码,职业群体,入会日期,困难职工,劳模'.split(',')

const refusal = (cells: readonly string[]) => {
  try {
    readHeaders(cells)
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, ...error.detail }
  }
  return undefined
}

describe('the header row', () => {
  it('is read in Chinese and in English', () => {
    for (const cells of [chinese, fields]) {
      expect(readHeaders(cells).columns.map(({ field }) => field)).toEqual(fields)
    }
  })

  it('may come in any order and mix the languages', () => {
    const { at, columns } = readHeaders(['joined_on', '身份证号', 'org_code', '姓名'])
    expect(at).toMatchObject({ joined_on: 0, id_number: 1, org_code: 2, name: 3, mobile: -1 })
    expect(columns.map(({ index }) => index)).toEqual([0, 1, 2, 3])
  })

  it('is read through marks, spaces, case, width, asterisks and remarks', () => {
    const cells = [
      '\ufeff＊姓 名',
      'ID Number',
      'ＯＲＧ＿ＣＯＤＥ',
      '入会日期（必填）',
      ' Hardship ',
    ]
    expect(readHeaders(cells).at).toMatchObject({
      name: 0,
      id_number: 1,
      org_code: 2,
      joined_on: 3,
    })
  })

  it('takes a looser name for a field that has no other column', () => {
    const loose = [
      '员工姓名',
      '公民身份号码',
      '所属工会组织代码',
      '加入工会时间',
      '联系电话',
      '电话',
    ]
    const { at, ignored } = readHeaders(loose)
    expect(at).toMatchObject({ name: 0, id_number: 1, org_code: 2, joined_on: 3, mobile: 4 })
    expect(ignored).toEqual(['电话'])
    const both = readHeaders([...chinese, '联系电话', '身份证'])
    expect(both.ignored).toEqual(['联系电话', '身份证'])
    expect(both.at.mobile).toBe(4)
  })

  it('ignores other columns and lists them', () => {
    const layout = readHeaders([...chinese, '备注', '', '备注', 'constructor', '', ''])
    expect(layout.ignored).toEqual(['备注', '备注', 'constructor'])
    expect(layout.width).toBe(14)
  })

  it('says which required columns are missing', () => {
    expect(refusal(['name', 'mobile'])).toEqual({
      code: 'HEADERS_UNKNOWN',
      missing: ['id_number', 'org_code', 'joined_on'],
      duplicated: [],
    })
  })

  it('refuses two columns for one field', () => {
    expect(refusal([...chinese, '身份证号'])).toMatchObject({ duplicated: ['id_number'] })
  })

  it('tells nothing of a first row that is a person', () => {
    const told = refusal(['M1', '张伟', '居民身份证', '11010519491231002X', '13800138000'])
    expect(JSON.stringify(told)).not.toMatch(/张伟|1101|1380/)
  })
})
