import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64url, toBase64url, utf8 } from '../../src/base/bytes.ts'
import {
  commit,
  DisclosureError,
  decoy,
  digest,
  disclosureNames,
  formatDisclosure,
  openDisclosure,
  parseDisclosure,
} from '../../src/formats/disclosure.ts'
import { readLeaf } from '../../src/formats/leaf.ts'
import { hex, sha256, specJson } from './tlog/support.ts'

type Made = { name: string; value: string; salt: string; disclosure: string; digest: string }
type Vectors = { leaves: { bytes_hex: string; disclosures: (Made | { decoy: true })[] }[] }

const { leaves } = specJson<Vectors>('leaf-encoding.json')

describe('a disclosure', () => {
  it('of every vector is made, read, and opens its leaf', () => {
    for (const { bytes_hex, disclosures } of leaves) {
      const leaf = readLeaf(hex(bytes_hex))
      for (const made of disclosures) {
        if ('decoy' in made) continue
        const parts = { salt: fromBase64url(made.salt)!, name: made.name, value: made.value }
        expect(formatDisclosure(parts)).toBe(made.disclosure)
        expect(parseDisclosure(made.disclosure)).toEqual(parts)
        expect(digest(sha256, made.disclosure)).toBe(made.digest)
        expect(openDisclosure(sha256, made.disclosure, leaf.d)).toEqual(parts)
        expect(openDisclosure(sha256, made.disclosure, leaf.d.slice(4))).toBeUndefined()
      }
    }
  })

  it('carries any text', () => {
    const salt = new Uint8Array(32)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const parts = { salt, name: 'reason', value }
        expect(parseDisclosure(formatDisclosure(parts))).toEqual(parts)
      }),
    )
  })

  it('that is malformed is refused with nothing but the declared error', () => {
    const salt = 'A'.repeat(22)
    const json = [
      ...['', '[', 'null', '{}', '[]', `["${salt}","a"]`, `["${salt}","a","b","c"]`],
      ...[`["${salt}","a",1]`, `["","a","b"]`, `["${salt}=","a","b"]`, '['.repeat(9_000)],
      ...[`["${'A'.repeat(20)}","a","b"]`, `["${'A'.repeat(200)}","a","b"]`],
    ]
    const wrong = ['=', 'AB', ' ', 'A'.repeat(20_000), ...json.map((j) => toBase64url(utf8(j)))]
    for (const text of wrong) expect(() => parseDisclosure(text)).toThrow(DisclosureError)
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uint8Array().map(toBase64url)), (text) => {
        expect(() => parseDisclosure(text)).toThrow(DisclosureError)
      }),
    )
  })
})

describe('a commitment', () => {
  it('always has six sorted digests, whatever is given', () => {
    const some = fc.subarray([...disclosureNames])
    fc.assert(
      fc.property(some, (names) => {
        const values = Object.fromEntries(names.map((name) => [name, `value of ${name}`]))
        const { digests, disclosures } = commit(sha256, randomBytes, values)
        expect(digests).toHaveLength(6)
        expect(digests).toEqual([...new Set(digests)].sort())
        expect(disclosures.map(({ name }) => name)).toEqual(
          disclosureNames.filter((name) => names.includes(name)),
        )
        for (const made of disclosures) {
          const opened = openDisclosure(sha256, made.disclosure, digests)
          expect(opened).toMatchObject({ name: made.name, value: `value of ${made.name}` })
        }
      }),
    )
  })

  it('takes a fresh salt of 32 octets for each value and decoy', () => {
    const asked: number[] = []
    const counting = (octets: number) => {
      asked.push(octets)
      return new Uint8Array(octets).fill(asked.length)
    }
    const { digests } = commit(sha256, counting, { member: 'M', merchant: 'M' })
    expect(asked).toEqual([32, 32, 32, 32, 32, 32])
    expect(new Set(digests).size).toBe(6)
    expect(commit(sha256, randomBytes, { member: 'M' }).digests).not.toEqual(
      commit(sha256, randomBytes, { member: 'M' }).digests,
    )
  })

  it('looks the same for a decoy as for a value', () => {
    expect(decoy(sha256, randomBytes)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(() => decoy(sha256, () => new Uint8Array(16))).toThrow(TypeError)
  })
})
