import fc from 'fast-check'
import { CompactSign, calculateJwkThumbprint, compactVerify, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'

import { toBase64url, utf8 } from '../../src/base/bytes.ts'
import type { JsonObject } from '../../src/formats/json.ts'
import { readPublicJwk, thumbprint, thumbprintText } from '../../src/formats/jwk.ts'
import { type JwsShape, parseJws, signJws, verifyJws } from '../../src/formats/jws.ts'
import { compressPoint, decompressPoint, isOnCurve } from '../../src/formats/p256.ts'
import { codeOf, newKey, sha256, verifyEs256 } from './es256.ts'

const key = newKey()
const shape: JwsShape = { types: ['test+jwt'], algorithms: ['ES256'], maxLength: 65_536 }
const encode = (value: unknown) => toBase64url(utf8(JSON.stringify(value)))
const header = (members: object, payload: unknown = {}) =>
  `${encode({ alg: 'ES256', typ: 'test+jwt', ...members })}.${encode(payload)}.${'A'.repeat(86)}`

describe('a compact JWS', () => {
  it('of ours is verified by jose, and one of jose by us', async () => {
    const ours = await signJws(key.sign, { typ: 'test+jwt', kid: '1' }, { a: '字' })
    const opened = await compactVerify(ours, await importJWK({ ...key.jwk }, 'ES256'))
    expect(JSON.parse(Buffer.from(opened.payload).toString())).toEqual({ a: '字' })
    expect(opened.protectedHeader).toEqual({ alg: 'ES256', typ: 'test+jwt', kid: '1' })
    const theirs = await new CompactSign(utf8('{"b":1}'))
      .setProtectedHeader({ alg: 'ES256', typ: 'test+jwt' })
      .sign(await importJWK({ ...key.privateJwk, kty: 'EC' }, 'ES256'))
    const parsed = parseJws(theirs, shape)
    await verifyJws(verifyEs256, parsed, key.jwk)
    expect(parsed.payload).toEqual({ b: 1 })
  })

  it.each([
    ['alg none', header({ alg: 'none' }), 'JWS_ALG_REFUSED'],
    ['HS256', header({ alg: 'HS256' }), 'JWS_ALG_REFUSED'],
    ['an alg of another case', header({ alg: 'es256' }), 'JWS_ALG_REFUSED'],
    ['an alg that is a member of every object', header({ alg: 'toString' }), 'JWS_ALG_REFUSED'],
    ['no alg', header({ alg: undefined }), 'JWS_ALG_REFUSED'],
    ['an unknown crit', header({ crit: ['exp'], exp: 1 }), 'JWS_CRIT_REFUSED'],
    ['an empty crit', header({ crit: [] }), 'JWS_CRIT_REFUSED'],
    ['a wrong typ', header({ typ: 'JWT' }), 'JWS_TYP_UNEXPECTED'],
    ['no typ', header({ typ: undefined }), 'JWS_TYP_UNEXPECTED'],
    ['a kid that is a number', header({ kid: 7 }), 'JWS_MALFORMED'],
    ['an x5c that is a text', header({ x5c: 'AAAA' }), 'JWS_X5C_MALFORMED'],
    ['an empty x5c', header({ x5c: [] }), 'JWS_X5C_MALFORMED'],
    ['an x5c of base64url', header({ x5c: ['_-8='] }), 'JWS_X5C_MALFORMED'],
    ['six certificates', header({ x5c: Array(6).fill('AAAA') }), 'JWS_X5C_MALFORMED'],
    ['a payload that is an array', header({}, []), 'JSON_MALFORMED'],
    ['four parts', `${header({})}.AA`, 'JWS_MALFORMED'],
    ['an unsecured one', `${encode({ alg: 'none' })}.${encode({})}.`, 'JWS_ALG_REFUSED'],
    ['no signature', header({}).slice(0, -86), 'JWS_MALFORMED'],
    ['two parts', header({}).slice(0, -87), 'JWS_MALFORMED'],
    ['nothing in it', '..', 'JSON_MALFORMED'],
    ['padding', `${header({})}==`, 'JWS_MALFORMED'],
    ['bits past the end', `${header({}).slice(0, -1)}B`, 'JWS_MALFORMED'],
    ['a short signature', header({}).slice(0, -2), 'JWS_MALFORMED'],
    ['more than 64 kB', header({}, { a: 'a'.repeat(50_000) }), 'TOO_LARGE'],
  ])('is refused with %s', async (_, text, code) => {
    expect(await codeOf(() => parseJws(text, shape))).toBe(code)
  })

  it('is refused with an algorithm that the caller did not allow', async () => {
    expect(await codeOf(() => parseJws(header({}), { ...shape, algorithms: [] }))).toBe(
      'JWS_ALG_REFUSED',
    )
  })

  it('is refused with the signature of another key', async () => {
    const jws = parseJws(await signJws(newKey().sign, { typ: 'test+jwt' }, {}), shape)
    expect(await codeOf(() => verifyJws(verifyEs256, jws, key.jwk))).toBe('JWS_SIGNATURE_INVALID')
  })

  it('is not made with an algorithm of the caller’s or a signature of another size', async () => {
    await expect(signJws(key.sign, { typ: 'a', alg: 'none' }, {})).rejects.toThrow(TypeError)
    await expect(signJws(() => new Uint8Array(63), { typ: 'a' }, {})).rejects.toThrow(TypeError)
  })

  it('throws nothing but the format’s error for any text', async () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((json) => toBase64url(utf8(json))),
    )
    const texts = fc.oneof(
      fc.string(),
      fc.tuple(part, part, part).map((all) => all.join('.')),
    )
    await fc.assert(
      fc.asyncProperty(texts, async (text) => void (await codeOf(() => parseJws(text, shape)))),
    )
  })
})

describe('a key', () => {
  it('has the thumbprint that jose computes', async () => {
    expect(thumbprintText(sha256, key.jwk)).toBe(await calculateJwkThumbprint({ ...key.jwk }))
    expect(thumbprint(sha256, key.jwk).length).toBe(32)
  })

  it('is read without what is not the key', () => {
    expect(readPublicJwk({ ...key.jwk, use: 'sig', kid: 'x', alg: 'ES256' })).toEqual(key.jwk)
  })

  it.each([
    ['private', { d: key.privateJwk.d ?? '' }],
    ['of another curve', { crv: 'P-384' }],
    ['symmetric', { kty: 'oct' }],
    ['for encryption', { use: 'enc' }],
    ['for another algorithm', { alg: 'ES384' }],
    ['no point of the curve', { y: key.jwk.x }],
    ['padded', { x: `${key.jwk.x}=` }],
    ['short', { x: key.jwk.x.slice(4) }],
    ['a number', { x: 1 }],
  ] as [string, JsonObject][])('is refused when it is %s', async (_, members) => {
    expect(await codeOf(() => readPublicJwk({ ...key.jwk, ...members }))).toBe('JWK_MALFORMED')
  })

  it('comes back from its 33 octets', () => {
    for (let i = 0; i < 20; i++) {
      const { jwk } = newKey()
      expect(decompressPoint(compressPoint(jwk))).toEqual(jwk)
      expect(isOnCurve(jwk)).toBe(true)
    }
    expect(() => compressPoint({ ...key.jwk, y: key.jwk.x })).toThrow(TypeError)
  })

  it('is not made of octets that are no point', () => {
    const found = Array.from({ length: 64 }, (_, i) => {
      const point = decompressPoint(Uint8Array.of(2, ...new Uint8Array(31), i))
      if (point !== undefined) expect(isOnCurve(point)).toBe(true)
      return point
    })
    expect(found.filter((point) => point === undefined).length).toBeGreaterThan(10)
    expect(decompressPoint(new Uint8Array(33).fill(255))).toBeUndefined()
    expect(decompressPoint(Uint8Array.of(2, ...new Uint8Array(32).fill(255)))).toBeUndefined()
    expect(decompressPoint(compressPoint(key.jwk).subarray(1))).toBeUndefined()
  })
})
