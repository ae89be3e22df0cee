import { describe, expect, it } from 'vitest'
import { Fault } from '../../../src/identity/roster/faults.ts'
import * as values from '../../../src/identity/roster/values.ts'

const today = '2026-06-01'
const plain = (value: unknown) => (value instanceof Fault ? `! ${value.code}` : value)

describe('the date of joining', () => {
  it.each([
    ['2024-03-05', '2024-03-05'],
    ['2024/3/5', '2024-03-05'],
    ['2024.3.5', '2024-03-05'],
    ['2024年3月5日', '2024-03-05'],
    ['２０２４年３月５日', '2024-03-05'],
    ['20240305', '2024-03-05'],
    [20240305, '2024-03-05'],
    ['45356', '2024-03-05'],
    [45356, '2024-03-05'],
    ['45356.75', '2024-03-05'],
    [new Date('2024-03-05T00:00:00Z'), '2024-03-05'],
    [new Date('2024-03-04T23:59:59.999Z'), '2024-03-05'],
    ['2024-02-29', '2024-02-29'],
    ['2024-03-05 00:00:00', '2024-03-05'],
    ['2024/3/5 0:00', '2024-03-05'],
    ['2024-03-05T23:59:59.999', '2024-03-05'],
    ['2024年3月5日 8:30', '2024-03-05'],
    ['2024-03-04T16:00:00Z', '! unreadable_date'],
    ['2024-03-04T16:00:00+08:00', '! unreadable_date'],
    ['00:00:00', '! unreadable_date'],
    ['2026-06-01', '2026-06-01'],
    ['2026-06-02', '! future_date'],
    ['99999', '! future_date'],
    ['2023-02-30', '! impossible_date'],
    ['2023-02-29', '! impossible_date'],
    ['20231301', '! impossible_date'],
    ['1899-12-31', '! impossible_date'],
    ['2024-3/5', '! unreadable_date'],
    ['2024年3月', '! unreadable_date'],
    ['2024', '! unreadable_date'],
    ['昨天', '! unreadable_date'],
    [new Date(Number.NaN), '! unreadable_date'],
    ['', '! missing_joined_on'],
    [null, '! missing_joined_on'],
  ])('%o is %s', (cell, expected) => {
    expect(plain(values.readJoinedOn(cell, today))).toBe(expected)
  })
})

describe('the mobile number', () => {
  it.each([
    ['13800138000', '13800138000'],
    [13800138000, '13800138000'],
    ['１３８００１３８０００', '13800138000'],
    ['138 0013 8000', '13800138000'],
    ['138-0013-8000', '13800138000'],
    ['+86 138-0013-8000', '13800138000'],
    ['8613800138000', '13800138000'],
    ['008613800138000', '13800138000'],
    ['', undefined],
    [null, undefined],
    ['1380013800', '! short_mobile'],
    ['138001380001', '! bad_mobile'],
    ['23800138000', '! bad_mobile'],
    ['无', '! bad_mobile'],
    ['1.38E+10', '! excel_rounded_mobile'],
  ])('%o is %s', (cell, expected) => {
    expect(plain(values.readMobile(cell))).toBe(expected)
  })
})

describe('the occupation', () => {
  it.each([
    ['快递员', 'courier'],
    ['外卖配送员', 'food_delivery'],
    ['网约车司机', 'ride_hailing'],
    ['货车司机', 'truck_driver'],
    ['环卫工人', 'sanitation'],
    ['建筑工人', 'construction'],
    ['制造业工人', 'manufacturing'],
    ['家政服务员', 'domestic_service'],
    ['保安员', 'security_guard'],
    ['其他', 'other'],
    ['food_delivery', 'food_delivery'],
    ['Food Delivery', 'food_delivery'],
    ['', undefined],
    ['???', '! unknown_occupation'],
    ['constructor', '! unknown_occupation'],
  ])('%o is %s', (cell, expected) => {
    expect(plain(values.readOccupation(cell))).toBe(expected)
  })
})

describe('the kind of document', () => {
  it.each([
    ['居民身份证', 'resident_id'],
    ['Resident_ID', 'resident_id'],
    ['护照', 'passport'],
    ['PASSPORT', 'passport'],
    ['其他', 'other'],
    ['', 'resident_id'],
    ['驾驶证', '! unknown_id_type'],
  ])('%o is %s', (cell, expected) => {
    expect(plain(values.readIdType(cell))).toBe(expected)
  })
})

describe('the identity number', () => {
  it.each([
    ['11010519491231002x', 'resident_id', '11010519491231002X'],
    [440106199001011200, 'resident_id', '! excel_rounded_id'],
    ['4.40106E+17', 'resident_id', '! excel_rounded_id'],
    ['4.40106E+17', 'other', '! excel_rounded_id'],
    [110105491231002, 'resident_id', '! id_number_length'],
    ['', 'passport', '! missing_id_number'],
    [null, 'resident_id', '! missing_id_number'],
    ['e 1234 5678', 'passport', 'E12345678'],
    [12345678, 'passport', '12345678'],
    ['护照', 'passport', '! bad_document_number'],
    ['x'.repeat(257), 'passport', '! cell_too_long'],
  ] as const)('%o as %s is %s', (cell, idType, expected) => {
    const read = values.readIdNumber(cell, idType, today)
    expect(read instanceof Fault ? plain(read) : read.idNumber).toBe(expected)
  })
})

describe('yes and no', () => {
  it.each([
    ...['是', 'yes', 'Yes', 'Y', '1', '１', 1, true].map((cell) => [cell, true] as const),
    ...['否', 'no', 'NO', '0', 0, false, '', null].map((cell) => [cell, false] as const),
    ['也许', '! not_yes_or_no'] as const,
    [2, '! not_yes_or_no'] as const,
  ])('%o is %s', (cell, expected) => {
    expect(plain(values.readBoolean(cell))).toBe(expected)
  })
})

describe('the name', () => {
  it.each([
    [' 张伟 ', '张伟'],
    ['阿依古丽·买买提', '阿依古丽·买买提'],
    ['𠮷田', '𠮷田'],
    ['张　伟', '张伟'],
    ['马 小 花', '马小花'],
    ['买买提•艾力', '买买提·艾力'],
    ['买买提 ・ 艾力', '买买提·艾力'],
    ['Li  Wei', 'Li  Wei'],
    ['李 Wei', '李 Wei'],
    ['Jose\u0301', 'José'],
    ['李'.repeat(64), '李'.repeat(64)],
    ['𠮷'.repeat(64), '𠮷'.repeat(64)],
    ['李'.repeat(65), '! bad_name'],
    ['李\u0007', '! bad_name'],
    ['李\u202e四', '! bad_name'],
    ['李\ufffd', '! bad_name'],
    ['李\ud800', '! bad_name'],
    ['---', '! bad_name'],
    ['  ', '! missing_name'],
    ['李'.repeat(300), '! cell_too_long'],
  ])('%o is %s', (cell, expected) => {
    expect(plain(values.readName(cell))).toBe(expected)
  })
})

describe('the member number', () => {
  it.each([
    ['M7000000001', 'M7000000001'],
    [7000000001, '7000000001'],
    ['川工会 0001', '川工会 0001'],
    ['Ｍ１', 'M1'],
    ['', undefined],
    ['7'.repeat(33), '! bad_member_no'],
    ['a\u0000b', '! bad_member_no'],
    ['1.23457E+15', '! excel_rounded_member_no'],
    [1.234567890123456e17, '! excel_rounded_member_no'],
  ])('%o is %s', (cell, expected) => {
    expect(plain(values.readMemberNo(cell))).toBe(expected)
  })
})

describe('the organisation code', () => {
  it.each([
    ['640100000001', '640100000001'],
    [640100, '640100'],
    ['６４０１００ ', '640100'],
    ['', '! missing_org'],
    ['999999999999', '! unknown_org'],
    ['../etc', '! unknown_org'],
  ])('%o is %s', (cell, expected) => {
    expect(plain(values.readOrgCode(cell, (code) => code !== '999999999999'))).toBe(expected)
  })
})
