import { and, eq, isNull } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { book, drawUp, type Entry } from '../ledger/journal.ts'
import { peerLedger } from '../ledger/peer-ledger.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { HomeRedemption, HomeReversal } from '../trust/home-answers.ts'
import { bucketOfHandle } from './handle.ts'
import { answerIn, type PeerAsk, settleAsk } from './peer-asks.ts'
import type { Redemption } from './redeem.ts'

export type PeerBooking = Tx['tables']['peerBookings']['$inferSelect']

/** What was booked here, with what the other node said: what a counter is told of it. */
export interface BookedElsewhere<Home> {
  readonly home: Home
  /** Of the redemption here. */
  readonly redemption: { readonly bucket: number; readonly id: string }
  readonly at: Instant
  /** Of our leaf, base64url. */
  readonly leafHash: string
}

/** An answer of another node whose receipt was verified. */
export interface Proven<Home> {
  readonly home: Home
  /** The hash of its leaf. */
  readonly ref: Uint8Array
  readonly receipt: Uint8Array
}

/**
 * Books a redemption that another node's verified receipt proves: that node owes us, we owe the
 * merchant; `ref` is its leaf, and each leaf is booked once. Done before by another, it answers
 * what was booked. Refusal TEMPORARILY_UNAVAILABLE for a leaf that was booked for something else.
 */
export async function bookRedemption(
  tx: Tx,
  node: ThisNode,
  given: { readonly ask: PeerAsk; readonly proven: Proven<HomeRedemption>; readonly now: Instant },
): Promise<BookedElsewhere<HomeRedemption>> {
  const { ask, proven, now } = given
  const { home, ref, receipt } = proven
  const { receipt: _, ...kept } = home
  const bucket = bucketOfHandle(ask.voucherId)
  const [redemptionId, entryId] = [newId(now), newId(now)]
  const told = { home: kept, redemption: { bucket, id: redemptionId }, at: now }
  const amount = home.amount
  const drawn = drawUp(node, entryOf(ask, { kind: 'node.redeem', entryId, amount, ref, now }))
  const booked = { ...told, leafHash: toBase64url(drawn.hash) }
  const homeId = home.redemption_id
  const done = { state: 'done', homeId, redemptionId, answer: booked } as const
  if (!(await settleAsk(tx, node, ask.id, done))) return bookedBefore(tx, node, ask)
  await takeRef(tx, {
    ...{ bucket, ref, peer: ask.peer, kind: 'redeem', amount, entryId, redemptionId },
    ...{ homeId, receipt, at: now },
  })
  await book(tx, drawn)
  await tx.insertMany(tx.tables.redemptions, [rowOf(ask, home, { redemptionId, entryId, now })])
  return booked
}

/**
 * Books that another node has undone a redemption, by its verified receipt: the mirror of
 * `bookRedemption`.
 */
export async function bookReversal(
  tx: Tx,
  node: ThisNode,
  given: { readonly ask: PeerAsk; readonly proven: Proven<HomeReversal>; readonly now: Instant },
): Promise<BookedElsewhere<HomeReversal>> {
  const { ask, proven, now } = given
  const { home, ref, receipt } = proven
  const { receipt: _, ...kept } = home
  const bucket = bucketOfHandle(ask.voucherId)
  const id = ask.redemptionId ?? ''
  const entryId = newId(now)
  const amount = home.amount
  const drawn = drawUp(node, entryOf(ask, { kind: 'node.reverse', entryId, amount, ref, now }))
  const leafHash = toBase64url(drawn.hash)
  const booked = { home: kept, redemption: { bucket, id }, at: now, leafHash }
  const done = { state: 'done', answer: booked } as const
  if (!(await settleAsk(tx, node, ask.id, done))) return bookedBefore(tx, node, ask)
  const { redemptions: r } = tx.tables
  const [undone] = await tx
    .update(r)
    .set({ state: 'reversed', reversedAt: now, reversalEntryId: entryId })
    .where(
      and(
        ...[eq(r.bucket, bucket), eq(r.id, id)],
        ...[eq(r.state, 'committed'), isNull(r.statementId)],
      ),
    )
    .returning({ id: r.id })
  if (!undone) throw new TypeError('another node has undone what is stated here')
  await takeRef(tx, {
    ...{ bucket, ref, peer: ask.peer, kind: 'reverse', amount, entryId },
    ...{ redemptionId: id, homeId: home.redemption_id, receipt, at: now },
  })
  await book(tx, drawn)
  return booked
}

/** The booking of a redemption of another node's voucher; none for one of ours. */
export async function bookingOf(
  reader: Reader,
  { bucket, id }: { readonly bucket: number; readonly id: string },
): Promise<PeerBooking | undefined> {
  const { peerBookings: b } = reader.tables
  const [row] = await reader
    .select()
    .from(b)
    .where(and(eq(b.bucket, bucket), eq(b.redemptionId, id), eq(b.kind, 'redeem')))
  return row
}

/**
 * Keeps a redemption out of statements while another node is asked to undo it. Refusals:
 * ALREADY_REVERSED, REVERSAL_SETTLED.
 */
export async function markUndoing(tx: Tx, made: Redemption, reason: string): Promise<void> {
  const { redemptions: r } = tx.tables
  const key = and(eq(r.bucket, made.bucket), eq(r.id, made.id))
  const [marked] = await tx
    .update(r)
    .set({ reversalReason: reason })
    .where(and(key, eq(r.state, 'committed'), isNull(r.statementId)))
    .returning({ id: r.id })
  if (marked) return
  const [now] = await tx.select({ state: r.state }).from(r).where(key)
  throw new Refusal(now?.state === 'reversed' ? 'ALREADY_REVERSED' : 'REVERSAL_SETTLED')
}

/** Lets it into statements again: the other node has said no. */
export async function unmarkUndoing(tx: Tx, ask: PeerAsk): Promise<void> {
  const { redemptions: r } = tx.tables
  const bucket = bucketOfHandle(ask.voucherId)
  await tx
    .update(r)
    .set({ reversalReason: null })
    .where(and(eq(r.bucket, bucket), eq(r.id, ask.redemptionId ?? ''), eq(r.state, 'committed')))
}

async function takeRef(tx: Tx, row: PeerBooking): Promise<void> {
  const { peerBookings: b } = tx.tables
  const taken = await tx.insert(b).values(row).onConflictDoNothing().returning({ at: b.at })
  if (taken.length === 0) throw new Refusal('TEMPORARILY_UNAVAILABLE')
}

async function bookedBefore<Home>(
  tx: Tx,
  node: ThisNode,
  { id }: PeerAsk,
): Promise<BookedElsewhere<Home>> {
  const { peerAsks: t } = tx.tables
  const [row] = await tx.select().from(t).where(eq(t.id, id))
  const told = row?.state === 'done' ? answerIn<BookedElsewhere<Home>>(node, row) : undefined
  if (!told) throw new Refusal('TEMPORARILY_UNAVAILABLE')
  return told
}

function entryOf(
  ask: PeerAsk,
  given: { kind: string; entryId: string; amount: number; ref: Uint8Array; now: Instant },
): Entry {
  const { kind, entryId: id, amount, ref, now: at } = given
  const { peer, merchantId, terminalId, cashierId: operator, voucherId } = ask
  const theirs = { account: 'node_due_from', merchantId: peerLedger(peer) } as const
  const ours = { account: 'merchant_payable', merchantId } as const
  const sign = kind === 'node.redeem' ? 1 : -1
  const lines = [
    { ...theirs, amount: sign * amount },
    { ...ours, amount: -sign * amount },
  ]
  return {
    ...{ id, kind, bucket: bucketOfHandle(voucherId), at, amount, ref },
    postings: sign > 0 ? lines : lines.toReversed(),
    fields: { peer },
    commits: { merchant: merchantId, terminal: terminalId, operator },
  }
}

/** The redemption as this node knows it: whose it was, and of which programme, is not ours. */
function rowOf(
  ask: PeerAsk,
  home: HomeRedemption,
  { redemptionId, entryId, now }: { redemptionId: string; entryId: string; now: Instant },
): Redemption {
  const { voucherId, merchantId, storeId, terminalId, shiftId, cashierId } = ask
  return {
    ...{ bucket: bucketOfHandle(voucherId), id: redemptionId, voucherId },
    ...{ programmeId: '', benefitId: '', memberId: '' },
    ...{ merchantId, storeId, terminalId, shiftId, cashierId, uses: 1, amount: home.amount },
    ...{ orderAmount: null, policyNumber: null, collector: null, collectedBy: null },
    ...{ state: 'committed', redeemedAt: now, reversibleUntil: home.reversible_until },
    ...{ reversedAt: null, reversalReason: null, entryId, reversalEntryId: null },
    statementId: null,
  }
}
