import { and, asc, eq, gt, or, sql } from 'drizzle-orm'

import { equal, toBase64url } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { type Leaf, LeafError, readLeaf } from '../formats/leaf.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { leafHash } from '../formats/tlog/merkle.ts'
import { parseReceipt } from '../formats/tlog/receipt.ts'
import type { Reader } from '../store/store.ts'
import type { Finder } from './findings.ts'

const page = 2000

/**
 * What was booked from other nodes' leaves: each booking is its entry's leaf, and its receipt has
 * the leaf that it refers to, of the same amount; each entry has a booking. Whether the other
 * node's log still says so is for `reconcilePeer`.
 */
export async function verifyPeers(reader: Reader, findings: Finder): Promise<void> {
  let after: Place | undefined
  do {
    const rows = await bookings(reader, after)
    for (const row of rows) {
      const fault = faultOf(row)
      if (fault) findings.add('peer', `booking ${row.entryId} ${fault}`)
    }
    after = rows.length < page ? undefined : rows.at(-1)
  } while (after)
  const lost = await reader.rows<{ id: string }>(sql`select j.id as id from journal_entries j
    where j.kind in ('node.redeem', 'node.reverse') and not exists (select 1 from peer_bookings b
      where b.bucket = j.bucket and b.entry_id = j.id) limit 20`)
  for (const { id } of lost) findings.add('peer', `entry ${id} is booked from no leaf`)
}

type Row = Awaited<ReturnType<typeof bookings>>[number]

interface Place {
  readonly bucket: number
  readonly redemptionId: string
  readonly kind: 'redeem' | 'reverse'
}

function bookings(reader: Reader, after: Place | undefined) {
  const { peerBookings: b, journalEntries: j, redemptions: r } = reader.tables
  const behind =
    after &&
    or(
      gt(b.bucket, after.bucket),
      and(eq(b.bucket, after.bucket), gt(b.redemptionId, after.redemptionId)),
      and(
        ...[eq(b.bucket, after.bucket), eq(b.redemptionId, after.redemptionId)],
        gt(b.kind, after.kind),
      ),
    )
  return reader
    .select({
      ...{ bucket: b.bucket, redemptionId: b.redemptionId, kind: b.kind, ref: b.ref },
      ...{ peer: b.peer, amount: b.amount, entryId: b.entryId, receipt: b.receipt },
      ...{ leaf: j.leaf, made: r.entryId, undone: r.reversalEntryId },
    })
    .from(b)
    .leftJoin(j, and(eq(j.bucket, b.bucket), eq(j.id, b.entryId)))
    .leftJoin(r, and(eq(r.bucket, b.bucket), eq(r.id, b.redemptionId)))
    .where(behind)
    .orderBy(asc(b.bucket), asc(b.redemptionId), asc(b.kind))
    .limit(page)
}

function faultOf(row: Row): string | undefined {
  const { kind, ref, peer, amount, receipt, entryId } = row
  const leaf = row.leaf && leafOf(row.leaf)
  if (!leaf) return 'has no entry'
  if (leaf.k !== `node.${kind}` || leaf.peer !== peer) return 'is of another kind or node'
  if (leaf.ref !== toBase64url(ref)) return 'refers to another leaf than its entry'
  if (leaf.amt !== amount) return 'is of another amount than its entry'
  if ((kind === 'redeem' ? row.made : row.undone) !== entryId) return 'is not of its redemption'
  const theirs = extraOf(receipt)
  if (!theirs || !equal(leafHash(sha256, theirs), ref)) return 'has a receipt of another leaf'
  return leafOf(theirs)?.amt === amount ? undefined : 'has a receipt of another amount'
}

function extraOf(receipt: Uint8Array): Uint8Array | undefined {
  try {
    return parseReceipt(receipt).extra
  } catch (error) {
    if (error instanceof TlogError) return undefined
    throw error
  }
}

function leafOf(bytes: Uint8Array): Leaf | undefined {
  try {
    return readLeaf(bytes)
  } catch (error) {
    if (error instanceof LeafError) return undefined
    throw error
  }
}
