import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../../src/base/bytes.ts'
import { TlogError } from '../../../src/formats/tlog/error.ts'
import {
  consistencyNodes,
  Frontier,
  type HashReader,
  inclusionNodes,
  leafHash,
  proveConsistency,
  proveInclusion,
  rangeRoot,
} from '../../../src/formats/tlog/merkle.ts'
import { verifyConsistency, verifyInclusion } from '../../../src/formats/tlog/proof.ts'
import {
  bundlePath,
  decodeBundle,
  encodeBundle,
  fullTiles,
  newTiles,
  parseTilePath,
  partialWidth,
  type Tile,
  tileData,
  tilePath,
  tileRange,
  tileReader,
  tilesFor,
  widthAt,
} from '../../../src/formats/tlog/tiles.ts'
import { decimalEntry, hex, sha256, specJson } from './support.ts'

type Vectors = {
  root_hex: string
  root_hex_at: Record<string, string>
  tiles: { path: string; bytes: number; sha256: string }[]
  inclusion: { i: number; n: number; leaf_hash: string; proof: string[] }[]
  consistency: { m: number; n: number; proof: string[] }[]
}

const vectors = specJson<Vectors>('tiles-70000.json')
const size = 70_000
const nodes = new Map<string, Uint8Array>()
const read: HashReader = (level, index) => nodes.get(`${level}/${index}`)!
const rootAt = new Map<number, Uint8Array>()
const stored = new Map<string, Uint8Array>()

beforeAll(() => {
  const frontier = new Frontier(sha256)
  for (let i = 0; i < size; i++) {
    const leaf = leafHash(sha256, decimalEntry(i))
    frontier.append(leaf, (level, index, hash) => nodes.set(`${level}/${index}`, hash))
    if (vectors.root_hex_at[i + 1]) rootAt.set(i + 1, frontier.root())
  }
  for (const tile of newTiles(0, size)) stored.set(tilePath(tile), tileData(tile, read))
})

describe('a log of 70 000 entries', () => {
  it('has the roots of every vector', () => {
    for (const [at, root] of Object.entries(vectors.root_hex_at)) {
      expect(toHex(rootAt.get(Number(at))!)).toBe(root)
      expect(toHex(rangeRoot(sha256, 0, Number(at), read))).toBe(root)
    }
    expect(toHex(rootAt.get(size)!)).toBe(vectors.root_hex)
  })

  it('has exactly the 277 tiles of the vectors, octet for octet', () => {
    const made = [...stored].map(([path, data]) => ({
      path,
      bytes: data.length,
      sha256: createHash('sha256').update(data).digest('hex'),
    }))
    expect(made).toEqual(vectors.tiles)
  })

  it('proves from its tiles what the vectors prove', () => {
    const asked: Tile[] = []
    const fromTiles = tileReader(sha256, size, (tile) => {
      asked.push(tile)
      return stored.get(tilePath(tile))!
    })
    for (const { i, n, leaf_hash, proof } of vectors.inclusion) {
      expect(n).toBe(size)
      asked.length = 0
      const made = proveInclusion(sha256, i, n, fromTiles)
      expect(made.map(toHex)).toEqual(proof)
      expect(paths(tilesFor(inclusionNodes(i, n), size))).toEqual(paths(asked))
      const root = hex(vectors.root_hex)
      verifyInclusion(sha256, { index: i, size: n, leafHash: hex(leaf_hash), proof: made, root })
    }
    for (const { m, n, proof } of vectors.consistency) {
      asked.length = 0
      const made = proveConsistency(sha256, m, n, fromTiles)
      expect(made.map(toHex)).toEqual(proof)
      expect(paths(tilesFor(consistencyNodes(m, n), size))).toEqual(paths(asked))
      const roots = {
        firstRoot: rangeRoot(sha256, 0, m, fromTiles),
        secondRoot: rangeRoot(sha256, 0, n, fromTiles),
      }
      verifyConsistency(sha256, { first: m, second: n, ...roots, proof: made })
    }
  })

  it('reads any subtree from its tiles, a full tile standing in for a partial one too', () => {
    const padded = tileReader(sha256, size, (tile) => {
      const data = new Uint8Array(8192)
      data.set(stored.get(tilePath(tile))!)
      return data
    })
    fc.assert(
      fc.property(fc.nat(16), fc.nat(size), (level, i) => {
        const index = i % Math.floor(size / 2 ** level)
        expect(toHex(padded(level, index))).toBe(toHex(read(level, index)))
      }),
    )
  })

  it('calls a subtree beyond the tree a mistake, and a tile cut short malformed', () => {
    const reader = tileReader(sha256, size, () => new Uint8Array(31))
    expect(() => reader(0, size)).toThrow(TypeError)
    expect(() => reader(0, 0)).toThrow(expect.objectContaining({ code: 'TILE_MALFORMED' }))
  })
})

describe('which tiles there are', () => {
  it('follows from the size', () => {
    expect([0, 1, 2, 3].map((level) => fullTiles(size, level))).toEqual([273, 1, 0, 0])
    expect([0, 1, 2, 3].map((level) => partialWidth(size, level))).toEqual([112, 17, 1, 0])
    expect([272, 273, 274].map((index) => widthAt(size, 0, index))).toEqual([256, 112, 0])
    expect(partialWidth(2 ** 53 - 1, 63)).toBe(0)
    expect(tileRange({ level: 1, index: 1, width: 17 })).toEqual({ start: 65_536, end: 69_888 })
  })

  it('grows by exactly the tiles that were not there', () => {
    fc.assert(
      fc.property(fc.nat(200_000), fc.nat(3_000), (before, more) => {
        const after = before + more
        const had = new Set(paths([...newTiles(0, before)]))
        const expected = paths([...newTiles(0, after)]).filter((path) => !had.has(path))
        expect(paths([...newTiles(before, after)])).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })
})

describe('paths', () => {
  type Paths = { n: number; full: string; partial7: string; bundle: string; bundle_partial: string }
  it('are those of every vector, both ways', () => {
    for (const { n, ...path } of specJson<Paths[]>('tile-paths.json')) {
      expect(tilePath({ level: 0, index: n, width: 256 })).toBe(path.full)
      expect(tilePath({ level: 3, index: n, width: 7 })).toBe(path.partial7)
      expect(bundlePath({ index: n, width: 256 })).toBe(path.bundle)
      expect(bundlePath({ index: n, width: 255 })).toBe(path.bundle_partial)
      expect(parseTilePath(path.full)).toEqual({ kind: 'tile', level: 0, index: n, width: 256 })
      expect(parseTilePath(path.partial7)).toEqual({ kind: 'tile', level: 3, index: n, width: 7 })
      expect(parseTilePath(path.bundle)).toEqual({ kind: 'entries', index: n, width: 256 })
      const partial = { kind: 'entries', index: n, width: 255 }
      expect(parseTilePath(path.bundle_partial)).toEqual(partial)
    }
  })

  it.each([
    '',
    'checkpoint',
    '/tile/0/000',
    'tile/0/000/',
    'tile/00/000',
    'tile/64/000',
    'tile/100/000',
    'tile/-1/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/0/X001/002',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/999',
    'tile/0/000.p/',
    'tile/0/000.p/1/2',
    'tile/0/000\n',
    'tile/data/000',
    'tile/0/x009/x007/x199/x254/x740/992',
  ])('%j is refused', (path) => {
    refusePath(path)
  })

  it('of any length are refused at once', () => {
    refusePath(`tile/0/${'x001/'.repeat(1_000_000)}000`)
  })

  it('have one spelling for each tile, up to 2^53-1', () => {
    const index = fc.oneof(fc.nat(5000), fc.maxSafeNat())
    fc.assert(
      fc.property(index, fc.nat(63), fc.integer({ min: 1, max: 256 }), (index, level, width) => {
        const tile = { level, index, width }
        expect(parseTilePath(tilePath(tile))).toEqual({ kind: 'tile', ...tile })
        const bundle = { index, width }
        expect(parseTilePath(bundlePath(bundle))).toEqual({ kind: 'entries', ...bundle })
      }),
    )
    const pieces = fc.constantFrom('tile/', 'entries/', '0/', 'x001/', '000', '.p/', '7', '256')
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        onlyDeclared(() => {
          const read = parseTilePath(parts.join(''))
          expect(read.kind === 'tile' ? tilePath(read) : bundlePath(read)).toBe(parts.join(''))
        })
      }),
      { numRuns: 2000 },
    )
  })

  it('of no tile are a mistake to write', () => {
    for (const wrong of [
      { level: 64 },
      { level: -1 },
      { index: -1 },
      { width: 0 },
      { width: 257 },
    ]) {
      expect(() => tilePath({ level: 0, index: 0, width: 1, ...wrong })).toThrow(TypeError)
    }
  })
})

describe('entry bundles', () => {
  it('give back the entries that were put in', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 256 })
    fc.assert(
      fc.property(entries, (entries) => {
        const read = decodeBundle(encodeBundle(entries), entries.length)
        expect(read.map(toHex)).toEqual(entries.map(toHex))
      }),
    )
    const long = new Uint8Array(65_535).fill(1)
    expect(decodeBundle(encodeBundle([long]), 1)[0]).toEqual(long)
    expect(toHex(encodeBundle([new Uint8Array(0), Uint8Array.of(7)]))).toBe('0000000107')
  })

  it('are refused when cut short, too long, or of another width', () => {
    const bundle = encodeBundle([Uint8Array.of(1, 2), Uint8Array.of(3)])
    const refused = expect.objectContaining({ code: 'BUNDLE_MALFORMED' })
    for (let length = 0; length < bundle.length; length++) {
      expect(() => decodeBundle(bundle.subarray(0, length), 2)).toThrow(refused)
    }
    expect(() => decodeBundle(Uint8Array.of(...bundle, 0), 2)).toThrow(refused)
    expect(() => decodeBundle(bundle, 1)).toThrow(refused)
    expect(() => decodeBundle(bundle, 3)).toThrow(refused)
  })

  it('that are random octets throw nothing but the declared error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(256), (bytes, width) => {
        onlyDeclared(() => decodeBundle(bytes, width))
      }),
    )
  })

  it('never hold more than 256 entries, or one of 65 536 octets', () => {
    const many = Array.from({ length: 257 }, () => new Uint8Array(0))
    expect(() => encodeBundle(many)).toThrow(TypeError)
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(TypeError)
  })
})

function paths(tiles: readonly Tile[]): string[] {
  return [...new Set(tiles.map(tilePath))]
}

function refusePath(path: string): void {
  expect(() => parseTilePath(path)).toThrow(
    expect.objectContaining({ name: 'TlogError', code: 'TILE_PATH_MALFORMED' }),
  )
}

function onlyDeclared(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
  }
}
