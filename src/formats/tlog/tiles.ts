import { type Bytes, concat } from '../../base/bytes.ts'
import { TlogError } from './error.ts'
import {
  type HashReader,
  hashLength,
  isSize,
  leafHashReader,
  type Node,
  type Sha256,
} from './merkle.ts'

/**
 * A tile of hashes (tlog-tiles, "Merkle Tree"). Its hash i is the perfect subtree of level
 * 8 * `level` at 256 * `index` + i. `width` is the number of its hashes: 256, or less if partial.
 */
export type Tile = Readonly<{ level: number; index: number; width: number }>

/** An entry bundle (tlog-tiles, "Log entries"): entries from 256 * `index`, `width` of them. */
export type Bundle = Readonly<{ index: number; width: number }>

/** What a path names. */
export type TilePath = Readonly<{ kind: 'tile' } & Tile> | Readonly<{ kind: 'entries' } & Bundle>

/** Hashes in a full tile, entries in a full bundle. */
export const tileWidth = 256

/** The longest entry that a bundle can hold, in octets. */
export const maxEntryLength = 65_535

const maxLevel = 63

/** `tile/<L>/<N>[.p/<W>]` (tlog-tiles, "Merkle Tree"). TypeError for what is no tile. */
export function tilePath({ level, index, width }: Tile): string {
  if (!isSize(level) || level > maxLevel) throw new TypeError('no such level')
  return `tile/${level}/${position(index, width)}`
}

/** `tile/entries/<N>[.p/<W>]` (tlog-tiles, "Log entries"). TypeError for what is no bundle. */
export function bundlePath({ index, width }: Bundle): string {
  return `tile/entries/${position(index, width)}`
}

/**
 * Reads the path of a tile or bundle, without the log's prefix. There is one spelling of each:
 * no `.p/256`, no needless `x000`. Throws TlogError TILE_PATH_MALFORMED.
 */
export function parseTilePath(path: string): TilePath {
  const match = path.length <= 100 ? pathPattern.exec(path) : null
  if (match === null) throw new TlogError('TILE_PATH_MALFORMED', 'not the path of a tile')
  const [, level = '', groups = '', partial] = match
  const index = Number(groups.replaceAll(/[x/]/g, ''))
  const width = partial === undefined ? tileWidth : Number(partial)
  if (!isSize(index) || width > tileWidth - Number(partial !== undefined)) {
    throw new TlogError('TILE_PATH_MALFORMED', 'index or width of the tile is out of range')
  }
  if (path !== `tile/${level}/${position(index, width)}`) {
    throw new TlogError('TILE_PATH_MALFORMED', 'path of the tile is not the canonical one')
  }
  if (level === 'entries') return { kind: 'entries', index, width }
  if (Number(level) > maxLevel) throw new TlogError('TILE_PATH_MALFORMED', 'no such level')
  return { kind: 'tile', level: Number(level), index, width }
}

/** Number of full tiles at a level of a tree of `size` leaves; level 0 is also the bundles. */
export function fullTiles(size: number, level: number): number {
  return Math.floor(size / tileWidth ** (level + 1))
}

/** Width of the last, partial tile at a level: 0 to 255, and 0 means that there is none. */
export function partialWidth(size: number, level: number): number {
  return Math.floor(size / tileWidth ** level) % tileWidth
}

/** Width that a tile has in a tree of `size` leaves: 256, the partial width, or 0 if not there. */
export function widthAt(size: number, level: number, index: number): number {
  const full = fullTiles(size, level)
  if (index < full) return tileWidth
  return index === full ? partialWidth(size, level) : 0
}

/**
 * The tiles that a tree of `newSize` leaves has and one of `oldSize` has not, lowest level first:
 * what to publish after growing. From 0 it is all of them. Lazy, for large trees.
 */
export function* newTiles(oldSize: number, newSize: number): Generator<Tile> {
  if (!isSize(oldSize) || !isSize(newSize)) throw new TypeError('no such trees')
  if (oldSize >= newSize) return
  for (let level = 0; newSize >= tileWidth ** level; level++) {
    const full = fullTiles(newSize, level)
    for (let index = fullTiles(oldSize, level); index < full; index++) {
      yield { level, index, width: tileWidth }
    }
    const width = partialWidth(newSize, level)
    const unchanged = fullTiles(oldSize, level) === full && partialWidth(oldSize, level) === width
    if (width > 0 && !unchanged) yield { level, index: full, width }
  }
}

/** The leaves [start, end) under the hashes of a tile. */
export function tileRange({ level, index, width }: Tile): Readonly<{ start: number; end: number }> {
  const leaves = tileWidth ** level
  const start = index * tileWidth * leaves
  return { start, end: start + width * leaves }
}

/** The octets of a tile, 32 for each hash, from a reader of perfect subtrees. */
export function tileData({ level, index, width }: Tile, read: HashReader): Bytes {
  const data = new Uint8Array(width * hashLength)
  for (let i = 0; i < width; i++) {
    data.set(read(8 * level, index * tileWidth + i), i * hashLength)
  }
  return data
}

/** The tiles, each once, from which a tree of `size` leaves answers these perfect subtrees. */
export function tilesFor(nodes: readonly Node[], size: number): Tile[] {
  const tiles = new Map<string, Tile>()
  for (const node of nodes) {
    const { level, index } = place(node)
    const tile = { level, index, width: widthAt(size, level, index) }
    tiles.set(`${level}/${index}`, tile)
  }
  return [...tiles.values()]
}

/**
 * A reader of perfect subtrees over the tiles of a tree of `size` leaves. `readTile` answers at
 * least the first `width` hashes of a tile, so that a full tile may stand in for a partial one.
 * Reading throws TlogError TILE_MALFORMED when the octets are fewer or no whole number of hashes.
 */
export function tileReader(
  sha256: Sha256,
  size: number,
  readTile: (tile: Tile) => Uint8Array,
): HashReader {
  return (level, index) => {
    const { start, count, ...at } = place({ level, index })
    const width = widthAt(size, at.level, at.index)
    if (start + count > width) throw new TypeError('the subtree is not in the tree')
    const data = readTile({ ...at, width })
    if (data.length < width * hashLength || data.length % hashLength !== 0) {
      throw new TlogError('TILE_MALFORMED', `tile ${at.level}/${at.index} is cut short`)
    }
    // Within the tile its hashes are the leaves of a small tree.
    const hashes = Array.from({ length: count }, (_, i) =>
      data.slice((start + i) * hashLength, (start + i + 1) * hashLength),
    )
    return leafHashReader(sha256, hashes)(level % 8, 0)
  }
}

/**
 * An entry bundle: for each entry its length as big-endian uint16, then the entry. At most 256
 * entries of at most 65 535 octets; TypeError otherwise.
 */
export function encodeBundle(entries: readonly Uint8Array[]): Bytes {
  if (entries.length > tileWidth) throw new TypeError('a bundle has at most 256 entries')
  const parts = entries.flatMap((entry) => {
    if (entry.length > maxEntryLength) throw new TypeError('an entry has at most 65535 octets')
    return [Uint8Array.of(Math.floor(entry.length / 256), entry.length % 256), entry]
  })
  return concat(...parts)
}

/**
 * The entries of a bundle of exactly `width` (1 to 256), as views into `bytes`.
 * Throws TlogError BUNDLE_MALFORMED when it is cut short or something follows.
 */
export function decodeBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (entries.length < width) {
    const start = at + 2
    const end = start + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
    if (start > bytes.length || end > bytes.length) {
      throw new TlogError('BUNDLE_MALFORMED', `bundle is cut short at entry ${entries.length}`)
    }
    entries.push(bytes.subarray(start, end))
    at = end
  }
  if (at !== bytes.length) throw new TlogError('BUNDLE_MALFORMED', 'something follows the bundle')
  return entries
}

const pathPattern =
  /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/

function position(index: number, width: number): string {
  if (!isSize(index)) throw new TypeError('no such tile')
  if (!isSize(width) || width < 1 || width > tileWidth) throw new TypeError('no such width')
  const digits = String(index)
  const padded = digits.padStart(3 * Math.ceil(digits.length / 3), '0')
  const groups = padded.match(/[0-9]{3}/g) ?? []
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return width === tileWidth ? name : `${name}.p/${width}`
}

/** Where a perfect subtree lies: a tile, the first of its hashes in it, and how many. */
function place({ level, index }: Node) {
  const count = 2 ** (level % 8)
  const first = index * count
  const start = first % tileWidth
  return {
    level: Math.floor(level / 8),
    index: Math.floor(first / tileWidth),
    start,
    count,
  }
}
