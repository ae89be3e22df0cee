import { expect, it } from 'vitest'

import { namesSecurely } from '../../src/http/secure-address.ts'

it.each([
  ['https://union.example/nodes/nx', false, true],
  ['http://localhost:3000', true, true],
  ['http://127.0.0.1:3000', true, true],
  ['http://localhost:3000', false, false],
  ['http://union.example', true, false],
  ['http://localhost.example', true, false],
])('issues at %s with development %s: %s', (publicUrl, development, expected) => {
  expect(namesSecurely({ publicUrl, development })).toBe(expected)
})
