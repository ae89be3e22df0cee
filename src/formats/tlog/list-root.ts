import { hashLength, isSize } from './merkle.ts'

/** As `Sha256`, but writes the 32 octets to `into`, from `at` on. */
type Sha256Into = (bytes: Uint8Array, into: Uint8Array, at: number) => void

/**
 * Root of the tree whose entries lie one after the other, `length` octets each: what a `Frontier`
 * would answer, without an object for every hash. Goes level by level through one buffer; what has
 * no right neighbour goes up as it is, and so stands where RFC 9162 section 2.1.1 puts it. Throws a
 * TypeError when the list does not divide.
 */
export function listRoot(sha256Into: Sha256Into, list: Uint8Array, length: number): Uint8Array {
  let width = list.length / length
  if (!isSize(width)) throw new TypeError('the list does not divide into entries')
  const hashes = new Uint8Array(Math.max(1, width) * hashLength)
  if (width === 0) sha256Into(list, hashes, 0)
  const leaf = new Uint8Array(1 + length)
  for (let i = 0; i < width; i++) {
    for (let octet = 0; octet < length; octet++) leaf[1 + octet] = list[i * length + octet] ?? 0
    sha256Into(leaf, hashes, i * hashLength)
  }
  const node = new Uint8Array(1 + 2 * hashLength)
  node[0] = 0x01
  for (; width > 1; width = Math.ceil(width / 2)) {
    for (let left = 0; left < (width - 1) * hashLength; left += 2 * hashLength) {
      for (let i = 0; i < 2 * hashLength; i++) node[1 + i] = hashes[left + i] ?? 0
      sha256Into(node, hashes, left / 2)
    }
    const last = (width - 1) * hashLength
    if (width % 2 === 1) hashes.copyWithin(last / 2, last, last + hashLength)
  }
  return hashes.slice(0, hashLength)
}
