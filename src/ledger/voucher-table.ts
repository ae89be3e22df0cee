import { randomInt } from 'node:crypto'

/** Where a voucher stands, as far as its leaves tell. Offered and used count as open. */
export const standing = { open: 0, suspended: 1, void: 2, returned: 3, expired: 4 } as const
export type Standing = (typeof standing)[keyof typeof standing]

/** Not said by the leaf that issued it, and not yet seen in a redemption. */
export const unknownUses = 255

/** Eight octets each: four numbers, the digest, the version and three small numbers. */
const stride = 7

/**
 * What the auditor remembers of every voucher: 56 octets each, all of a voucher's together, because
 * each step looks at most of them and memory answers by the line. With an index of four octets or
 * eight, a million vouchers fit beside the tree. A row is found by the voucher's digest (16 octets)
 * through an open-addressing index; rows are never removed.
 */
export class VoucherTable {
  size = 0
  #numbers = new Float64Array(1024 * stride)
  #words = new Uint32Array(this.#numbers.buffer)
  readonly #row = new VoucherRow(this.#numbers)
  /** The low bits are row + 1, the others those of the digest's hash; 0 is free. */
  #slots = new Uint32Array(2048)
  readonly #seed = randomInt(2 ** 31)
  readonly #wanted = new Uint32Array(4)
  readonly #wantedBytes = new Uint8Array(this.#wanted.buffer)

  /** What is remembered of the voucher in a row: the one that is looked at until the next call. */
  at(row: number): VoucherRow {
    return this.#row.moveTo(row)
  }

  /** The row of the digest that begins at `at`, or -1. */
  find(octets: Uint8Array, at = 0): number {
    this.#want(octets, at)
    return ((this.#slots[this.#slot()] ?? 0) & (this.#slots.length - 1)) - 1
  }

  /** A new row for the digest that begins at `at`, zeroed, or -1 when there is one already. */
  add(octets: Uint8Array, at = 0): number {
    this.#want(octets, at)
    if (this.size * stride === this.#numbers.length) this.#grow()
    const slot = this.#slot()
    if (this.#slots[slot] !== 0) return -1
    const row = this.size++
    const h = hash(this.#wanted[0] ?? 0, this.#wanted[1] ?? 0, this.#seed)
    this.#slots[slot] = entryOf(h, row, this.#slots.length - 1)
    this.#words.set(this.#wanted, keyOf(row))
    return row
  }

  /** By the octet: for so few, a view or a native copy takes longer. */
  #want(octets: Uint8Array, at: number): void {
    for (let i = 0; i < 16; i++) this.#wantedBytes[i] = octets[at + i] ?? 0
  }

  /** Where the wanted digest is, or where it would go. */
  #slot(): number {
    const mask = this.#slots.length - 1
    const wanted = this.#wanted
    const a = wanted[0] ?? 0
    const b = wanted[1] ?? 0
    const c = wanted[2] ?? 0
    const d = wanted[3] ?? 0
    const h = hash(a, b, this.#seed)
    for (let at = h & mask; ; at = (at + 1) & mask) {
      const entry = this.#slots[at] ?? 0
      if (entry === 0) return at
      if (((entry ^ h) & ~mask) !== 0) continue // another's: no need to look at its row
      const k = keyOf((entry & mask) - 1)
      const keys = this.#words
      if (keys[k] === a && keys[k + 1] === b && keys[k + 2] === c && keys[k + 3] === d) return at
    }
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#numbers.length)
    larger.set(this.#numbers)
    this.#numbers = larger
    this.#words = new Uint32Array(larger.buffer)
    this.#row.moveInto(larger)
    const slots = new Uint32Array(2 * this.#slots.length)
    const mask = slots.length - 1
    for (let row = 0; row < this.size; row++) {
      const k = keyOf(row)
      const h = hash(this.#words[k] ?? 0, this.#words[k + 1] ?? 0, this.#seed)
      let at = h & mask
      while (slots[at] !== 0) at = (at + 1) & mask
      slots[at] = entryOf(h, row, mask)
    }
    this.#slots = slots
  }
}

/** What a slot holds: there are more slots than rows, so the row fits below the mask. */
function entryOf(h: number, row: number, mask: number): number {
  return (h & ~mask) | (row + 1)
}

/** Where the digest of a row begins, in words of four octets. */
function keyOf(row: number): number {
  return 2 * stride * row + 8
}

/** One voucher of the table. */
export class VoucherRow {
  #numbers: Float64Array
  #words: Uint32Array
  #bytes: Uint8Array
  #at = 0

  constructor(numbers: Float64Array) {
    this.#numbers = numbers
    this.#words = new Uint32Array(numbers.buffer)
    this.#bytes = new Uint8Array(numbers.buffer)
  }

  moveTo(row: number): this {
    this.#at = row * stride
    return this
  }

  moveInto(numbers: Float64Array): void {
    this.#numbers = numbers
    this.#words = new Uint32Array(numbers.buffer)
    this.#bytes = new Uint8Array(numbers.buffer)
  }

  /** Index of the voucher's latest leaf. */
  get last(): number {
    return this.#numbers[this.#at] ?? -1
  }
  set last(index: number) {
    this.#numbers[this.#at] = index
  }

  /** Index of the redemption that no reversal has undone yet, the latest; -1 when unknown. */
  get redeemedAt(): number {
    return this.#numbers[this.#at + 1] ?? -1
  }
  set redeemedAt(index: number) {
    this.#numbers[this.#at + 1] = index
  }

  /** Fen still reserved for it. */
  get left(): number {
    return this.#numbers[this.#at + 2] ?? 0
  }
  set left(amount: number) {
    this.#numbers[this.#at + 2] = amount
  }

  /** Fen of one use; NaN until known. */
  get unit(): number {
    return this.#numbers[this.#at + 3] ?? Number.NaN
  }
  set unit(amount: number) {
    this.#numbers[this.#at + 3] = amount
  }

  get version(): number {
    return this.#words[2 * this.#at + 12] ?? 0
  }
  set version(version: number) {
    this.#words[2 * this.#at + 12] = version
  }

  /** Redemptions that were not reversed. */
  get redeemed(): number {
    return this.#bytes[8 * this.#at + 52] ?? 0
  }
  set redeemed(count: number) {
    this.#bytes[8 * this.#at + 52] = count
  }

  /** Uses altogether, or `unknownUses`. */
  get uses(): number {
    return this.#bytes[8 * this.#at + 53] ?? 0
  }
  set uses(count: number) {
    this.#bytes[8 * this.#at + 53] = count
  }

  get standing(): Standing {
    return this.#bytes[8 * this.#at + 54] as Standing
  }
  set standing(standing: Standing) {
    this.#bytes[8 * this.#at + 54] = standing
  }
}

/** Digests are hashes, but an operator could choose them: hence the seed. */
function hash(a: number, b: number, seed: number): number {
  let h = Math.imul(a ^ seed, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15) ^ b, 0x85ebca6b)
  return (h ^ (h >>> 13)) >>> 0
}
