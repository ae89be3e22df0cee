import { equal, fromBase64, fromBase64url, fromHex, toBase64url, utf8 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { FormatError } from './error.ts'
import { type LeafObject, parseLeaf } from './leaf.ts'
import { verifyPromise } from './promise.ts'
import { leafHash, type Sha256 } from './tlog/merkle.ts'
import type { VerifyEd25519, Vkey } from './tlog/note.ts'
import { type Policy, quorumMet } from './tlog/policy.ts'
import { verifyInclusion } from './tlog/proof.ts'
import { parseReceipt, verifyReceipt } from './tlog/receipt.ts'

/** A receipt of one leaf about a voucher, as `GET /me/vouchers/{id}/receipts` gives it. */
export interface VoucherReceipt {
  /** base64url, 32 octets */
  readonly leaf_hash: string
  readonly promise: string
  /** `c2sp.org/tlog-proof@v1`, with the leaf in it */
  readonly receipt?: string
  readonly issue?: {
    readonly vh: string
    readonly position: number
    readonly count: number
    readonly proof: readonly string[]
  }
}

/** Whom the reader believes. */
export interface Believed {
  /** The log's keys, and the witnesses that are enough. */
  readonly policy: Policy
  /** With which the node signs promises. */
  readonly promiseKey: Vkey
}

/** What a receipt was found to prove, of which voucher it is no longer in question. */
export type Proved =
  /** The node has signed that the leaf will be in its log within so many seconds. */
  | Readonly<{ level: 'promise'; at: Instant; withinSeconds: number }>
  /** It is in the log that the log's key has signed, and perhaps witnesses too. */
  | Readonly<{
      level: 'inclusion' | 'witnessed'
      kind: string
      at: Instant
      index: number
      size: number
      witnesses: number
    }>

/**
 * Checks a receipt without asking anybody: the signatures of the checkpoint, the inclusion of the
 * leaf in its tree, and that the leaf is about this voucher (32 hexadecimal digits), by its `vh` or
 * by its place in the list of a leaf that issued many. `witnessed` only if the policy asks for
 * witnesses and enough have signed. Throws TlogError, FormatError, LeafError; RECEIPT_OF_ANOTHER
 * when everything holds but not of this voucher.
 */
export async function verifyVoucherReceipt(
  tools: { readonly sha256: Sha256; readonly verifyEd25519: VerifyEd25519 },
  believed: Believed,
  given: { readonly voucher: string; readonly receipt: VoucherReceipt },
): Promise<Proved> {
  const { sha256, verifyEd25519 } = tools
  const { receipt, voucher } = given
  const { policy, promiseKey } = believed
  if (receipt.receipt === undefined) {
    const made = await verifyPromise(receipt.promise, promiseKey, verifyEd25519)
    if (toBase64url(made.leafHash) !== receipt.leaf_hash) throw ofAnother()
    return { level: 'promise', at: made.at, withinSeconds: made.withinSeconds }
  }
  const lenient: Policy = { ...policy, quorum: { kind: 'none' } }
  const read = parseReceipt(utf8(receipt.receipt))
  const proved = await verifyReceipt(sha256, verifyEd25519, lenient, read)
  const leaf = parseLeaf(proved.entry)
  const { k: kind, t: at } = leaf
  const same = toBase64url(proved.leafHash) === receipt.leaf_hash
  if (!same || !isAbout(sha256, leaf, voucher, receipt.issue)) throw ofAnother()
  if (typeof kind !== 'string' || typeof at !== 'number') throw ofAnother()
  const enough = policy.quorum.kind !== 'none' && quorumMet(policy.quorum, proved.cosignatures)
  const witnesses = new Set(proved.cosignatures.map(({ name }) => name)).size
  const { index, checkpoint } = proved
  const level = enough ? 'witnessed' : 'inclusion'
  return { level, kind, at, index, size: checkpoint.size, witnesses }
}

function isAbout(
  sha256: Sha256,
  leaf: LeafObject,
  voucher: string,
  issue: VoucherReceipt['issue'],
): boolean {
  const handle = fromHex(voucher)
  if (handle?.length !== 16) return false
  const digest = sha256(handle).subarray(0, 16)
  if (leaf.vh !== undefined) return leaf.vh === toBase64url(digest)
  const named = issue && fromBase64url(issue.vh)
  const root = typeof leaf.vr === 'string' ? fromBase64url(leaf.vr) : undefined
  if (!issue || !named || !root || !equal(named, digest) || leaf.cnt !== issue.count) return false
  const proof = issue.proof.map((line) => fromBase64(line) ?? new Uint8Array(0))
  const { position: index, count: size } = issue
  verifyInclusion(sha256, { index, size, leafHash: leafHash(sha256, digest), proof, root })
  return true
}

function ofAnother(): FormatError {
  return new FormatError('RECEIPT_OF_ANOTHER', 'the receipt is of something else')
}
