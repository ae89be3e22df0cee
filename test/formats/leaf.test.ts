import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../src/base/bytes.ts'
import {
  encodeLeaf,
  type Leaf,
  LeafError,
  type LeafObject,
  type LeafValue,
  parseLeaf,
  readFacts,
  readLeaf,
} from '../../src/formats/leaf.ts'
import { leafHash } from '../../src/formats/tlog/merkle.ts'
import { hex, sha256, specJson } from './tlog/support.ts'

type Vectors = {
  leaves: { bytes_utf8: string; bytes_hex: string; length: number; leaf_hash_hex: string }[]
  must_reject: { why: string; text: string }[]
}

const { leaves, must_reject } = specJson<Vectors>('leaf-encoding.json')

describe('a leaf', () => {
  it('of every vector is read, and encoded to the same octets', () => {
    for (const { bytes_utf8, bytes_hex, length, leaf_hash_hex } of leaves) {
      const bytes = hex(bytes_hex)
      const leaf = readLeaf(bytes)
      expect(leaf).toEqual(JSON.parse(bytes_utf8))
      expect(encodeLeaf(leaf)).toEqual(bytes)
      expect(bytes).toHaveLength(length)
      expect(toHex(leafHash(sha256, bytes))).toBe(leaf_hash_hex)
    }
  })

  it.each(must_reject)('is refused with $why', ({ text }) => {
    expect(() => parseLeaf(utf8(text))).toThrow(LeafError)
  })

  it.each([
    ['{"a":1', 'LEAF_NOT_JSON'],
    ['{"a":01}', 'LEAF_NOT_JSON'],
    ['[1]', 'LEAF_VALUE_NOT_ALLOWED'],
    ['"a"', 'LEAF_VALUE_NOT_ALLOWED'],
    ['{"a":null}', 'LEAF_VALUE_NOT_ALLOWED'],
    ['{"a":0.5}', 'LEAF_VALUE_NOT_ALLOWED'],
    ['{"a":-0}', 'LEAF_VALUE_NOT_ALLOWED'],
    ['{"a":1e400}', 'LEAF_VALUE_NOT_ALLOWED'],
    ['{"__proto__":1}', 'LEAF_VALUE_NOT_ALLOWED'],
    ['{"":1}', 'LEAF_VALUE_NOT_ALLOWED'],
    ['{"a-b":1}', 'LEAF_VALUE_NOT_ALLOWED'],
    ['{"a":"\u007f"}', 'LEAF_VALUE_NOT_ALLOWED'],
    ['{"a":"\\\\"}', 'LEAF_VALUE_NOT_ALLOWED'],
    ['{"a":1.0}', 'LEAF_NOT_CANONICAL'],
    ['{"a":"\\u0041"}', 'LEAF_NOT_CANONICAL'],
    ['{"a":1,"a":1}', 'LEAF_NOT_CANONICAL'],
    ['{"a_b":1,"aa":1,"a1":1}', 'LEAF_NOT_CANONICAL'],
    ['{"a":[[[[[[[[1]]]]]]]]}', 'LEAF_TOO_DEEP'],
  ])('%j is refused as %s', (text, code) => {
    expect(() => parseLeaf(utf8(text))).toThrow(expect.objectContaining({ code }))
  })

  it('that is too long, too deep or not UTF-8 is refused at once', () => {
    const refused = (bytes: Uint8Array, code: string) =>
      expect(() => parseLeaf(bytes)).toThrow(expect.objectContaining({ code }))
    refused(new Uint8Array(65_536), 'LEAF_TOO_LONG')
    refused(utf8(`{"a":${'['.repeat(32_000)}${']'.repeat(32_000)}}`), 'LEAF_TOO_DEEP')
    refused(utf8('{"a":'.repeat(13_000)), 'LEAF_NOT_JSON')
    refused(Uint8Array.of(0x7b, 0xff, 0x7d), 'LEAF_NOT_UTF8')
    expect(() => encodeLeaf({ a: 'a'.repeat(65_530) })).toThrow(
      expect.objectContaining({ code: 'LEAF_TOO_LONG' }),
    )
    expect(encodeLeaf({ a: 'a'.repeat(65_527) })).toHaveLength(65_535)
  })

  it('is encoded only from what can be read back', () => {
    const wrong = [undefined, null, Number.NaN, 1.5, 2 ** 53, -0, 'é', '"', '\\', '\n', 1n, () => 1]
    for (const value of wrong) {
      expect(() => encodeLeaf({ a: value as LeafValue })).toThrow(LeafError)
    }
    // biome-ignore lint/suspicious/noSparseArray: the hole is the point
    expect(() => encodeLeaf({ a: [1, , 2] as LeafValue[] })).toThrow(LeafError)
    expect(() => encodeLeaf({ a: new Date(0) as unknown as LeafObject })).toThrow(LeafError)
    const cycle: Record<string, unknown> = {}
    cycle.a = cycle
    expect(() => encodeLeaf(cycle as LeafObject)).toThrow(LeafError)
  })

  it('has one encoding for each value, whatever the order of its keys', () => {
    fc.assert(
      fc.property(objects(), (value) => {
        const bytes = encodeLeaf(value)
        expect(parseLeaf(bytes)).toEqual(value)
        const turned = Object.fromEntries(Object.entries(value).reverse())
        expect(encodeLeaf(turned)).toEqual(bytes)
        expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(value)
      }),
    )
  })

  it('is accepted only if encoding it again gives its octets; else the declared error', () => {
    const pieces = fc.constantFrom(
      ...['{', '}', '[', ']', '"a"', '"b"', ':', ',', '1', '-0', '1.0', 'true', 'null', ' ', '\n'],
      ...['{"a":1}', '"é"', '"\\u0041"', '\ufeff', '{"b":', '{"a":'],
    )
    const text = fc.array(pieces, { maxLength: 14 }).map((parts) => utf8(parts.join('')))
    const broken = fc
      .tuple(
        fc.constantFrom(...leaves.map(({ bytes_hex }) => hex(bytes_hex))),
        fc.nat(),
        fc.nat(255),
      )
      .map(([bytes, at, octet]) => bytes.with(at % bytes.length, octet))
    fc.assert(
      fc.property(fc.oneof(text, broken, fc.uint8Array()), (bytes) => {
        try {
          expect(toHex(encodeLeaf(parseLeaf(bytes)))).toBe(toHex(bytes))
          readLeaf(bytes)
        } catch (error) {
          if (!(error instanceof LeafError)) throw error
        }
      }),
      { numRuns: 3000 },
    )
  })
})

describe('the fields of a leaf', () => {
  it('are judged alike on the short way, which usual leaves take, and on the long one', () => {
    const near = fc
      .record({
        bytes: fc.constantFrom(...leaves.map(({ bytes_hex }) => hex(bytes_hex))),
        at: fc.nat(),
        gone: fc.nat(2),
        put: fc.constantFrom(
          '',
          '0',
          '-',
          '1',
          'A',
          '"',
          ',',
          ' ',
          '[',
          ']',
          '\\',
          'é',
          '00',
          '"a":1,',
        ),
      })
      .map(({ bytes, at, gone, put }) => {
        const i = at % bytes.length
        return Uint8Array.of(...bytes.slice(0, i), ...utf8(put), ...bytes.slice(i + gone))
      })
    fc.assert(
      fc.property(near, (bytes) => {
        // An unknown field makes the same leaf take the long way.
        const long = outcome(() => {
          const { zz, ...rest } = readLeaf(encodeLeaf({ ...parseLeaf(bytes), zz: 1 }))
          return rest
        })
        const short = outcome(() => readLeaf(bytes))
        expect(short).toEqual(long)
        const facts = outcome(() => readFacts(bytes))
        const { id, d } = short as Leaf
        expect(short).toEqual(typeof short === 'string' ? facts : { ...(facts as Leaf), id, d })
      }),
      { numRuns: 5000 },
    )
  })

  const outcome = (read: () => unknown) => {
    try {
      return read()
    } catch (error) {
      if (error instanceof LeafError) return error.code
      throw error
    }
  }

  const leaf = parseLeaf(hex(leaves[1]!.bytes_hex))

  it.each([
    ['v', 2],
    ['k', 'Voucher'],
    ['id', '019B7D5F-0A00-7000-8000-000000000002'],
    ['n', ''],
    ['t', -1],
    ['d', 'x'],
    ['d', ['x']],
    ['d', [...(leaf.d as string[])].reverse()],
    ['d', [(leaf.d as string[])[0]!, (leaf.d as string[])[0]!]],
    ['occ', '1'],
    ['pg', 1],
    ['ccy', 'cny'],
    ['amt', -1],
    ['p', [['a', 0]]],
    ['p', [['a']]],
    ['p', { a: 1 }],
    ['vh', 'short'],
    ['sv', 0],
    ['prev', `${'A'.repeat(42)}B`],
    ['ref', true],
  ] as [string, LeafValue][])('refuse %s as %j', (field, value) => {
    expect(() => readLeaf(encodeLeaf({ ...leaf, [field]: value }))).toThrow(
      expect.objectContaining({ code: 'LEAF_FIELD_MALFORMED' }),
    )
  })

  it('must be there unless they are optional', () => {
    for (const field of ['v', 'k', 'id', 'n', 't', 'd']) {
      const { [field]: _, ...rest } = leaf
      expect(() => readLeaf(encodeLeaf(rest))).toThrow(LeafError)
    }
    for (const field of ['pg', 'ccy', 'amt', 'p', 'vh', 'sv', 'prev']) {
      const { [field]: _, ...rest } = leaf
      expect(readLeaf(encodeLeaf(rest))).toEqual(rest)
    }
  })

  it('may be joined by those of a kind', () => {
    const chunk = { ...leaf, k: 'batch.issue', count: 10_000 }
    expect(readLeaf(encodeLeaf(chunk))).toEqual(chunk)
  })
})

function objects(): fc.Arbitrary<LeafObject> {
  const text = fc.stringMatching(/^[ !#-[\]-~]{0,20}$/)
  const number = fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n))
  const scalar: fc.Arbitrary<LeafValue> = fc.oneof(text, number, fc.boolean())
  const value = fc.oneof(scalar, fc.array(scalar), fc.array(fc.array(scalar, { maxLength: 3 })))
  const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/)
  return fc.dictionary(key, value, { noNullPrototype: true }) as fc.Arbitrary<LeafObject>
}
