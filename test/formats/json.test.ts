import fc from 'fast-check'
import { expect, it } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import { parseJson, parseJsonObject } from '../../src/formats/json.ts'
import { codeOf } from './es256.ts'

it('reads whatever JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'grapheme' }), (value) => {
      const text = JSON.stringify(value)
      if (!text.includes('"__proto__"')) {
        expect(parseJson(utf8(text))).toEqual(JSON.parse(text))
      }
    }),
  )
})

it.each([
  ['a member twice', '{"a":1,"b":{},"a":2}', 'JSON_DUPLICATE_MEMBER'],
  ['a member twice, once spelled otherwise', '{"a":1,"\\u0061":2}', 'JSON_DUPLICATE_MEMBER'],
  ['a member twice, deep inside', '[{"x":[{"y":1,"y":1}]}]', 'JSON_DUPLICATE_MEMBER'],
  ['a prototype', '{"__proto__":{"admin":true}}', 'JSON_MALFORMED'],
  ['a prototype in disguise', '{"\\u005f_proto__":1}', 'JSON_MALFORMED'],
  ['a lone surrogate', '["\\ud800"]', 'JSON_MALFORMED'],
  ['a lone surrogate in a name', '{"\\udc00":1}', 'JSON_MALFORMED'],
  ['a number without an end', '[1e999]', 'JSON_MALFORMED'],
  ['a byte order mark', '\ufeff{}', 'JSON_MALFORMED'],
  ['a comma too many', '[1,]', 'JSON_MALFORMED'],
  ['two values', '{} {}', 'JSON_MALFORMED'],
  ['17 levels', `${'['.repeat(17)}${']'.repeat(17)}`, 'JSON_TOO_DEEP'],
  ['30 000 levels', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 'JSON_TOO_DEEP'],
])('refuses %s', async (_, text, code) => {
  expect(await codeOf(() => parseJson(utf8(text)))).toBe(code)
})

it('lets the same name stand in two objects, and as a value', () => {
  const text = '{"a":{"a":"a"},"b":[{"a":"a"},{"a":"b"}],"c":"\\",{\\"a"}'
  expect(parseJson(utf8(text))).toEqual(JSON.parse(text))
  expect(parseJson(utf8('['.repeat(16) + ']'.repeat(16)))).toBeDefined()
})

it('refuses what is not UTF-8, and what is no object where one is wanted', async () => {
  expect(await codeOf(() => parseJson(Uint8Array.of(0x22, 0xc3, 0x28, 0x22)))).toBe(
    'JSON_MALFORMED',
  )
  expect(await codeOf(() => parseJsonObject(utf8('[]')))).toBe('JSON_MALFORMED')
  expect(await codeOf(() => parseJsonObject(utf8('null')))).toBe('JSON_MALFORMED')
})

it('takes milliseconds for a text that is all quotes', () => {
  const before = performance.now()
  parseJson(utf8(JSON.stringify('"\\'.repeat(15_000))))
  expect(performance.now() - before).toBeLessThan(200)
})
