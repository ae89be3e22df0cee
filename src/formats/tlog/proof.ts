import { equal } from '../../base/bytes.ts'
import { TlogError, type TlogErrorCode } from './error.ts'
import { emptyRoot, hashLength, isSize, nodeHash, type Sha256 } from './merkle.ts'

/** The claim that a leaf stands at `index` in the tree of `size` leaves with this root. */
export type Inclusion = Readonly<{
  index: number
  size: number
  /** 32 octets */
  leafHash: Uint8Array
  /** Sibling of the leaf first, 32 octets each. */
  proof: readonly Uint8Array[]
  /** 32 octets, from a checkpoint whose signatures were verified */
  root: Uint8Array
}>

/** The claim that the tree of `first` leaves is the beginning of the tree of `second` leaves. */
export type Consistency = Readonly<{
  first: number
  second: number
  /** 32 octets each */
  firstRoot: Uint8Array
  secondRoot: Uint8Array
  proof: readonly Uint8Array[]
}>

/**
 * Checks an inclusion proof, RFC 9162 section 2.1.3.2. Returns only if it holds; throws TlogError
 * INCLUSION_INVALID for everything else, malformed numbers and hashes included.
 */
export function verifyInclusion(sha256: Sha256, claim: Inclusion): void {
  const { index, size, leafHash, proof, root } = claim
  const code = 'INCLUSION_INVALID'
  demand(isSize(index) && isSize(size) && index < size, code, 'index is not in the tree')
  demand([leafHash, root, ...proof].every(isHash), code, 'a hash does not have 32 octets')
  const path = new Path(index, size - 1)
  let computed = leafHash
  for (const sibling of proof) {
    const side = path.up()
    demand(side !== 'above', code, 'proof is too long')
    computed =
      side === 'left' ? nodeHash(sha256, sibling, computed) : nodeHash(sha256, computed, sibling)
  }
  demand(path.atRoot, code, 'proof is too short')
  demand(equal(computed, root), code, 'proof leads to another root')
}

/**
 * Checks a consistency proof, RFC 9162 section 2.1.4.2, with the edges of tlog-witness: from an
 * empty tree the proof is empty and the first root is that of the empty tree; between equal sizes
 * the proof is empty and the roots are equal. Returns only if it holds; throws TlogError
 * CONSISTENCY_INVALID for everything else.
 */
export function verifyConsistency(sha256: Sha256, claim: Consistency): void {
  const { first, second, firstRoot, secondRoot, proof } = claim
  const code = 'CONSISTENCY_INVALID'
  demand(isSize(first) && isSize(second) && first <= second, code, 'the tree has shrunk')
  demand([firstRoot, secondRoot, ...proof].every(isHash), code, 'a hash does not have 32 octets')
  if (first === second) {
    demand(proof.length === 0, code, 'proof between equal sizes is not empty')
    demand(equal(firstRoot, secondRoot), code, 'equal sizes with different roots')
    return
  }
  if (first === 0) {
    demand(proof.length === 0, code, 'proof from the empty tree is not empty')
    demand(equal(firstRoot, emptyRoot(sha256)), code, 'first root is not that of an empty tree')
    return
  }
  demand(proof.length > 0, code, 'proof is empty')
  const [seed, ...rest] = isPowerOfTwo(first) ? [firstRoot, ...proof] : proof
  const path = new Path(first - 1, second - 1)
  path.skipRight()
  let old = seed as Uint8Array
  let grown = old
  for (const sibling of rest) {
    const side = path.up()
    demand(side !== 'above', code, 'proof is too long')
    if (side === 'left') {
      old = nodeHash(sha256, sibling, old)
      grown = nodeHash(sha256, sibling, grown)
    } else {
      grown = nodeHash(sha256, grown, sibling)
    }
  }
  demand(path.atRoot, code, 'proof is too short')
  demand(equal(old, firstRoot), code, 'proof leads to another first root')
  demand(equal(grown, secondRoot), code, 'proof leads to another second root')
}

/**
 * The walk from a leaf to the root that both algorithms share: `fn` and `sn` of RFC 9162, halved
 * with divisions because sizes exceed 32 bits.
 */
class Path {
  #fn: number
  #sn: number

  constructor(fn: number, sn: number) {
    this.#fn = fn
    this.#sn = sn
  }

  get atRoot(): boolean {
    return this.#sn === 0
  }

  /** Steps over the levels on which the node is a right child (2.1.4.2, step 3). */
  skipRight(): void {
    while (this.#fn % 2 === 1) this.#halve()
  }

  /** Takes one level; says on which side the sibling stands, or that we were at the root. */
  up(): 'left' | 'right' | 'above' {
    if (this.#sn === 0) return 'above'
    const left = this.#fn % 2 === 1 || this.#fn === this.#sn
    if (left) while (this.#fn % 2 === 0 && this.#fn !== 0) this.#halve()
    this.#halve()
    return left ? 'left' : 'right'
  }

  #halve(): void {
    this.#fn = Math.floor(this.#fn / 2)
    this.#sn = Math.floor(this.#sn / 2)
  }
}

function isHash(hash: Uint8Array): boolean {
  return hash.length === hashLength
}

function isPowerOfTwo(n: number): boolean {
  let rest = n
  while (rest % 2 === 0) rest /= 2
  return rest === 1
}

function demand(holds: boolean, code: TlogErrorCode, message: string): asserts holds {
  if (!holds) throw new TlogError(code, message)
}
