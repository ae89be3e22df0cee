const emptyLoad = 1 << 12

/**
 * A set of hashes that remembers the first 64 bits of each: 16 to 32 octets a hash, so that a
 * million rows fit in 32 MB. Two of a million different ones look the same with a probability of 3
 * in 10^8, and nobody without the key can make them. Open addressing, at most half full.
 */
export class SeenHashes {
  #slots = new BigUint64Array(emptyLoad)
  #size = 0

  /** How many were added. */
  get size(): number {
    return this.#size
  }

  /** True when `hash` (8 octets at least, evenly distributed) was added. */
  has(hash: Uint8Array): boolean {
    const key = keyOf(hash)
    return this.#slots[this.#slotOf(key)] === key
  }

  add(hash: Uint8Array): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow()
    const key = keyOf(hash)
    const slot = this.#slotOf(key)
    if (this.#slots[slot] === key) return
    this.#slots[slot] = key
    this.#size++
  }

  /** Where `key` is, or the empty slot where it would be. */
  #slotOf(key: bigint): number {
    const mask = this.#slots.length - 1
    let slot = Number(key & BigInt(mask))
    while (this.#slots[slot] !== 0n && this.#slots[slot] !== key) slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new BigUint64Array(old.length * 2)
    for (const key of old) if (key !== 0n) this.#slots[this.#slotOf(key)] = key
  }
}

/** Zero marks an empty slot; the hash that begins with 64 zeros shares that of 1. */
function keyOf(hash: Uint8Array): bigint {
  const view = new DataView(hash.buffer, hash.byteOffset, 8)
  return view.getBigUint64(0, true) || 1n
}
