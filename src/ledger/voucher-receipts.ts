import { and, asc, eq, inArray } from 'drizzle-orm'

import { equal, fromBase64url, toBase64 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'
import { parseLeaf } from '../formats/leaf.ts'
import { leafHash, leafHashReader, proveInclusion } from '../formats/tlog/merkle.ts'
import type { Reader } from '../store/store.ts'
import { bestReceiptOf, type EntryReceipt } from './receipt.ts'
import { voucherDigest } from './voucher-digest.ts'

/** One leaf about a voucher, and the best receipt there is of it. */
export interface LeafReceipt {
  readonly kind: string
  /** Of the voucher, after the event. */
  readonly version: number
  readonly at: Instant
  readonly leafHash: Uint8Array
  /** None while the leaf waits for its index: a promise is all there is. */
  readonly receipt: EntryReceipt | undefined
  /** Where the leaf issued many: that this voucher is one of them. */
  readonly issue: IssueProof | undefined
}

/** That a voucher's digest is in the list which a chunk's leaf commits to by its `vr`. */
export interface IssueProof {
  /** `vh`: 16 octets. */
  readonly digest: Uint8Array
  readonly position: number
  /** `cnt` of the leaf. */
  readonly count: number
  /** RFC 9162 inclusion proof, base64, the digest's sibling first. */
  readonly proof: readonly string[]
}

interface Named {
  readonly bucket: number
  readonly id: string
  readonly version: number
  readonly lastLeaf: Uint8Array
  /** The batch that issued it; none when it was claimed from open stock. */
  readonly batchId: string | null
}

/** Every leaf about a voucher, in order, from the one that issued it. */
export async function receiptsOf(reader: Reader, voucher: Named): Promise<readonly LeafReceipt[]> {
  const { voucherEvents, journalEntries } = reader.tables
  const rows = await reader
    .select({
      version: voucherEvents.version,
      entryId: voucherEvents.entryId,
      entry: journalEntries,
    })
    .from(voucherEvents)
    .leftJoin(
      journalEntries,
      and(
        eq(journalEntries.bucket, voucherEvents.bucket),
        eq(journalEntries.id, voucherEvents.entryId),
      ),
    )
    .where(and(eq(voucherEvents.bucket, voucher.bucket), eq(voucherEvents.voucherId, voucher.id)))
    .orderBy(asc(voucherEvents.version))
  const receipts: LeafReceipt[] = []
  if (rows[0]?.version !== 1) {
    const issued = await issuedBy(reader, voucher, rows[0]?.entry?.leaf)
    if (issued) receipts.push(issued)
  }
  for (const { version, entryId, entry } of rows) {
    // What a chunk ended (an expiry, a recall) is booked in the programme's bucket.
    const found = entry ?? (await loggedEntry(reader, { entryId }))
    if (!found) continue
    const { kind, at } = found
    const receipt = await bestReceiptOf(reader, entryId)
    const hash = new Uint8Array(found.leafHash)
    receipts.push({ kind, version, at, leafHash: hash, receipt, issue: undefined })
  }
  return receipts
}

/**
 * A batch issues in chunks: the leaf is of no one voucher. The voucher's next leaf points to it,
 * unless that one, too, is of many (an expiry, a recall): then the batch's chunks are searched.
 */
async function issuedBy(
  reader: Reader,
  voucher: Named,
  next: Uint8Array | undefined,
): Promise<LeafReceipt | undefined> {
  const hash = voucher.version === 1 ? voucher.lastLeaf : next && previousOf(next)
  const entry = hash && (await loggedEntry(reader, { hash }))
  if (entry?.kind.endsWith('.issue')) return chunkReceipt(reader, voucher.id, entry)
  if (voucher.batchId === null) return undefined
  const { batchChunks } = reader.tables
  const chunks = await reader
    .select({ entryId: batchChunks.entryId })
    .from(batchChunks)
    .where(and(eq(batchChunks.batchId, voucher.batchId), eq(batchChunks.kind, 'issue')))
  for (const { entryId } of chunks) {
    const chunk = entryId === null ? undefined : await loggedEntry(reader, { entryId })
    const found = chunk && (await chunkReceipt(reader, voucher.id, chunk))
    if (found?.issue) return found
  }
  return undefined
}

/** The receipt of the leaf that issued a chunk, with the place of this voucher in it. */
async function chunkReceipt(
  reader: Reader,
  voucherId: string,
  entry: Reader['tables']['journalEntries']['$inferSelect'],
): Promise<LeafReceipt> {
  const { issuedLists } = reader.tables
  const [list] = await reader
    .select({ handles: issuedLists.handles })
    .from(issuedLists)
    .where(and(eq(issuedLists.bucket, entry.bucket), eq(issuedLists.entryId, entry.id)))
  const receipt = await bestReceiptOf(reader, entry.id)
  const { kind, at } = entry
  const issue = list && proveIssue(list.handles, voucherDigest(voucherId))
  return { kind, version: 1, at, leafHash: new Uint8Array(entry.leafHash), receipt, issue }
}

/** Proves that a digest is in a list of digests (16 octets each). `undefined` when it is not. */
export function proveIssue(handles: Uint8Array, digest: Uint8Array): IssueProof | undefined {
  const digests = Array.from({ length: handles.length / 16 }, (_, i) =>
    handles.subarray(16 * i, 16 * (i + 1)),
  )
  const position = digests.findIndex((each) => equal(each, digest))
  if (position < 0) return undefined
  const read = leafHashReader(
    sha256,
    digests.map((each) => leafHash(sha256, each)),
  )
  const proof = proveInclusion(sha256, position, digests.length, read).map(toBase64)
  return { digest, position, count: digests.length, proof }
}

async function loggedEntry(
  reader: Reader,
  by: { readonly hash: Uint8Array } | { readonly entryId: string },
) {
  const { logLeaves, journalEntries, logState } = reader.tables
  const which = 'hash' in by ? eq(logLeaves.leafHash, by.hash) : eq(logLeaves.entryId, by.entryId)
  const [row] = await reader
    .select({ entry: journalEntries })
    .from(logLeaves)
    .innerJoin(
      journalEntries,
      and(eq(journalEntries.bucket, logLeaves.bucket), eq(journalEntries.id, logLeaves.entryId)),
    )
    .where(and(inArray(logLeaves.log, reader.select({ log: logState.log }).from(logState)), which))
  return row?.entry
}

function previousOf(leaf: Uint8Array): Uint8Array | undefined {
  const { prev } = parseLeaf(leaf)
  return typeof prev === 'string' ? fromBase64url(prev) : undefined
}
