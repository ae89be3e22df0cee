import { describe, expect, it } from 'vitest'
import { maskValue, rowFaults } from '../../../src/identity/roster/faults.ts'

describe('a value in errors.csv', () => {
  it.each([
    ['id_number', '11010519491231002X', '110*************2X'],
    ['id_number', '4.40106E+17', '4.4******17'],
    ['id_number', '123456', '******'],
    ['mobile', '13800138000', '138******00'],
    ['mobile', '1380', '****'],
    ['name', '张伟', '张**'],
    ['name', '欧阳娜娜', '欧阳**'],
    ['name', '𠮷田', '𠮷**'],
    ['name', '=HYPERLINK("http://x")', "'=**"],
    ['org_code', '999999999999', '999999999999'],
    ['occupation', '?'.repeat(50), '?'.repeat(40)],
    ['occupation', '=1+1', "'=1+1"],
    ['occupation', '\t@SUM(A1)', "'@SUM(A1)"],
    ['joined_on', '2023-02-30', '2023-02-30'],
    ['joined_on', '-1', "'-1"],
    ['joined_on', 'a\u0000\r\nb\u202e', 'ab'],
    ['org_code', '110105 19491231 002x', /^110\*+2x$/],
    ['occupation', '电话13800138000', '电话138******00'],
    ['name', '', ''],
  ] as const)('%s %o is shown as %s', (field, value, shown) => {
    if (typeof shown === 'string') expect(maskValue(field, value)).toBe(shown)
    else expect(maskValue(field, value)).toMatch(shown)
  })
})

describe('the words of the faults', () => {
  it('are there in Chinese and in English for every code', () => {
    for (const { message, suggestion } of Object.values(rowFaults)) {
      for (const words of [message, suggestion]) {
        expect(words.zh).toMatch(/\p{Script=Han}/u)
        expect(words.en).toMatch(/^[\x20-\x7e]+$/)
      }
    }
  })
})
