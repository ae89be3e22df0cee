import { readFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fromHex, toBase64url } from '../../src/base/bytes.ts'
import type { Json, JsonObject } from '../../src/formats/json.ts'
import { signJws } from '../../src/formats/jws.ts'
import {
  makeStatusListPayload,
  newStatusList,
  readStatus,
  readStatusList,
  readStatusListPayload,
  readStatusReference,
  type StatusBits,
  type StatusListToken,
  statusListSize,
  statusListType,
  verifyStatusList,
  writeStatus,
} from '../../src/formats/status-list.ts'
import { codeOf, crypto, deflate, inflate, newKey, random } from './es256.ts'

const now = 1_790_000_000
const uri = 'https://union.example/status/1'
const clock = { nowSeconds: now, skewSeconds: 60 }
const key = newKey()

const spec = (name: string) =>
  readFileSync(new URL(`../spec/status-list/${name}`, import.meta.url), 'utf8')

/** The JSON of an example, whose long lines are broken and which may have words before it. */
const example = (name: string): JsonObject => {
  const text = spec(`status_list_encoding${name}_json.md`)
  return JSON.parse(text.slice(text.indexOf('{')).replaceAll(/\n\s*/g, ''))
}
const { statuses } = JSON.parse(spec('statuses.json')) as {
  statuses: Record<string, Record<string, number>>
}

const token = (given: Partial<StatusListToken> = {}): StatusListToken => ({
  uri,
  issuedSeconds: now - 60,
  expiresSeconds: now + 86_400,
  ttlSeconds: 300,
  aggregationUri: 'https://union.example/status',
  list: newStatusList(2, 2 ** 17),
  ...given,
})

describe('the examples of the draft', () => {
  it.each<[string, StatusBits, string, string]>([
    ['', 1, 'b9a3', '1001110111000101'],
    ['2', 2, 'c944f9', '120301011233'],
  ])(
    'section 4.1, encoding %s: they have their octets and their statuses',
    async (name, bits, hex, each) => {
      const list = await readStatusList(inflate, example(name))
      expect(list).toEqual({ bits, octets: fromHex(hex) })
      const read = Array.from({ length: statusListSize(list) }, (_, i) => readStatus(list, i))
      expect(read.join('')).toBe(each)
    },
  )

  it.each<[StatusBits, string]>([
    [1, '1_long'],
    [2, '2_long'],
    [4, '4'],
    [8, '8'],
  ])('test vectors: %i bits', async (bits, name) => {
    const list = await readStatusList(inflate, example(name))
    const made = newStatusList(bits, 2 ** 20)
    const expected = Object.entries(statuses[bits] ?? {})
    for (const [index, value] of expected) {
      expect(readStatus(list, Number(index))).toBe(value)
      writeStatus(made, Number(index), value)
    }
    expect(Buffer.compare(made.octets, list.octets)).toBe(0)
    expect(expected.length).toBeGreaterThan(10)
  })
})

describe('a status list', () => {
  it('reads every status that was written, and no other has changed', () => {
    const writes = fc.array(fc.tuple(fc.nat(63), fc.nat(255)), { maxLength: 40 })
    fc.assert(
      fc.property(fc.constantFrom<StatusBits>(1, 2, 4, 8), writes, (bits, all) => {
        const list = newStatusList(bits, 64)
        const model = new Array<number>(64).fill(0)
        for (const [index, any] of all) {
          const value = any % 2 ** bits
          writeStatus(list, index, value)
          model[index] = value
        }
        expect(model.map((_, i) => readStatus(list, i))).toEqual(model)
      }),
    )
  })

  it.each([-1, 16, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])(
    'has no status at %d',
    async (index) => {
      const list = newStatusList(2, 16)
      expect(await codeOf(() => readStatus(list, index))).toBe('STATUS_INDEX_OUT_OF_RANGE')
      expect(() => writeStatus(list, index, 1)).toThrow(TypeError)
    },
  )

  it('takes a status that does not fit, and a size that is not whole octets, for mistakes', () => {
    expect(() => writeStatus(newStatusList(2, 16), 0, 4)).toThrow(TypeError)
    expect(() => newStatusList(2, 4)).toThrow(TypeError)
    expect(() => newStatusList(8, 2 ** 21)).toThrow(TypeError)
  })

  it.each<[string, Json]>([
    ['no object', 'eNrbuRgAAhcBXQ'],
    ['bits as a text', { bits: '1', lst: 'eNrbuRgAAhcBXQ' }],
    ['3 bits', { bits: 3, lst: 'eNrbuRgAAhcBXQ' }],
    ['no lst', { bits: 1 }],
    ['an empty lst', { bits: 1, lst: '' }],
    ['a padded lst', { bits: 1, lst: 'eNrbuRgAAhcBXQ==' }],
    ['an lst that is not ZLIB', { bits: 1, lst: 'AAAA' }],
    ['an lst without its check', { bits: 1, lst: 'eNrbuRgA' }],
    ['an lst of nothing', { bits: 1, lst: toBase64url(deflateSync(Buffer.alloc(0))) }],
  ])('with %s is refused', async (_, value) => {
    expect(await codeOf(() => readStatusList(inflate, value))).toBe('STATUS_LIST_MALFORMED')
  })

  it('refuses a compressed bomb in milliseconds', async () => {
    const bomb = { bits: 1, lst: toBase64url(deflateSync(Buffer.alloc(2 ** 25), { level: 9 })) }
    expect(bomb.lst.length).toBeLessThan(65_536)
    const took = []
    for (let i = 0; i < 10; i++) {
      const before = performance.now()
      expect(await codeOf(() => readStatusList(inflate, bomb))).toBe('STATUS_LIST_MALFORMED')
      took.push(performance.now() - before)
    }
    expect(Math.min(...took)).toBeLessThan(50) // the rest is other work of the machine
    const careless = () => new Uint8Array(2 ** 20 + 1)
    expect(await codeOf(() => readStatusList(careless, bomb))).toBe('STATUS_LIST_MALFORMED')
  })

  it('of 2^17 random statuses of two bits fits into a token', async () => {
    const list = {
      bits: 2,
      octets: new Uint8Array(random(2 ** 15)),
    } as const
    const payload = await makeStatusListPayload(deflate, token({ list }))
    const compact = await signJws(key.sign, { typ: statusListType }, payload)
    const policy = { uri, clock, trust: () => key.jwk }
    expect((await verifyStatusList(crypto, compact, policy)).list).toEqual(list)
  })
})

describe('a status list token', () => {
  it('is verified and read back', async () => {
    const payload = await makeStatusListPayload(deflate, token())
    const compact = await signJws(key.sign, { typ: statusListType }, payload)
    const policy = { uri, clock, trust: () => key.jwk }
    expect(await verifyStatusList(crypto, compact, policy)).toEqual(token())
    expect(
      await codeOf(() =>
        verifyStatusList(crypto, compact, { ...policy, trust: () => newKey().jwk }),
      ),
    ).toBe('JWS_SIGNATURE_INVALID')
    const jwt = await signJws(key.sign, { typ: 'JWT' }, payload)
    expect(await codeOf(() => verifyStatusList(crypto, jwt, policy))).toBe('JWS_TYP_UNEXPECTED')
  })

  it('may be without exp, ttl and aggregation', async () => {
    const bare = token({
      expiresSeconds: undefined,
      ttlSeconds: undefined,
      aggregationUri: undefined,
    })
    const payload = await makeStatusListPayload(deflate, bare)
    expect(Object.keys(payload)).toEqual(['sub', 'iat', 'status_list'])
    expect(await readStatusListPayload(inflate, payload, { uri, clock })).toEqual(bare)
  })

  it.each<[string, JsonObject, string]>([
    ['another sub', { sub: `${uri}0` }, 'STATUS_LIST_SUBJECT'],
    ['an exp that has passed', { exp: now - 60 }, 'TOKEN_EXPIRED'],
    ['an iat to come', { iat: now + 61 }, 'TOKEN_FROM_FUTURE'],
    ['an iat that is a text', { iat: 'now' }, 'CLAIM_MALFORMED'],
    ['a ttl of 0', { ttl: 0 }, 'CLAIM_MALFORMED'],
    ['a negative ttl', { ttl: -1 }, 'CLAIM_MALFORMED'],
    ['no list', { status_list: null }, 'STATUS_LIST_MALFORMED'],
  ])('with %s is refused', async (_, members, expected) => {
    const payload = { ...(await makeStatusListPayload(deflate, token())), ...members }
    const read = () => readStatusListPayload(inflate, payload, { uri, clock })
    expect(await codeOf(read)).toBe(expected)
  })
})

it('reads where the status of a credential stands', async () => {
  const read = (status: Json) => () => readStatusReference({ status })
  expect(read({ status_list: { idx: 0, uri } })()).toEqual({ uri, index: 0 })
  for (const idx of [-1, 0.5, '0', 2 ** 53]) {
    expect(await codeOf(read({ status_list: { idx, uri } }))).toBe('CLAIM_MALFORMED')
  }
  expect(await codeOf(() => readStatusReference({}))).toBe('STATUS_MISSING')
})
