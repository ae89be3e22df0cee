import { concat, toBase64url } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import type { LeafObject } from '../formats/leaf.ts'
import { Frontier, leafHash } from '../formats/tlog/merkle.ts'
import { voucherDigest } from '../ledger/voucher-digest.ts'
import type { Tx } from '../store/store.ts'

/** What a chunk's leaf says of its vouchers, and the list that backs it. */
export interface ChunkList {
  /** `cnt` and `vr`: how many, and the RFC 9162 root over their digests in this order. */
  readonly fields: LeafObject
  /** The digests, 16 octets each. */
  readonly handles: Uint8Array
}

/** Commits to a list of vouchers, by their handles. */
export function chunkList(voucherIds: readonly string[]): ChunkList {
  const digests = voucherIds.map(voucherDigest)
  const tree = new Frontier(sha256)
  for (const digest of digests) tree.append(leafHash(sha256, digest))
  return {
    fields: { cnt: digests.length, vr: toBase64url(tree.root()) },
    handles: concat(...digests),
  }
}

/** Keeps the list, so that everybody can recompute the root. */
export async function keepList(
  tx: Tx,
  { bucket, entryId, handles }: { bucket: number; entryId: string; handles: Uint8Array },
): Promise<void> {
  await tx.insertMany(tx.tables.issuedLists, [{ bucket, entryId, handles }])
}
