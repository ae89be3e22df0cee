import { equal, fromBase64url } from '../base/bytes.ts'
import { sha256Into } from '../base/sha256.ts'
import type { LeafFacts } from '../formats/leaf.ts'
import { listRoot } from '../formats/tlog/list-root.ts'
import type { Finder } from './findings.ts'
import type { LeafHashes } from './leaf-hashes.ts'
import {
  type Standing,
  standing,
  unknownUses,
  type VoucherRow,
  VoucherTable,
} from './voucher-table.ts'

const digestLength = 16

/** Which standings a kind may begin from, and where it leads. */
const steps: Readonly<Record<string, { from: readonly Standing[]; to: Standing }>> = {
  'voucher.claim': { from: [standing.open], to: standing.open },
  'voucher.redeem': { from: [standing.open], to: standing.open },
  'voucher.reverse': { from: [standing.open, standing.expired], to: standing.open },
  'voucher.extend': { from: [standing.open], to: standing.open },
  'voucher.suspend': { from: [standing.open], to: standing.suspended },
  'voucher.resume': { from: [standing.suspended], to: standing.open },
  'voucher.return': { from: [standing.open], to: standing.returned },
  'voucher.void': { from: [standing.open, standing.suspended], to: standing.void },
  'batch.recall': { from: [standing.open, standing.suspended], to: standing.void },
  'voucher.expire': { from: [standing.open, standing.suspended], to: standing.expired },
  'offer.lapse': { from: [standing.open], to: standing.expired },
}

/**
 * Follows every voucher through the log (invariant I3): it was issued, its versions are contiguous
 * and chained by `prev`, its steps are legal, it is not redeemed beyond its uses or its money.
 */
export class VoucherCheck {
  readonly table = new VoucherTable()
  readonly #findings: Finder
  readonly #hashes: LeafHashes
  readonly #digest = Buffer.alloc(digestLength)
  readonly #hash = Buffer.alloc(32)
  /** `ref`s of reversals: few, and each may occur once. */
  readonly #reversed = new Set<string>()
  /** Vouchers in whose place another was issued: few, and each may occur once. */
  readonly #followed = new Set<string>()

  /** `hashes` holds the leaf hash of every leaf before the one that is shown. */
  constructor(findings: Finder, hashes: LeafHashes) {
    this.#findings = findings
    this.#hashes = hashes
  }

  /**
   * Takes a chunk's leaf and its published list. `moved`: fen that its postings move. True if the
   * list is the one that the leaf commits to (`cnt`, `vr`).
   */
  chunk(index: number, leaf: LeafFacts, moved: number, list: Uint8Array): boolean {
    const count = list.length / digestLength
    if (!matchesRoot(leaf, list)) {
      this.#findings.add('issued', `${leaf.k}: the list does not match cnt and vr`, index)
      return false
    }
    if (leaf.k.endsWith('.issue')) this.#issue(index, leaf, moved, list)
    else this.#close(index, leaf, moved, list)
    return count > 0
  }

  /** Takes the leaf of one voucher. `moved`: fen that its postings move. */
  one(index: number, leaf: LeafFacts, moved: number): void {
    const { vh, sv, k } = leaf
    if (vh === undefined || sv === undefined) {
      this.#bad(index, `${k} names no voucher`)
      return
    }
    if (k === 'voucher.reissue') this.#follow(index, leaf)
    this.#digest.write(vh, 'base64url')
    if (k === 'voucher.reissue' || (k === 'voucher.claim' && sv === 1)) {
      if (sv !== 1) this.#bad(index, `${k} has sv ${sv}, expected 1`)
      if (k === 'voucher.claim' && leaf.prev !== undefined) {
        this.#bad(index, 'a first leaf has a prev')
      }
      this.#begin(this.table.add(this.#digest), index, leaf, moved)
      return
    }
    const row = this.table.find(this.#digest)
    if (row < 0) {
      this.#bad(index, `${k} of a voucher that was never issued`)
      return
    }
    const voucher = this.table.at(row)
    this.#chain(voucher, index, leaf)
    this.#step(voucher, index, k)
    this.#money(voucher, index, leaf, moved)
    voucher.last = index
    voucher.version = sv
  }

  /** What is issued anew follows one that is void or expired, the only one to do so. */
  #follow(index: number, leaf: LeafFacts): void {
    const of = typeof leaf.of === 'string' ? leaf.of : ''
    const digest = fromBase64url(of)
    const row = digest?.length === digestLength ? this.table.find(digest) : -1
    const voucher = row < 0 ? undefined : this.table.at(row)
    const from = voucher?.standing
    if (from !== standing.void && from !== standing.expired) {
      this.#bad(index, `${leaf.k} in place of a voucher that is neither void nor expired`)
    }
    this.#hash.write(leaf.prev ?? '', 'base64url')
    if (leaf.prev === undefined || !voucher || !this.#hashes.is(voucher.last, this.#hash)) {
      this.#bad(index, `${leaf.k} does not follow the last leaf of the voucher it replaces`)
    }
    if (this.#followed.has(of)) this.#bad(index, `${leaf.k} in place of one that was followed`)
    this.#followed.add(of)
  }

  #issue(index: number, leaf: LeafFacts, moved: number, list: Uint8Array): void {
    const each = moved / (list.length / digestLength)
    if (!Number.isSafeInteger(each)) this.#bad(index, 'amount does not divide among the vouchers')
    for (let at = 0; at < list.length; at += digestLength) {
      this.#begin(this.table.add(list, at), index, leaf, each)
    }
  }

  /** `row`: as the table answered when it was to add the voucher. */
  #begin(row: number, index: number, leaf: LeafFacts, reserve: number): void {
    if (row < 0) {
      this.#bad(index, `${leaf.k} of a voucher that was issued before`)
      return
    }
    const uses = usesOf(leaf, reserve)
    if (uses === undefined) this.#bad(index, 'uses is malformed')
    const voucher = this.table.at(row)
    voucher.last = index
    voucher.version = 1
    voucher.left = reserve
    voucher.redeemedAt = -1
    voucher.uses = uses ?? unknownUses
    voucher.unit = (uses ?? unknownUses) === unknownUses ? Number.NaN : reserve / (uses ?? 1)
  }

  /** Each voucher of the list goes one step, and its money goes back. */
  #close(index: number, { k }: LeafFacts, moved: number, list: Uint8Array): void {
    const { table } = this
    let released = 0
    for (let at = 0; at < list.length; at += digestLength) {
      const row = table.find(list, at)
      if (row < 0) {
        this.#bad(index, `${k} of a voucher that was never issued`)
        continue
      }
      const voucher = table.at(row)
      this.#step(voucher, index, k)
      released += voucher.left
      voucher.left = 0
      voucher.last = index
      voucher.version += 1
    }
    if (released !== moved) this.#bad(index, `${k} moves ${moved} fen, its vouchers ${released}`)
  }

  #chain(voucher: VoucherRow, index: number, { k, sv, prev }: LeafFacts): void {
    const expected = voucher.version + 1
    if (sv !== expected) this.#bad(index, `${k} has sv ${sv}, expected ${expected}`)
    this.#hash.write(prev ?? '', 'base64url')
    if (prev === undefined || !this.#hashes.is(voucher.last, this.#hash)) {
      this.#bad(index, `${k} does not follow the voucher's leaf before it`)
    }
  }

  #step(voucher: VoucherRow, index: number, kind: string): void {
    const step = steps[kind]
    if (!step) return
    const from = voucher.standing
    if (!step.from.includes(from)) this.#bad(index, `${kind} of a voucher that is ${named(from)}`)
    voucher.standing = step.to
  }

  #money(voucher: VoucherRow, index: number, leaf: LeafFacts, moved: number): void {
    if (leaf.k === 'voucher.redeem') this.#redeem(voucher, index, moved)
    else if (leaf.k === 'voucher.reverse') this.#reverse(voucher, index, leaf, moved)
    else if (leaf.k === 'voucher.return' || leaf.k === 'voucher.void') {
      const { left } = voucher
      if (moved !== left) this.#bad(index, `${leaf.k} moves ${moved} fen of ${left}`)
      voucher.left = 0
    }
  }

  #redeem(voucher: VoucherRow, index: number, moved: number): void {
    const { left } = voucher
    if (Number.isNaN(voucher.unit)) {
      // Its first redemption tells the size of one use, which every other must have.
      if (left % moved !== 0) this.#bad(index, 'redeemed for a part of one use')
      voucher.unit = moved
      voucher.uses = Math.min(Math.floor(left / moved) || 0, unknownUses)
    }
    if (voucher.redeemed >= voucher.uses || moved > left) {
      this.#bad(index, 'redeemed again: nothing was left of the voucher')
    } else if (moved !== voucher.unit) {
      this.#bad(index, `redeemed for ${moved} fen, one use is ${voucher.unit}`)
    }
    voucher.redeemed += 1
    voucher.redeemedAt = index
    voucher.left = left - moved
  }

  #reverse(voucher: VoucherRow, index: number, { ref }: LeafFacts, moved: number): void {
    const { redeemed } = voucher
    if (redeemed === 0) {
      this.#bad(index, 'reversed without a redemption')
      return
    }
    if (moved !== voucher.unit) this.#bad(index, `reversed for ${moved} fen`)
    const latest = voucher.redeemedAt
    this.#hash.write(ref ?? '', 'base64url')
    const ofLatest = ref !== undefined && latest >= 0 && this.#hashes.is(latest, this.#hash)
    if (ref === undefined || this.#reversed.has(ref)) {
      this.#bad(index, 'reversal of no redemption, or of one reversed before')
    } else if (redeemed === 1 && latest >= 0 && !ofLatest) {
      this.#bad(index, 'reversal refers to another leaf than the redemption')
    }
    if (ref !== undefined) this.#reversed.add(ref)
    if (ofLatest) voucher.redeemedAt = -1
    voucher.redeemed = redeemed - 1
    voucher.left += moved
  }

  #bad(index: number, message: string): void {
    this.#findings.add('voucher', message, index)
  }
}

/** The RFC 9162 root over the digests, in the order of the list. */
function matchesRoot({ cnt, vr }: LeafFacts, list: Uint8Array): boolean {
  if (list.length % digestLength !== 0 || cnt !== list.length / digestLength) return false
  const root = typeof vr === 'string' ? fromBase64url(vr) : undefined
  return root !== undefined && equal(listRoot(sha256Into, list, digestLength), root)
}

/** How often it may be used: said, or to be told by the money; once if there is none. */
function usesOf({ uses }: LeafFacts, reserve: number): number | undefined {
  if (uses === undefined) return reserve > 0 ? unknownUses : 1
  const good = Number.isInteger(uses) && Number(uses) >= 1 && Number(uses) < unknownUses
  return good && reserve % Number(uses) === 0 ? Number(uses) : undefined
}

function named(value: Standing): string {
  const found = Object.entries(standing).find(([, each]) => each === value)
  return found?.[0] ?? 'unknown'
}
