import assert from 'node:assert/strict'

import { sql } from 'drizzle-orm'

import { toBase64url, utf8 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { pooledRandom } from '../base/pooled-random.ts'
import { sha256 } from '../base/sha256.ts'
import { commit, type DisclosureName } from '../formats/disclosure.ts'
import { encodeLeaf, type LeafObject } from '../formats/leaf.ts'
import { leafHash } from '../formats/tlog/merkle.ts'
import { seal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { accounts } from '../store/schema/ledger.ts'
import { statement, type Tx } from '../store/store.ts'
import { voucherDigest } from './voucher-digest.ts'

export type Account = (typeof accounts)[number]

/** One line of an entry. Debits are positive fen, credits negative. */
export interface Posting {
  readonly account: Account
  readonly amount: number
  /** Whose sub-ledger: a merchant's for `merchant_*`, `peerLedger` for `node_*` accounts. */
  readonly merchantId?: string
}

/** What is to be booked and logged. */
export interface Entry {
  /** A UUID; unique in its bucket. */
  readonly id: string
  /** The leaf's `k`, such as `voucher.redeem`. */
  readonly kind: string
  readonly bucket: number
  readonly at: Instant
  readonly programme?: { readonly id: string; readonly publicId: string }
  /** Fen that the event is about; not negative. */
  readonly amount?: number
  /** None, or at least two that sum to zero. */
  readonly postings?: readonly Posting[]
  readonly voucher?: {
    readonly id: string
    /** After the event. */
    readonly version: number
    /** Leaf hash of the voucher's leaf before this one; none when this issues it. */
    readonly prev?: Uint8Array
  }
  /** Leaf hash that this entry refers to. */
  readonly ref?: Uint8Array
  /** What the leaf commits to without saying it. */
  readonly commits?: Partial<Record<DisclosureName, string>>
  /** The member's data key: seals what `commits` says of the member. */
  readonly memberKey?: Uint8Array
  /** It ends vouchers without naming each one's latest leaf (a recall, an expiry). */
  readonly closes?: boolean
  /** Fields of this kind alone; keys and values as `formats/leaf.ts` allows. */
  readonly fields?: LeafObject
}

const addEntry = statement<Record<'bucket' | 'id' | 'kind' | 'at' | 'leaf' | 'hash', unknown>>()(
  (db) =>
    db.insert(db.tables.journalEntries).values({
      bucket: sql.placeholder('bucket'),
      id: sql.placeholder('id'),
      kind: sql.placeholder('kind'),
      at: sql.placeholder('at'),
      leaf: sql.placeholder('leaf'),
      leafHash: sql.placeholder('hash'),
    }),
)

const addDisclosure = statement<Record<'bucket' | 'id' | 'member' | 'node', unknown>>()((db) =>
  db.insert(db.tables.disclosures).values({
    bucket: sql.placeholder('bucket'),
    entryId: sql.placeholder('id'),
    sealedMember: sql.placeholder('member'),
    sealedNode: sql.placeholder('node'),
  }),
)

/** An entry whose leaf is fixed, byte for byte, and not yet written. */
export interface DrawnUp {
  readonly entry: Entry
  readonly leaf: Uint8Array
  /** Leaf hash, 32 octets. */
  readonly hash: Uint8Array
  readonly disclosures: { member: Uint8Array | null; node: Uint8Array } | undefined
  /** What opens its digests, by name: for whoever may see it, never for a log line. */
  readonly opens: Partial<Record<DisclosureName, string>>
}

/** Fixes the leaf of an entry, for a caller whose own row must carry its hash. */
export function drawUp(node: ThisNode, entry: Entry): DrawnUp {
  const postings = entry.postings ?? []
  const total = postings.reduce((sum, { amount }) => sum + amount, 0)
  assert.equal(total, 0, `unbalanced ${entry.kind} entry: off by ${total}`)
  assert.notEqual(postings.length, 1, `${entry.kind} entry has one posting`)
  const commitment = commit(sha256, pooledRandom, entry.commits ?? {})
  const leaf = encodeLeaf(leafOf(node, entry, commitment.digests))
  const made = commitment.disclosures
  const disclosures = made.length > 0 ? sealed(node, entry, made) : undefined
  const opens = Object.fromEntries(made.map(({ name, disclosure }) => [name, disclosure]))
  return { entry, leaf, hash: leafHash(sha256, leaf), disclosures, opens }
}

/**
 * Appends a balanced entry and its leaf, and answers the leaf's hash (32 octets). The leaf gets its
 * index when `integrate` runs: before this commit on SQLite, within a tick on PostgreSQL.
 */
export async function post(tx: Tx, node: ThisNode, entry: Entry): Promise<Uint8Array> {
  const drawn = drawUp(node, entry)
  await book(tx, drawn)
  return drawn.hash
}

/** Writes what `drawUp` fixed. */
export async function book(tx: Tx, { entry, leaf, hash, disclosures }: DrawnUp): Promise<void> {
  const { bucket, id, kind, at } = entry
  await tx.perform(addEntry, { bucket, id, kind, at, leaf, hash })
  await tx.insertMany(
    tx.tables.postings,
    moving(entry).map((posting, line) => ({
      bucket,
      entryId: id,
      line,
      account: posting.account,
      programmeId: entry.programme?.id ?? '',
      merchantId: posting.merchantId ?? null,
      amount: posting.amount,
    })),
  )
  const prev = entry.voucher?.prev ?? null
  await tx.insertMany(tx.tables.pendingLeaves, [
    { bucket, entryId: id, leafHash: hash, prev, closes: entry.closes ?? false },
  ])
  if (disclosures) await tx.perform(addDisclosure, { bucket, id, ...disclosures })
}

function leafOf(node: ThisNode, entry: Entry, digests: readonly string[]): LeafObject {
  const postings = moving(entry).map((p) => [p.account, p.amount] as const)
  const { voucher, ref, programme } = entry
  return {
    ...entry.fields,
    v: 1,
    k: entry.kind,
    id: entry.id,
    n: node.code,
    t: entry.at,
    d: digests,
    ...(programme && { pg: programme.publicId }),
    ...(entry.amount !== undefined && { amt: entry.amount, ccy: 'CNY' }),
    ...(postings.length > 0 && { p: postings }),
    ...(voucher && {
      vh: toBase64url(voucherDigest(voucher.id)),
      sv: voucher.version,
      ...(voucher.prev && { prev: toBase64url(voucher.prev) }),
    }),
    ...(ref && { ref: toBase64url(ref) }),
  }
}

/** A benefit may cost nothing: lines of nothing are neither booked nor logged. */
function moving(entry: Entry): readonly Posting[] {
  return (entry.postings ?? []).filter(({ amount }) => amount !== 0)
}

interface Made {
  readonly name: DisclosureName
  readonly disclosure: string
}

/**
 * Seals what opens the digests: member and evidence under the member's key, the rest under the
 * node's, so that erasing a member never destroys a merchant's claim. Of a member without a key
 * (erased, or never met) nothing is kept that could open.
 */
function sealed(node: ThisNode, entry: Entry, made: readonly Made[]) {
  const about = (names: readonly string[]) =>
    utf8(JSON.stringify(made.filter((m) => names.includes(m.name)).map((m) => m.disclosure)))
  const { memberKey, commits } = entry
  const byMember = commits?.operator?.startsWith('member:') // names the member once more
  const own = ['member', 'evidence', ...(byMember ? ['operator'] : [])]
  const others = ['merchant', 'terminal', 'reason', ...(byMember ? [] : ['operator'])]
  return {
    member: memberKey ? seal(memberKey, about(own), `disclosure:${entry.id}`) : null,
    node: seal(node.sealing, about(others), `disclosure:${entry.id}`),
  }
}
