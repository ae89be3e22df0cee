import { and, asc, eq, gt, or, sql } from 'drizzle-orm'

import { equal, toBase64url } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { type Leaf, LeafError, readLeaf } from '../formats/leaf.ts'
import { parseCheckpoint } from '../formats/tlog/checkpoint.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { leafHash } from '../formats/tlog/merkle.ts'
import { parseNote } from '../formats/tlog/note.ts'
import { verifyInclusion } from '../formats/tlog/proof.ts'
import { parseReceipt } from '../formats/tlog/receipt.ts'
import type { Reader } from '../store/store.ts'
import type { Finder } from './findings.ts'
import { voucherDigest } from './voucher-digest.ts'

const page = 500

/**
 * What was booked from other nodes' leaves: each booking is its entry's leaf, and its receipt has
 * the leaf that it refers to, about the same voucher, of the same amount, owed to us; each entry
 * has a booking, and no leaf is booked twice. Whether the other node's log still says so, and whose
 * keys signed the receipts, is for `reconcilePeer`.
 */
export async function verifyPeers(reader: Reader, findings: Finder): Promise<void> {
  const { node } = reader.tables
  const [self] = await reader.select({ number: node.number }).from(node)
  let made: Booking | undefined
  for await (const row of bookings(reader)) {
    if (row.kind === 'redeem' || row.redemptionId !== made?.redemptionId) made = row
    const fault = faultOf(row, { own: self?.number, made })
    if (fault) findings.add('peer', `booking ${row.entryId} ${fault}`)
  }
  const lost = await reader.rows<{ id: string }>(sql`select j.id as id from journal_entries j
    where j.kind in ('node.redeem', 'node.reverse') and not exists (select 1 from peer_bookings b
      where b.bucket = j.bucket and b.entry_id = j.id) limit 20`)
  for (const { id } of lost) findings.add('peer', `entry ${id} is booked from no leaf`)
  const twice = await reader.rows<{ id: string }>(sql`select min(entry_id) as id from peer_bookings
    group by ref having count(*) > 1 limit 20`)
  for (const { id } of twice) findings.add('peer', `the leaf of booking ${id} is booked twice`)
}

/** A booking with the rows that it must agree with; those that are not there are null. */
export type Booking = Awaited<ReturnType<typeof pageOf>>[number]

/** Every booking, in the order of redemptions: each is followed by what undid it. */
export async function* bookings(reader: Reader): AsyncGenerator<Booking> {
  let after: Booking | undefined
  do {
    const rows = await pageOf(reader, after)
    yield* rows
    after = rows.length < page ? undefined : rows.at(-1)
  } while (after)
}

function pageOf(
  reader: Reader,
  after: { bucket: number; redemptionId: string; kind: 'redeem' | 'reverse' } | undefined,
) {
  const { peerBookings: b, journalEntries: j, redemptions: r, peerAsks: a } = reader.tables
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
      ...{ bucket: b.bucket, redemptionId: b.redemptionId, kind: b.kind, ref: b.ref, at: b.at },
      ...{ peer: b.peer, amount: b.amount, entryId: b.entryId, receipt: b.receipt },
      ...{ homeId: b.homeId, askedId: a.homeId },
      ...{ leaf: j.leaf, voucherId: r.voucherId, made: r.entryId, undone: r.reversalEntryId },
    })
    .from(b)
    .leftJoin(j, and(eq(j.bucket, b.bucket), eq(j.id, b.entryId)))
    .leftJoin(r, and(eq(r.bucket, b.bucket), eq(r.id, b.redemptionId)))
    .leftJoin(a, and(eq(a.redemptionId, b.redemptionId), eq(a.kind, b.kind), eq(a.state, 'done')))
    .where(behind)
    .orderBy(asc(b.bucket), asc(b.redemptionId), asc(b.kind))
    .limit(page)
}

/** `own`: our number; `made`: the booking of the redemption that `row` is about. */
function faultOf(
  row: Booking,
  { own, made }: { readonly own: number | undefined; readonly made: Booking },
): string | undefined {
  const { kind, ref, peer, amount, entryId, at, homeId, askedId } = row
  const leaf = row.leaf && leafOf(row.leaf)
  if (!leaf) return 'has no entry'
  if (leaf.k !== `node.${kind}` || leaf.peer !== peer) return 'is of another kind or node'
  if (leaf.ref !== toBase64url(ref)) return 'refers to another leaf than its entry'
  if (leaf.amt !== amount) return 'is of another amount than its entry'
  if (leaf.t !== at) return 'is of another time than its entry'
  if ((kind === 'redeem' ? row.made : row.undone) !== entryId) return 'is not of its redemption'
  if (made.kind !== 'redeem') return 'undoes what was not booked'
  if (homeId !== (askedId ?? homeId) || homeId !== made.homeId) {
    return 'names another redemption than was asked for'
  }
  return faultOfReceipt(row, { own, made })
}

function faultOfReceipt(
  row: Booking,
  { own, made }: { readonly own: number | undefined; readonly made: Booking },
): string | undefined {
  const { kind, amount } = row
  const theirs = provenLeaf(row)
  if (!theirs) return 'has a receipt of another leaf'
  if (theirs.k !== `voucher.${kind}` || theirs.peer !== own) {
    return 'has a receipt of another kind or for another node'
  }
  if (theirs.vh !== digestOf(row.voucherId)) return 'has a receipt of another voucher'
  if (theirs.amt !== amount) return 'has a receipt of another amount'
  const undoes = kind === 'reverse' ? toBase64url(made.ref) : theirs.ref
  return theirs.ref === undoes ? undefined : 'has a receipt that undoes another leaf'
}

/** The other node's leaf, if the receipt proves it by its own checkpoint, whoever signed that. */
function provenLeaf({ receipt, ref }: Booking): Leaf | undefined {
  try {
    const { extra, index, proof, checkpoint } = parseReceipt(receipt)
    if (!extra || !equal(leafHash(sha256, extra), ref)) return undefined
    const { size, root } = parseCheckpoint(parseNote(checkpoint).text)
    verifyInclusion(sha256, { index, size, leafHash: ref, proof, root })
    return leafOf(extra)
  } catch (error) {
    if (error instanceof TlogError) return undefined
    throw error
  }
}

/** As leaves name a voucher; none for what is no handle. */
function digestOf(voucherId: string | null): string | undefined {
  if (!/^[0-9a-f]{32}$/.test(voucherId ?? '')) return undefined
  return toBase64url(voucherDigest(String(voucherId)))
}

function leafOf(bytes: Uint8Array): Leaf | undefined {
  try {
    return readLeaf(bytes)
  } catch (error) {
    if (error instanceof LeafError) return undefined
    throw error
  }
}
