import { randomInt } from 'node:crypto'

/** Where a voucher stands, as far as its leaves tell. Offered and used count as open. */
export const standing = { open: 0, suspended: 1, void: 2, returned: 3, expired: 4 } as const
export type Standing = (typeof standing)[keyof typeof standing]

/** Not said by the leaf that issued it, and not yet seen in a redemption. */
export const unknownUses = 255

/**
 * What the auditor remembers of every voucher: about fifty octets each, in columns, so that a
 * million vouchers fit beside the tree. A row is found by the voucher's digest (16 octets) through
 * an open-addressing index; rows are never removed.
 */
export class VoucherTable {
  size = 0
  /** Index of the voucher's latest leaf. */
  last = new Float64Array(1024)
  /** Index of the redemption that no reversal has undone yet, the latest; -1 when unknown. */
  redeemedAt = new Float64Array(1024)
  /** Fen still reserved for it. */
  left = new Float64Array(1024)
  /** Fen of one use; NaN until known. */
  unit = new Float64Array(1024)
  version = new Uint32Array(1024)
  /** Redemptions that were not reversed. */
  redeemed = new Uint8Array(1024)
  /** Uses altogether, or `unknownUses`. */
  uses = new Uint8Array(1024)
  standing = new Uint8Array(1024)

  #keys = new Uint32Array(4 * 1024)
  #slots = new Int32Array(2048) // row + 1; 0 is free
  readonly #seed = randomInt(2 ** 31)
  readonly #wanted = new Uint32Array(4)
  readonly #wantedBytes = new Uint8Array(this.#wanted.buffer)

  /** The row of a digest, or -1. */
  find(digest: Uint8Array): number {
    this.#wantedBytes.set(digest)
    return (this.#slots[this.#slot()] ?? 0) - 1
  }

  /** A new row for a digest, zeroed, or -1 when there is one already. */
  add(digest: Uint8Array): number {
    this.#wantedBytes.set(digest)
    if (this.size === this.last.length) this.#grow()
    const slot = this.#slot()
    if (this.#slots[slot] !== 0) return -1
    const row = this.size++
    this.#slots[slot] = row + 1
    this.#keys.set(this.#wanted, 4 * row)
    return row
  }

  /** Where the wanted digest is, or where it would go. */
  #slot(): number {
    const mask = this.#slots.length - 1
    const wanted = this.#wanted
    const a = wanted[0] ?? 0
    const b = wanted[1] ?? 0
    const c = wanted[2] ?? 0
    const d = wanted[3] ?? 0
    let at = hash(a, b, this.#seed) & mask
    for (;;) {
      const row = (this.#slots[at] ?? 0) - 1
      if (row < 0) return at
      const k = 4 * row
      const keys = this.#keys
      if (keys[k] === a && keys[k + 1] === b && keys[k + 2] === c && keys[k + 3] === d) return at
      at = (at + 1) & mask
    }
  }

  #grow(): void {
    this.last = doubled(this.last)
    this.redeemedAt = doubled(this.redeemedAt)
    this.left = doubled(this.left)
    this.unit = doubled(this.unit)
    this.version = doubled(this.version)
    this.redeemed = doubled(this.redeemed)
    this.uses = doubled(this.uses)
    this.standing = doubled(this.standing)
    this.#keys = doubled(this.#keys)
    const slots = new Int32Array(2 * this.#slots.length)
    const mask = slots.length - 1
    for (let row = 0; row < this.size; row++) {
      let at = hash(this.#keys[4 * row] ?? 0, this.#keys[4 * row + 1] ?? 0, this.#seed) & mask
      while (slots[at] !== 0) at = (at + 1) & mask
      slots[at] = row + 1
    }
    this.#slots = slots
  }
}

type Column = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

function doubled<T extends Column>(column: T): T {
  const larger = new (column.constructor as new (length: number) => T)(2 * column.length)
  larger.set(column)
  return larger
}

/** Digests are hashes, but an operator could choose them: hence the seed. */
function hash(a: number, b: number, seed: number): number {
  let h = Math.imul(a ^ seed, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15) ^ b, 0x85ebca6b)
  return (h ^ (h >>> 13)) >>> 0
}
