import fc from 'fast-check'
import { expect, it } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import { fromBase45, toBase45 } from '../../src/formats/base45.ts'
import { makeNumericCode, readNumericCode } from '../../src/formats/numeric-code.ts'
import {
  codeText,
  decodeVoucherCode,
  encodeVoucherCode,
  readCodeText,
  signedOctets,
  stepAt,
} from '../../src/formats/voucher-code.ts'

const code = {
  node: 64,
  voucher: '0123456789abcdef0123456789abcdef',
  keyTag: 0xbeef,
  step: 59_000_000,
}

it.each([
  ['AB', 'BB8'],
  ['Hello!!', '%69 VD92EX0'],
  ['base-45', 'UJCLQE7W581'],
  ['ietf!', 'QED8WEX0'],
])('writes %s as RFC 9285 does', (plain, encoded) => {
  expect(toBase45(utf8(plain))).toBe(encoded)
  expect(fromBase45(encoded)).toEqual(utf8(plain))
})

it.each(['GGW', ':::', 'A', 'a0', '00é', '::'])('refuses %s as Base45', (text) => {
  expect(fromBase45(text)).toBeUndefined()
})

it('reads back every code it writes', () => {
  fc.assert(
    fc.property(
      fc.nat(65535),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.nat(65535),
      fc.nat(2 ** 31),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      (node, handle, keyTag, step, signature) => {
        const made = { node, voucher: Buffer.from(handle).toString('hex'), keyTag, step }
        const text = codeText(encodeVoucherCode(made, signature))
        const read = readCodeText(text)
        expect(read).toMatchObject(made)
        if (typeof read === 'string') throw new Error('not read')
        expect([...read.signature]).toEqual([...signature])
        expect([...read.signed]).toEqual([...signedOctets(made)])
      },
    ),
  )
})

it('keeps a code within QR version 6 at 138 letters or fewer', () => {
  const bytes = encodeVoucherCode(code, new Uint8Array(64).fill(255))
  expect(bytes.length).toBe(89)
  expect(codeText(bytes).length).toBeLessThanOrEqual(138)
})

it('tells another version from nonsense', () => {
  const bytes = encodeVoucherCode(code, new Uint8Array(64))
  expect(decodeVoucherCode(Uint8Array.of(2, ...bytes.subarray(1)))).toBe('unsupported')
  expect(readCodeText('SY2:ABC')).toBe('unsupported')
  expect(readCodeText('SY1:abc')).toBe('malformed')
  expect(decodeVoucherCode(bytes.subarray(0, 88))).toBe('malformed')
  expect(readCodeText('https://example.org')).toBe('malformed')
})

it('reads any text without throwing', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readCodeText(text)))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (b) => void decodeVoucherCode(b)))
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readNumericCode(text)))
})

it('changes the step every thirty seconds', () => {
  expect(stepAt(30_000)).toBe(stepAt(59_999))
  expect(stepAt(60_000)).toBe(stepAt(59_999) + 1)
})

it('notices every single wrong digit of a numeric code', () => {
  const made = makeNumericCode((n) => crypto.getRandomValues(new Uint8Array(n)))
  expect(readNumericCode(`${made.slice(0, 4)} ${made.slice(4, 8)}-${made.slice(8)}`)).toBe(made)
  for (let i = 0; i < 12; i++) {
    for (let d = 0; d < 10; d++) {
      const changed = made.slice(0, i) + d + made.slice(i + 1)
      if (changed !== made) expect(readNumericCode(changed)).toBeUndefined()
    }
  }
})
