import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fromHex, toHex, utf8 } from '../../src/base/bytes.ts'
import {
  capsuleName,
  capsuleText,
  decodeCapsule,
  encodeCapsule,
  encodePass,
  merchantTag,
  type Pass,
  passOctets,
  readCapsuleText,
  type Showing,
  showingOctets,
} from '../../src/formats/capsule.ts'
import { codeText, encodeVoucherCode, readCodeText } from '../../src/formats/voucher-code.ts'
import { newKey, sha256 } from './es256.ts'

const { jwk } = newKey()
const pass: Pass = {
  node: 0x0102,
  keyTag: 0xab,
  statusList: 3,
  statusIndex: 0x1ffff,
  validUntilSeconds: 0x70000000,
  tier: 5,
  holderKey: jwk,
  maskedName: '李**',
  photoHash: '0011223344556677',
}
const challenge = { merchant: 'deadbeef', nonce: '010203040506' }
const said = { timeSeconds: 0x6fffff00, counter: 0xfffe }
const identity: Showing = { ...said, purpose: 'identity', challenge: undefined, voucher: undefined }
const value: Showing = { ...said, purpose: 'value', challenge, voucher: 'ab'.repeat(16) }
const signature = new Uint8Array(64).fill(7)
const half = encodePass(pass, signature)
const whole = (showing: Showing) => encodeCapsule(half, showing, new Uint8Array(64).fill(9))

const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => toHex(bytes))
const anyPass: fc.Arbitrary<Pass> = fc.record({
  node: fc.nat(65_535),
  keyTag: fc.nat(255),
  statusList: fc.nat(2 ** 15 - 1),
  statusIndex: fc.nat(2 ** 17 - 1),
  validUntilSeconds: fc.nat(2 ** 32 - 1),
  tier: fc.nat(15),
  holderKey: fc.constantFrom(jwk, newKey().jwk),
  maskedName: fc.constantFrom('', '李**', '欧阳**', 'Smith**', '12345678'),
  photoHash: hex(8),
})
const anyChallenge = fc.record({ merchant: hex(4), nonce: hex(6) })
const times = { timeSeconds: fc.nat(2 ** 32 - 1), counter: fc.nat(65_535) }
const anyShowing: fc.Arbitrary<Showing> = fc.oneof(
  fc.record({
    ...times,
    purpose: fc.constantFrom<('identity' | 'discount')[]>('identity', 'discount'),
    challenge: fc.option(anyChallenge, { nil: undefined }),
    voucher: fc.constant(undefined),
  }),
  fc.record({
    ...times,
    purpose: fc.constant<'value'>('value'),
    challenge: anyChallenge,
    voucher: hex(16),
  }),
)

describe('a capsule', () => {
  it('has every field at its place', () => {
    const bytes = whole(value)
    const at = (from: number, length: number) => toHex(bytes.subarray(from, from + length))
    expect(at(0, 5)).toBe('02150102ab')
    expect(at(5, 4)).toBe('0007ffff') // list 3 in the upper 15 bits, index 2^17 - 1 in the lower
    expect(at(9, 4)).toBe('70000000')
    expect(at(13, 1)).toMatch(/^0[23]$/)
    expect(at(46, 16)).toBe(`${toHex(utf8('李**'))}0000000011223344556677`.slice(0, 32))
    expect(at(54, 8)).toBe('0011223344556677')
    expect(at(62, 64)).toBe('07'.repeat(64))
    expect(at(126, 7)).toBe('136fffff00fffe')
    expect(at(133, 10)).toBe('deadbeef010203040506')
    expect(at(143, 16)).toBe('ab'.repeat(16))
    expect(at(159, 64)).toBe('09'.repeat(64))
  })

  it('is 197, 207 or 223 octets, and within QR version 11', () => {
    const shown = { ...identity, challenge } as Showing
    expect([identity, shown, value].map((each) => whole(each).length)).toEqual([197, 207, 223])
    expect(capsuleText(whole(identity)).length).toBe(300)
    expect(capsuleText(whole(value)).length).toBe(339) // version 11-M holds 366
  })

  it('of every content is read back, with what was signed', () => {
    fc.assert(
      fc.property(anyPass, anyShowing, (anyOf, showing) => {
        const bytes = encodeCapsule(encodePass(anyOf, signature), showing, signature)
        const read = readCapsuleText(capsuleText(bytes))
        expect(read).toMatchObject({ pass: anyOf, showing })
        if (typeof read === 'string') throw new Error('not read')
        expect(read.passSigned).toEqual(passOctets(anyOf))
        expect(read.showingSigned).toEqual(showingOctets(encodePass(anyOf, signature), showing))
      }),
    )
  })

  it('has one spelling: any octets that are read are written the same', () => {
    const good = fc.constantFrom(whole(identity), whole(value))
    fc.assert(
      fc.property(good, fc.nat(222), fc.nat(255), (bytes, at, octet) => {
        const changed = bytes.map((each, i) => (i === at ? octet : each))
        const read = decodeCapsule(changed)
        if (typeof read === 'string') return
        const again = encodePass(read.pass, read.passSignature)
        expect(encodeCapsule(again, read.showing, read.showingSignature)).toEqual(changed)
      }),
      { numRuns: 500 },
    )
  })

  it('signs under labels that no other octets of ours have', () => {
    expect(toHex(passOctets(pass))).toMatch(new RegExp(`^${toHex(utf8('symbolon/pass/1\0'))}`))
    const label = toHex(utf8('symbolon/capsule/1\0'))
    expect(toHex(showingOctets(half, identity)).startsWith(label + toHex(half))).toBe(true)
  })

  it.each<[string, number, string, string]>([
    ['another type', 0, '03', 'unsupported'],
    ['another version', 1, '25', 'unsupported'],
    ['a holder key that is none', 13, '04', 'malformed'],
    ['a name with more after its end', 53, '41', 'malformed'],
    ['a name that is not UTF-8', 46, 'ff', 'malformed'],
    ['a name that turns the text round', 46, 'e280ae', 'malformed'],
    ['an unknown purpose', 126, '04', 'malformed'],
    ['value without a challenge', 126, '03', 'malformed'],
    ['a challenge that is not there', 126, '11', 'malformed'],
  ])('with %s is refused', (_, at, octets, fault) => {
    const bytes = whole(identity)
    bytes.set(fromHex(octets) ?? [], at)
    expect(decodeCapsule(bytes)).toBe(fault)
  })

  it('cut short or with more at its end is refused', () => {
    const bytes = whole(value)
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeCapsule(bytes.subarray(0, length))).toBe('malformed')
    }
    expect(decodeCapsule(Uint8Array.of(...bytes, 0))).toBe('malformed')
  })

  it('and a voucher code are told apart by their first octet', () => {
    const code = { node: 1, voucher: 'ab'.repeat(16), keyTag: 1, step: 1 }
    const text = codeText(encodeVoucherCode(code, signature))
    expect(readCapsuleText(text)).toBe('unsupported')
    expect(readCodeText(capsuleText(whole(identity)))).not.toHaveProperty('voucher')
    expect(readCapsuleText('SY2:00')).toBe('unsupported')
    expect(readCapsuleText('https://example.org')).toBe('malformed')
  })

  it('is read from any text and octets without throwing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readCapsuleText(text)))
    const octets = fc.uint8Array({ maxLength: 240 })
    fc.assert(fc.property(octets, (b) => void decodeCapsule(Uint8Array.of(2, 0x10, ...b))))
  })

  it.each<[string, Partial<Pass>]>([
    ['a node', { node: 65_536 }],
    ['a status index', { statusIndex: 2 ** 17 }],
    ['a tier', { tier: 16 }],
    ['an end', { validUntilSeconds: 1.5 }],
    ['a name', { maskedName: '欧阳锋**' }],
    ['a photo hash', { photoHash: 'AA' }],
    ['a holder key', { holderKey: { ...jwk, y: jwk.x } }],
  ])('takes %s that is out of range for a mistake', (_, given) => {
    expect(() => passOctets({ ...pass, ...given })).toThrow(TypeError)
  })
})

it('cuts names to eight octets and keeps their asterisks', () => {
  expect(capsuleName('李**')).toBe('李**')
  expect(capsuleName('欧阳**')).toBe('欧阳**')
  expect(capsuleName('阿卜杜**')).toBe('阿卜**')
  expect(capsuleName('Featherstone**')).toBe('Feathe**')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      expect(utf8(capsuleName(name)).length).toBeLessThanOrEqual(8)
    }),
  )
})

it('tells merchants by eight digits', () => {
  expect(merchantTag(sha256, 'abc')).toBe('ba7816bf')
})
