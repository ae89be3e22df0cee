import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TlogError } from '../../../src/formats/tlog/error.ts'
import {
  emptyRoot,
  leafHash,
  leafHashReader,
  proveConsistency,
  proveInclusion,
  rangeRoot,
} from '../../../src/formats/tlog/merkle.ts'
import {
  type Consistency,
  type Inclusion,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/formats/tlog/proof.ts'
import { hex, sha256, specJson } from './support.ts'

const { leaves_hex, roots_hex_by_size } = specJson<{
  leaves_hex: string[]
  roots_hex_by_size: string[]
}>('merkle-roots.json')
const hashes = leaves_hex.map((leaf) => leafHash(sha256, hex(leaf)))
const roots = roots_hex_by_size.map(hex)
const read = leafHashReader(sha256, hashes)

const inclusions = specJson<{ i: number; n: number; proof: string[] }[]>('inclusion.json').map(
  ({ i, n, proof }): Inclusion => ({
    index: i,
    size: n,
    leafHash: hashes[i]!,
    proof: proof.map(hex),
    root: roots[n]!,
  }),
)
const consistencies = specJson<{ m: number; n: number; proof: string[] }[]>('consistency.json').map(
  ({ m, n, proof }): Consistency => ({
    first: m,
    second: n,
    firstRoot: roots[m]!,
    secondRoot: roots[n]!,
    proof: proof.map(hex),
  }),
)

describe('inclusion', () => {
  it('holds for every vector', () => {
    for (const claim of inclusions) verifyInclusion(sha256, claim)
  })

  it('holds for every leaf of every tree up to 70, and for no other index', () => {
    for (let size = 1; size <= 70; size++) {
      for (let index = 0; index < size; index++) {
        const proof = proveInclusion(sha256, index, size, read)
        const claim = { index, size, leafHash: hashes[index]!, proof, root: roots[size]! }
        verifyInclusion(sha256, claim)
        refuseInclusion({ ...claim, index: index + 1 })
        refuseInclusion({ ...claim, index: size })
      }
    }
  })

  it('refuses a proof with a hash changed, added, dropped, doubled, or of another length', () => {
    for (const claim of inclusions) {
      for (const proof of spoilt(claim.proof)) refuseInclusion({ ...claim, proof })
      refuseInclusion({ ...claim, leafHash: flipped(claim.leafHash) })
      refuseInclusion({ ...claim, root: flipped(claim.root) })
      refuseInclusion({ ...claim, root: claim.root.subarray(0, 31) })
      refuseInclusion({ ...claim, leafHash: new Uint8Array(33) })
    }
  })

  it('refuses numbers that are no index or size', () => {
    const claim = inclusions.at(-1)!
    for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      refuseInclusion({ ...claim, index: wrong })
      refuseInclusion({ ...claim, size: wrong })
    }
  })

  it('verifies beyond 32 bits, where bit operators would not', () => {
    const proof = Array.from({ length: 40 }, (_, i) => new Uint8Array(32).fill(i))
    const leaf = new Uint8Array(32)
    let root: Uint8Array = leaf
    for (const sibling of proof) root = sha256(Buffer.concat([Uint8Array.of(1), root, sibling]))
    verifyInclusion(sha256, { index: 0, size: 2 ** 40, leafHash: leaf, proof, root })
    refuseInclusion({ index: 2 ** 32, size: 2 ** 40, leafHash: leaf, proof, root })
  })
})

describe('consistency', () => {
  it('holds for every vector', () => {
    for (const claim of consistencies) verifyConsistency(sha256, claim)
  })

  it('holds between every two trees up to 70', () => {
    for (let second = 0; second <= 70; second++) {
      for (let first = 0; first <= second; first++) {
        const proof = proveConsistency(sha256, first, second, read)
        const sides = { firstRoot: roots[first]!, secondRoot: roots[second]! }
        verifyConsistency(sha256, { first, second, ...sides, proof })
      }
    }
  })

  it('refuses a proof with a hash changed, added, dropped, doubled, or of another length', () => {
    for (const claim of consistencies) {
      for (const proof of spoilt(claim.proof)) refuseConsistency({ ...claim, proof })
      refuseConsistency({ ...claim, firstRoot: flipped(claim.firstRoot) })
      refuseConsistency({ ...claim, secondRoot: flipped(claim.secondRoot) })
      refuseConsistency({ ...claim, firstRoot: new Uint8Array(31) })
      refuseConsistency({ ...claim, first: claim.second + 1 })
    }
  })

  it('keeps the edge rules of witnesses', () => {
    const empty = emptyRoot(sha256)
    const grown = { second: 5, secondRoot: roots[5]! }
    verifyConsistency(sha256, { first: 0, firstRoot: empty, ...grown, proof: [] })
    refuseConsistency({ first: 0, firstRoot: empty, ...grown, proof: [roots[5]!] })
    refuseConsistency({ first: 0, firstRoot: roots[5]!, ...grown, proof: [] })
    refuseConsistency({ first: 5, firstRoot: roots[4]!, ...grown, proof: [] })
    refuseConsistency({ first: 5, firstRoot: roots[5]!, ...grown, proof: [roots[5]!] })
    refuseConsistency({ first: 4, firstRoot: roots[4]!, ...grown, proof: [] })
    refuseConsistency({ first: -1, firstRoot: empty, ...grown, proof: [] })
    refuseConsistency({ first: 0.5, firstRoot: empty, ...grown, proof: [] })
  })
})

describe('random claims', () => {
  const hash = fc.uint8Array({ minLength: 31, maxLength: 33 })
  const size = fc.oneof(fc.nat(100), fc.maxSafeInteger(), fc.double())
  const proof = fc.array(hash, { maxLength: 70 })

  it('are refused with nothing but the declared error', () => {
    fc.assert(
      fc.property(size, size, hash, hash, proof, (a, b, one, two, hashes) => {
        const claim = { index: a, size: b, leafHash: one, root: two, proof: hashes }
        onlyDeclared(() => verifyInclusion(sha256, claim))
        const roots = { firstRoot: one, secondRoot: two }
        onlyDeclared(() =>
          verifyConsistency(sha256, { first: a, second: b, ...roots, proof: hashes }),
        )
      }),
    )
  })

  it('that move an honest proof to another place are refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 70 }), fc.nat(), fc.nat(), (n, a, b) => {
        const [index, other] = [a % n, b % n]
        const proof = proveInclusion(sha256, index, n, read)
        const root = rangeRoot(sha256, 0, n, read)
        const claim = { index: other, size: n, leafHash: hashes[index]!, proof, root }
        if (other !== index) refuseInclusion(claim)
      }),
    )
  })
})

function refuseInclusion(claim: Inclusion): void {
  expect(() => verifyInclusion(sha256, claim)).toThrow(TlogError)
  expect(() => verifyInclusion(sha256, claim)).toThrow(
    expect.objectContaining({ code: 'INCLUSION_INVALID' }),
  )
}

function refuseConsistency(claim: Consistency): void {
  expect(() => verifyConsistency(sha256, claim)).toThrow(
    expect.objectContaining({ code: 'CONSISTENCY_INVALID' }),
  )
}

function onlyDeclared(act: () => void): void {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(TlogError)
  }
}

function* spoilt(proof: readonly Uint8Array[]): Generator<Uint8Array[]> {
  yield [...proof, new Uint8Array(32)]
  yield [new Uint8Array(32), ...proof]
  for (const [i, hash] of proof.entries()) {
    yield proof.with(i, flipped(hash))
    yield proof.with(i, hash.subarray(0, 31))
    yield proof.toSpliced(i, 1)
    yield proof.toSpliced(i, 0, hash)
  }
}

function flipped(hash: Uint8Array): Uint8Array {
  return hash.with(31, hash[31]! ^ 1)
}
