import type { Bytes } from '../../base/bytes.ts'
import { TlogError } from './error.ts'

/**
 * SHA-256, synchronous, handed in: `node:crypto` on the server, `@noble/hashes` in a page.
 * Its argument may be a buffer that we use again, so it must not keep it; its answer is ours.
 */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** The perfect subtree MTH(D[index * 2^level : (index + 1) * 2^level]). */
export type Node = Readonly<{ level: number; index: number }>

/** Answers the hash of a perfect subtree. It is asked only for subtrees within the tree. */
export type HashReader = (level: number, index: number) => Uint8Array

/** Hears of a perfect subtree that has all its leaves now. It may keep `hash`. */
export type Completed = (level: number, index: number, hash: Uint8Array) => void

/** Octets of a SHA-256 hash. */
export const hashLength = 32

/** Leaf hash: SHA-256(0x00 || entry), RFC 9162 section 2.1.1. `entry` is the stored octets. */
export function leafHash(sha256: Sha256, entry: Uint8Array): Uint8Array {
  const length = 1 + entry.length
  const prefixed = length <= scratch.length ? scratchOf(length) : new Uint8Array(length)
  prefixed.set(entry, 1)
  return sha256(prefixed)
}

// Two buffers that every hash goes through: allocating one each time took longer than hashing.
const scratch = new Uint8Array(1024)
const scratches: (Uint8Array | undefined)[] = new Array(scratch.length + 1)
const children = new Uint8Array(1 + 2 * hashLength)
children[0] = 0x01

/** The first octets of `scratch`: leaves have few lengths, and a view takes long to make. */
function scratchOf(length: number): Uint8Array {
  const made = scratches[length] ?? scratch.subarray(0, length)
  scratches[length] = made
  return made
}

/** Node hash: SHA-256(0x01 || left || right), RFC 9162 section 2.1.1. Both are 32 octets. */
export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== hashLength || right.length !== hashLength) {
    throw new TypeError('a hash has 32 octets')
  }
  children.set(left, 1)
  children.set(right, 1 + hashLength)
  return sha256(children)
}

/** Root of a tree without leaves: SHA-256(""), RFC 9162 section 2.1.1. */
export function emptyRoot(sha256: Sha256): Uint8Array {
  return sha256(new Uint8Array(0))
}

/**
 * The right edge of a growing tree: the roots of its perfect subtrees, largest first. It is all
 * that appending needs, at most 53 hashes. Single owner; not safe to share while appending.
 */
export class Frontier {
  readonly #sha256: Sha256
  #size = 0
  #roots: Uint8Array[] = []

  /** The empty tree. */
  constructor(sha256: Sha256) {
    this.#sha256 = sha256
  }

  /**
   * The tree of `size` leaves whose perfect subtree roots are `bytes`, as `serialise` wrote them.
   * Throws TlogError FRONTIER_MALFORMED when the length does not fit the size.
   */
  static restore(sha256: Sha256, size: number, bytes: Uint8Array): Frontier {
    if (!isSize(size) || bytes.length !== hashLength * onesIn(size)) {
      throw new TlogError('FRONTIER_MALFORMED', `frontier does not fit a tree of size ${size}`)
    }
    const frontier = new Frontier(sha256)
    frontier.#size = size
    for (let at = 0; at < bytes.length; at += hashLength) {
      frontier.#roots.push(bytes.slice(at, at + hashLength))
    }
    return frontier
  }

  /** Number of leaves. */
  get size(): number {
    return this.#size
  }

  /**
   * Adds a leaf by its leaf hash (32 octets, kept, not copied). `completed` is told of every
   * perfect subtree that this leaf finishes, from the leaf (level 0) upwards: what tiles store.
   */
  append(leaf: Uint8Array, completed?: Completed): void {
    if (leaf.length !== hashLength) throw new TypeError('a leaf hash has 32 octets')
    if (this.#size === Number.MAX_SAFE_INTEGER) throw new TypeError('the tree is full')
    let hash = leaf
    let rest = this.#size
    let level = 0
    completed?.(0, rest, hash)
    while (rest % 2 === 1) {
      const left = this.#roots.pop()
      if (left === undefined) throw new TypeError('frontier does not fit its size')
      hash = nodeHash(this.#sha256, left, hash)
      rest = (rest - 1) / 2
      level += 1
      completed?.(level, rest, hash)
    }
    this.#roots.push(hash)
    this.#size += 1
  }

  /** Root of the whole tree (32 octets), RFC 9162 section 2.1.1. */
  root(): Uint8Array {
    return fold(this.#sha256, this.#roots)
  }

  /** The perfect subtree roots, largest first, 32 octets each and nothing between them. */
  serialise(): Bytes {
    const bytes = new Uint8Array(hashLength * this.#roots.length)
    this.#roots.forEach((root, i) => {
      bytes.set(root, i * hashLength)
    })
    return bytes
  }
}

/** A reader over all leaf hashes of a tree, for small trees and tests: it stores nothing more. */
export function leafHashReader(sha256: Sha256, leafHashes: readonly Uint8Array[]): HashReader {
  return function read(level, index): Uint8Array {
    if (level > 0) {
      return nodeHash(sha256, read(level - 1, 2 * index), read(level - 1, 2 * index + 1))
    }
    const hash = leafHashes[index]
    if (hash === undefined) throw new TypeError(`leaf ${index} is not in the tree`)
    return hash
  }
}

/**
 * MTH(D[start:end]), RFC 9162 section 2.1.1, for a range that is a subtree of some tree: `start`
 * is a multiple of the largest power of two that fits in the range. Anything else is a TypeError.
 */
export function rangeRoot(
  sha256: Sha256,
  start: number,
  end: number,
  read: HashReader,
): Uint8Array {
  const hashes = perfectSubtrees(start, end).map(({ level, index }) => read(level, index))
  return fold(sha256, hashes)
}

/**
 * Inclusion proof PATH(index, D[size]), RFC 9162 section 2.1.3.1, leaf sibling first.
 * Throws a TypeError unless 0 <= index < size.
 */
export function proveInclusion(
  sha256: Sha256,
  index: number,
  size: number,
  read: HashReader,
): Uint8Array[] {
  return inclusionRanges(index, size).map(([start, end]) => rangeRoot(sha256, start, end, read))
}

/**
 * Consistency proof PROOF(first, D[second]), RFC 9162 section 2.1.4.1; empty when `first` is 0
 * (tlog-witness). Throws a TypeError unless 0 <= first <= second.
 */
export function proveConsistency(
  sha256: Sha256,
  first: number,
  second: number,
  read: HashReader,
): Uint8Array[] {
  return consistencyRanges(first, second).map(([start, end]) => rangeRoot(sha256, start, end, read))
}

/** The subtrees that `proveInclusion` will read: for whoever must fetch them beforehand. */
export function inclusionNodes(index: number, size: number): Node[] {
  return inclusionRanges(index, size).flatMap(([start, end]) => perfectSubtrees(start, end))
}

/** The subtrees that `proveConsistency` will read: for whoever must fetch them beforehand. */
export function consistencyNodes(first: number, second: number): Node[] {
  return consistencyRanges(first, second).flatMap(([start, end]) => perfectSubtrees(start, end))
}

/** The perfect subtrees that make up a range, largest first. Same condition as `rangeRoot`. */
export function perfectSubtrees(start: number, end: number): Node[] {
  if (!isSize(start) || !isSize(end) || start > end) throw new TypeError('no such range')
  const nodes: Node[] = []
  let at = start
  while (at < end) {
    let level = 0
    let width = 1
    while (2 * width <= end - at) {
      width *= 2
      level += 1
    }
    if (at % width !== 0) throw new TypeError(`${start} to ${end} is not a subtree`)
    nodes.push({ level, index: at / width })
    at += width
  }
  return nodes
}

/** True for what can be a tree size or a leaf index here: an integer from 0 to 2^53-1. */
export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

type Range = readonly [start: number, end: number]

function inclusionRanges(index: number, size: number): Range[] {
  if (!isSize(index) || !isSize(size) || index >= size) throw new TypeError('no such leaf')
  const ranges: Range[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start)
    if (index < middle) {
      ranges.push([middle, end])
      end = middle
    } else {
      ranges.push([start, middle])
      start = middle
    }
  }
  return ranges.reverse()
}

function consistencyRanges(first: number, second: number): Range[] {
  if (!isSize(first) || !isSize(second) || first > second) throw new TypeError('no such trees')
  if (first === 0) return []
  const ranges: Range[] = []
  let start = 0
  let end = second
  while (end !== first) {
    const middle = start + largestPowerBelow(end - start)
    if (first <= middle) {
      ranges.push([middle, end])
      end = middle
    } else {
      ranges.push([start, middle])
      start = middle
    }
  }
  // The old tree is itself a subtree from 0: the verifier holds its root and need not be told.
  if (start > 0) ranges.push([start, end])
  return ranges.reverse()
}

function fold(sha256: Sha256, roots: readonly Uint8Array[]): Uint8Array {
  let root = roots.at(-1)
  if (root === undefined) return emptyRoot(sha256)
  for (let i = roots.length - 2; i >= 0; i--) {
    root = nodeHash(sha256, roots[i] as Uint8Array, root)
  }
  return root
}

/** Largest power of two strictly smaller than `n`, for n > 1. */
function largestPowerBelow(n: number): number {
  let power = 1
  while (2 * power < n) power *= 2
  return power
}

function onesIn(size: number): number {
  let ones = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2
  return ones
}
