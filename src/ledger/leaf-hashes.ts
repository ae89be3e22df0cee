const hashLength = 32

/** Leaf hashes by index, 32 octets each, in one growing buffer. */
export class LeafHashes {
  #bytes = new Uint8Array(hashLength * 4096)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Appends a hash (copied). */
  add(hash: Uint8Array): void {
    const at = this.#size * hashLength
    if (at === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes.set(hash, at)
    this.#size++
  }

  /** The hash of a leaf: a view, good until the next `add`. */
  at(index: number): Uint8Array {
    return this.#bytes.subarray(index * hashLength, (index + 1) * hashLength)
  }

  /** True when the leaf at `index` has this hash. */
  is(index: number, hash: Uint8Array): boolean {
    const at = index * hashLength
    if (index >= this.#size || hash.length !== hashLength) return false
    for (let i = 0; i < hashLength; i++) if (this.#bytes[at + i] !== hash[i]) return false
    return true
  }
}
