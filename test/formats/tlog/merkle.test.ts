import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBase64, toHex, utf8 } from '../../../src/base/bytes.ts'
import { TlogError } from '../../../src/formats/tlog/error.ts'
import { listRoot } from '../../../src/formats/tlog/list-root.ts'
import {
  consistencyNodes,
  emptyRoot,
  Frontier,
  inclusionNodes,
  leafHash,
  leafHashReader,
  perfectSubtrees,
  proveConsistency,
  proveInclusion,
  rangeRoot,
} from '../../../src/formats/tlog/merkle.ts'
import { hex, sha256, specJson } from './support.ts'

type Roots = { leaves_hex: string[]; leaf_hashes_hex?: string[]; roots_hex_by_size: string[] }

const roots = specJson<Roots>('merkle-roots.json')
const hashes = roots.leaves_hex.map((leaf) => leafHash(sha256, hex(leaf)))
const read = leafHashReader(sha256, hashes)

describe('roots', () => {
  it.each(['merkle-roots.json', 'ct-reference.json'])('agree with every size of %s', (file) => {
    const { leaves_hex, leaf_hashes_hex, roots_hex_by_size } = specJson<Roots>(file)
    const frontier = new Frontier(sha256)
    expect(toHex(frontier.root())).toBe(roots_hex_by_size[0])
    for (const [i, leaf] of leaves_hex.entries()) {
      const hash = leafHash(sha256, hex(leaf))
      if (leaf_hashes_hex) expect(toHex(hash)).toBe(leaf_hashes_hex[i])
      frontier.append(hash)
      expect(frontier.size).toBe(i + 1)
      expect(toHex(frontier.root())).toBe(roots_hex_by_size[i + 1])
    }
    expect(roots_hex_by_size).toHaveLength(leaves_hex.length + 1)
  })

  it('meets the anchors of the design', () => {
    const anchor = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect(toHex(emptyRoot(sha256))).toBe(anchor)
    expect(toBase64(rangeRoot(sha256, 0, 70, read))).toBe(
      'nnbvYmjJh00855hWwXwtSkR/kVUEA1OtWTSvmoUxOfg=',
    )
  })
})

describe('the root of a list', () => {
  it('is that of the tree of its entries, at every size', () => {
    const into = (bytes: Uint8Array, hashes: Uint8Array, at: number) => {
      hashes.set(sha256(bytes), at)
    }
    const tree = new Frontier(sha256)
    let list = new Uint8Array(0)
    for (let i = 0; i <= 70; i++) {
      expect(toHex(listRoot(into, list, 16)), `${i} entries`).toBe(toHex(tree.root()))
      const entry = sha256(utf8(String(i))).slice(0, 16)
      list = Uint8Array.of(...list, ...entry)
      tree.append(leafHash(sha256, entry))
    }
    expect(() => listRoot(into, list.subarray(1), 16)).toThrow(TypeError)
  })
})

describe('a leaf hash', () => {
  it('is that of the prefixed entry at every length', () => {
    for (const length of [0, 1, 1022, 1023, 1024, 1025, 65_535]) {
      const entry = new Uint8Array(length).fill(9)
      const expected = sha256(Buffer.concat([Uint8Array.of(0), entry]))
      expect(toHex(leafHash(sha256, entry))).toBe(toHex(expected))
    }
  })
})

describe('a frontier', () => {
  it('goes on from its serialised octets at every size', () => {
    let frontier = new Frontier(sha256)
    for (const [i, hash] of hashes.entries()) {
      frontier = Frontier.restore(sha256, i, frontier.serialise())
      frontier.append(hash)
      expect(toHex(frontier.root())).toBe(roots.roots_hex_by_size[i + 1])
    }
  })

  it('counts beyond 32 bits', () => {
    const size = 2 ** 40 + 2 ** 33 + 1
    const frontier = Frontier.restore(sha256, size, new Uint8Array(96).fill(7))
    const heard: [number, number][] = []
    frontier.append(new Uint8Array(32), (level, index) => heard.push([level, index]))
    expect(frontier.size).toBe(size + 1)
    expect(frontier.serialise()).toHaveLength(96)
    expect(heard).toEqual([
      [0, size],
      [1, (size - 1) / 2],
    ])
  })

  it('refuses octets that do not fit the size', () => {
    for (const [size, length] of [
      [1, 0],
      [1, 31],
      [1, 64],
      [3, 32],
      [0, 32],
      [-1, 0],
      [0.5, 0],
    ]) {
      const restore = () => Frontier.restore(sha256, size!, new Uint8Array(length!))
      expect(restore).toThrow(expect.objectContaining({ code: 'FRONTIER_MALFORMED' }))
      expect(restore).toThrow(TlogError)
    }
  })

  it('tells of every perfect subtree exactly once, with its hash', () => {
    const frontier = new Frontier(sha256)
    const heard = new Map<string, string>()
    for (const hash of hashes) {
      frontier.append(hash, (level, index, node) => {
        expect(heard.has(`${level}/${index}`)).toBe(false)
        heard.set(`${level}/${index}`, toHex(node))
      })
    }
    let expected = 0
    for (let level = 0; 2 ** level <= hashes.length; level++) {
      for (let index = 0; (index + 1) * 2 ** level <= hashes.length; index++) {
        expect(heard.get(`${level}/${index}`)).toBe(toHex(read(level, index)))
        expected++
      }
    }
    expect(heard.size).toBe(expected)
  })
})

describe('proofs', () => {
  it('of inclusion are those of every vector', () => {
    for (const { i, n, proof } of specJson<{ i: number; n: number; proof: string[] }[]>(
      'inclusion.json',
    )) {
      expect(proveInclusion(sha256, i, n, read).map(toHex)).toEqual(proof)
    }
  })

  it('of consistency are those of every vector', () => {
    for (const { m, n, proof } of specJson<{ m: number; n: number; proof: string[] }[]>(
      'consistency.json',
    )) {
      expect(proveConsistency(sha256, m, n, read).map(toHex)).toEqual(proof)
    }
  })

  it('from the empty tree and between equal trees are empty', () => {
    expect(proveConsistency(sha256, 0, 9, read)).toEqual([])
    expect(proveConsistency(sha256, 9, 9, read)).toEqual([])
    expect(proveConsistency(sha256, 0, 0, read)).toEqual([])
  })

  it('name beforehand exactly the subtrees that they read', () => {
    const asked: { level: number; index: number }[] = []
    const noting = (level: number, index: number) => {
      asked.push({ level, index })
      return read(level, index)
    }
    proveInclusion(sha256, 41, 70, noting)
    expect(asked).toEqual(inclusionNodes(41, 70))
    asked.length = 0
    proveConsistency(sha256, 41, 70, noting)
    expect(asked).toEqual(consistencyNodes(41, 70))
  })

  it('ask in a tree of 2^53-1 leaves for no more than its height', () => {
    const size = Number.MAX_SAFE_INTEGER
    const constant = () => new Uint8Array(32)
    for (const index of [0, 1, 2 ** 31, 2 ** 32 + 1, size - 2, size - 1]) {
      expect(proveInclusion(sha256, index, size, constant).length).toBeLessThanOrEqual(53)
      expect(proveConsistency(sha256, index, size, constant).length).toBeLessThanOrEqual(54)
    }
  })

  it('call a leaf or a tree that is not there a mistake', () => {
    for (const [i, n] of [
      [0, 0],
      [5, 5],
      [-1, 5],
      [0.5, 5],
      [0, 2 ** 53],
      [Number.NaN, 5],
    ]) {
      expect(() => proveInclusion(sha256, i!, n!, read)).toThrow(TypeError)
    }
    expect(() => proveConsistency(sha256, 6, 5, read)).toThrow(TypeError)
    expect(() => perfectSubtrees(1, 3)).toThrow(TypeError)
    expect(() => perfectSubtrees(5, 4)).toThrow(TypeError)
  })
})

describe('against a plain recursion', () => {
  const trees = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 90 })

  it('random trees have the same roots and proofs', () => {
    fc.assert(
      fc.property(trees, fc.nat(), fc.nat(), (entries, a, b) => {
        const leaves = entries.map((entry) => leafHash(sha256, entry))
        const reader = leafHashReader(sha256, leaves)
        const frontier = new Frontier(sha256)
        for (const leaf of leaves) frontier.append(leaf)
        expect(toHex(frontier.root())).toBe(toHex(mth(entries)))
        expect(toHex(rangeRoot(sha256, 0, entries.length, reader))).toBe(toHex(mth(entries)))
        const n = 1 + (a % entries.length)
        const m = b % n
        const tree = entries.slice(0, n)
        expect(proveInclusion(sha256, m, n, reader).map(toHex)).toEqual(path(m, tree).map(toHex))
        const steps = subproof(m + 1, tree, true)
        expect(proveConsistency(sha256, m + 1, n, reader).map(toHex)).toEqual(steps.map(toHex))
      }),
    )
  })
})

// RFC 9162 section 2.1, word by word.

function mth(d: Uint8Array[]): Uint8Array {
  if (d.length === 0) return sha256(utf8(''))
  if (d.length === 1) return sha256(Buffer.concat([Uint8Array.of(0), d[0]!]))
  const k = split(d.length)
  return sha256(Buffer.concat([Uint8Array.of(1), mth(d.slice(0, k)), mth(d.slice(k))]))
}

function path(m: number, d: Uint8Array[]): Uint8Array[] {
  if (d.length === 1) return []
  const k = split(d.length)
  return m < k
    ? [...path(m, d.slice(0, k)), mth(d.slice(k))]
    : [...path(m - k, d.slice(k)), mth(d.slice(0, k))]
}

function subproof(m: number, d: Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === d.length) return whole ? [] : [mth(d)]
  const k = split(d.length)
  return m <= k
    ? [...subproof(m, d.slice(0, k), whole), mth(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))]
}

function split(n: number): number {
  return 2 ** Math.ceil(Math.log2(n) - 1)
}
