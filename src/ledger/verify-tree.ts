import { type Bytes, equal } from '../base/bytes.ts'
import { Weather } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { Frontier, hashLength, leafHash } from '../formats/tlog/merkle.ts'
import { bundlePath, decodeBundle, tilePath, tileWidth, widthAt } from '../formats/tlog/tiles.ts'
import type { Finder } from './findings.ts'
import type { LogSource } from './log-source.ts'

/** A root that the tree must have had at a size: an older checkpoint, a receipt. */
export interface Waypoint {
  readonly size: number
  readonly root: Uint8Array
  readonly check: 'since' | 'receipt' | 'root' | 'witnessed'
}

export interface Walk {
  readonly source: LogSource
  readonly size: number
  readonly findings: Finder
  readonly waypoints: readonly Waypoint[]
  /** Entries are not needed: a bundle that is not there is no finding. */
  readonly treeOnly: boolean
  /** Told of each entry in order, before its hash is anywhere else. */
  readonly entry: (index: number, bytes: Uint8Array, hash: Uint8Array) => void | Promise<void>
  /** Told how many leaves are done, once a bundle. */
  readonly progress: (done: number) => void
}

/**
 * Reads the log from its first leaf to its last, one bundle at a time: hashes its entries, grows
 * the tree, and compares every tile with it. Needs a few kilobytes however long the log is.
 * Answers the tree, or `undefined` when a piece is missing and it could not go on. Weather when
 * the source could not be read, or a copy of the log lacks a piece.
 */
export async function walkTree(walk: Walk): Promise<Frontier | undefined> {
  const { size, source, findings } = walk
  const tree = new Frontier(sha256)
  const upper = new UpperTiles(source, findings)
  const waypoints = new Waypoints(walk.waypoints, tree, findings)
  waypoints.look()
  const bundles = Math.ceil(size / tileWidth)
  let next: Promise<Piece> | undefined
  for (let n = 0; n < bundles; n++) {
    const piece = await (next ?? load(walk, n))
    // Reads ahead while this one is hashed; a failure is told when its turn comes.
    next = n + 1 < bundles && source.place === 'url' ? load(walk, n + 1) : undefined
    next?.catch(() => {})
    const hashes = await hashesOf(walk, n, piece)
    if (!hashes) return undefined
    for (let i = 0; i < hashes.length; i++) {
      tree.append(hashes[i] as Uint8Array, upper.note)
      waypoints.look()
    }
    await upper.compare()
    walk.progress(tree.size)
  }
  await upper.finish()
  return tree
}

interface Piece {
  readonly width: number
  readonly bundle: Bytes | undefined
  readonly tile: Bytes | undefined
}

async function load({ source, size }: Walk, n: number): Promise<Piece> {
  const width = widthAt(size, 0, n)
  const bundle = await source.bundle(n, width)
  return { width, bundle, tile: await source.tile(0, n, width) }
}

/** The leaf hashes of a bundle, checked against its tile. */
async function hashesOf(
  walk: Walk,
  n: number,
  { width, bundle, tile }: Piece,
): Promise<Uint8Array[] | undefined> {
  const { findings, source, treeOnly } = walk
  const first = n * tileWidth
  const good = tile?.length === width * hashLength ? tile : undefined
  if (tile && !good) findings.add('tile', `tile 0/${n} has the wrong length`, first)
  if (!tile) missing(source, findings, tilePath({ level: 0, index: n, width }), first)
  if (!bundle && treeOnly) return good && slices(good)
  if (!bundle) {
    // Which of its rows is missing is for `verifyRows` to say.
    missing(source, findings, bundlePath({ index: n, width }))
    return undefined
  }
  const entries = decode(findings, bundle, n, width)
  if (!entries) return undefined
  const hashes: Uint8Array[] = []
  let told = false
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as Uint8Array
    const hash = leafHash(sha256, entry)
    if (good && !told && !holds(good, i * hashLength, hash)) {
      findings.add('tile', `tile 0/${n} is not of the entries`, first + i)
      told = true
    }
    const waits = treeOnly ? undefined : walk.entry(first + i, entry, hash)
    if (waits) await waits
    hashes.push(hash)
  }
  return hashes
}

/** Whether the hash stands at `at`: without a view of the tile for every leaf. */
function holds(tile: Uint8Array, at: number, hash: Uint8Array): boolean {
  for (let i = 0; i < hashLength; i++) if (tile[at + i] !== hash[i]) return false
  return true
}

function decode(findings: Finder, bundle: Bytes, n: number, width: number) {
  try {
    return decodeBundle(bundle, width)
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    findings.add('bundle', error.message, n * tileWidth)
    return undefined
  }
}

/** A database is the log itself; of a copy we cannot say whose fault it is. */
function missing(source: LogSource, findings: Finder, path: string, index?: number): void {
  if (source.place !== 'database') throw new Weather(`the log has no ${path}`, undefined)
  findings.add(index === undefined ? 'bundle' : 'tile', `${path} is missing`, index)
}

function slices(tile: Bytes): Uint8Array[] {
  const count = tile.length / hashLength
  return Array.from({ length: count }, (_, i) => tile.slice(i * hashLength, (i + 1) * hashLength))
}

/** Compares roots as the tree passes their sizes. */
class Waypoints {
  readonly #left: Waypoint[]
  readonly #tree: Frontier
  readonly #findings: Finder

  constructor(waypoints: readonly Waypoint[], tree: Frontier, findings: Finder) {
    this.#left = waypoints.toSorted((a, b) => b.size - a.size)
    this.#tree = tree
    this.#findings = findings
  }

  look(): void {
    for (let next = this.#left.at(-1); next?.size === this.#tree.size; next = this.#left.at(-1)) {
      this.#left.pop()
      if (equal(next.root, this.#tree.root())) continue
      this.#findings.add(next.check, `the tree of ${next.size} leaves has another root`)
    }
  }
}

/** Collects what the tiles above the leaves must hold, and compares each when it is full. */
class UpperTiles {
  readonly #source: LogSource
  readonly #findings: Finder
  readonly #growing: { index: number; width: number; data: Uint8Array }[] = []
  readonly #full: { level: number; index: number; data: Uint8Array }[] = []

  constructor(source: LogSource, findings: Finder) {
    this.#source = source
    this.#findings = findings
  }

  readonly note = (treeLevel: number, _index: number, hash: Uint8Array): void => {
    if (treeLevel === 0 || treeLevel % 8 !== 0) return
    const level = treeLevel / 8
    let tile = this.#growing[level - 1]
    if (!tile) {
      tile = { index: 0, width: 0, data: new Uint8Array(tileWidth * hashLength) }
      this.#growing[level - 1] = tile
    }
    tile.data.set(hash, tile.width * hashLength)
    tile.width++
    if (tile.width < tileWidth) return
    this.#full.push({ level, index: tile.index, data: tile.data.slice() })
    tile.index++
    tile.width = 0
  }

  async compare(): Promise<void> {
    for (const { level, index, data } of this.#full.splice(0)) {
      await this.#same(level, index, tileWidth, data)
    }
  }

  /** The last tile of each level, where it is partial. */
  async finish(): Promise<void> {
    for (const [i, { index, width, data }] of this.#growing.entries()) {
      if (width > 0) await this.#same(i + 1, index, width, data.subarray(0, width * hashLength))
    }
  }

  async #same(level: number, index: number, width: number, data: Uint8Array): Promise<void> {
    const first = index * tileWidth ** (level + 1)
    const stored = await this.#source.tile(level, index, width)
    if (!stored) missing(this.#source, this.#findings, tilePath({ level, index, width }), first)
    else if (!equal(stored, data)) {
      this.#findings.add('tile', `tile ${level}/${index} is not of the tree`, first)
    }
  }
}
