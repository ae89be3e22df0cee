import { and, eq, isNull, or } from 'drizzle-orm'

import { hour, type Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { memberKeyOf } from '../identity/member-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { book, type DrawnUp, drawUp, type Entry } from '../ledger/journal.ts'
import { peerOfLedger } from '../ledger/peer-ledger.ts'
import type { Tx } from '../store/store.ts'
import { recordEvent } from './events.ts'
import { benefitOf, requireVoucher } from './lookup.ts'
import type { Redemption } from './redeem.ts'
import type { Voucher } from './states.ts'
import { tellOfBenefit } from './tell.ts'
import { countManagerReversal, type Desk, deskAt, rightOf } from './undoer.ts'

/** How often one voucher may be redeemed and undone. */
export const maxReversals = 3

export const reversalReasons = [
  'wrong_voucher',
  'wrong_amount',
  'goods_unavailable',
  'member_changed_mind',
  'system_error',
] as const

export interface ReversalRequest {
  readonly redemption: { readonly bucket: number; readonly id: string }
  readonly reason: (typeof reversalReasons)[number]
  /**
   * A terminal undoes its own, its manager the store's, and one of another node as that node says
   * who is at it; staff undo any in their scope that was made here.
   */
  readonly by:
    | { readonly terminalId: string }
    | { readonly elsewhere: Desk }
    | { readonly staff: string }
  readonly now: Instant
}

export interface Reversed {
  readonly redemption: Redemption
  readonly leafHash: Uint8Array
  readonly usesLeft: number
  readonly validTo: Instant
  readonly opens: DrawnUp['opens']
}

/**
 * Undoes a redemption; both stay on record. A voucher that expired meanwhile is extended by the
 * benefit's grace. Refusals: NOT_FOUND (also for another's), ALREADY_REVERSED,
 * REVERSAL_SETTLED (a statement states it), REVERSAL_WINDOW_PASSED, REVERSAL_LIMIT (the
 * voucher's, or the managers' of that day),
 * VOUCHER_SUSPENDED, VERSION_CONFLICT, for a terminal those of `requireStanding`, and for staff
 * FORBIDDEN where another node has a part in it: its books would not follow.
 */
export async function reverse(
  tx: Tx,
  node: ThisNode,
  { redemption: { bucket, id }, reason, by, now }: ReversalRequest,
): Promise<Reversed> {
  const { redemptions } = tx.tables
  const key = and(eq(redemptions.bucket, bucket), eq(redemptions.id, id))
  const desk = await deskOf(tx, by, now)
  const [made] = await tx.select().from(redemptions).where(key)
  if (!made) throw new Refusal('NOT_FOUND')
  const right = desk ? rightOf(made, desk, now) : 'staff'
  requireOpen(made)
  const peer = peerOfLedger(made.merchantId)
  if ('staff' in by && (peer !== undefined || made.programmeId === '')) {
    throw new Refusal('FORBIDDEN')
  }

  const voucher = await requireVoucher(tx, bucket, made.voucherId)
  if (voucher.reversals >= maxReversals) throw new Refusal('REVERSAL_LIMIT')
  if (voucher.state === 'suspended') throw new Refusal('VOUCHER_SUSPENDED')
  const { definition, programme } = await benefitOf(tx, voucher)
  const entryId = newId(now)
  const [undone] = await tx
    .update(redemptions)
    .set({ state: 'reversed', reversedAt: now, reversalReason: reason, reversalEntryId: entryId })
    .where(and(key, eq(redemptions.state, 'committed'), isNull(redemptions.statementId)))
    .returning()
  if (!undone) throw await overtaken(tx, made)

  if (right === 'manager') await countManagerReversal(tx, made, programme.timeZone)

  const actor = actorOf(by, right, desk)
  const ref = await leafOfEntry(tx, bucket, made.entryId)
  const memberKey = await memberKeyOf(tx, node, voucher.memberId)
  const drawn = drawUp(node, {
    ...entryOf(voucher, made, { reason, now, operator: desk?.standing.cashierId ?? actor }),
    id: entryId,
    programme,
    ref,
    ...(memberKey && { memberKey }),
    ...((right !== 'terminal' || peer !== undefined) && {
      fields: { ...(right !== 'terminal' && { by: right }), ...(peer !== undefined && { peer }) },
    }),
  })
  const validTo = Math.max(voucher.validTo, extended(voucher, definition.grace_hours, now))
  const back = await giveBack(tx, voucher, { lastLeaf: drawn.hash, validTo })
  if (!back) throw new Refusal('VERSION_CONFLICT')
  await book(tx, drawn)
  const after = { bucket, id: voucher.id, version: voucher.version + 1 }
  const { kind } = drawn.entry
  await recordEvent(tx, { voucher: after, kind, actor, entryId, at: now })
  const to = [{ memberId: voucher.memberId, bucket, subject: id }]
  await tellOfBenefit(tx, 'reversed', { benefit: { definition }, to, now })
  const { hash: leafHash, opens } = drawn
  return { redemption: undone, leafHash, usesLeft: back.usesLeft, validTo, opens }
}

/** The voucher has its use again; `undefined` when somebody else has changed it meanwhile. */
async function giveBack(
  tx: Tx,
  voucher: Voucher,
  { lastLeaf, validTo }: { lastLeaf: Uint8Array; validTo: Instant },
): Promise<{ usesLeft: number } | undefined> {
  const { vouchers } = tx.tables
  // Uses that expired are released for good: only the one that was redeemed comes back.
  const gone = voucher.state === 'expired' ? voucher.usesLeft : 0
  const [back] = await tx
    .update(vouchers)
    .set({
      usesLeft: voucher.usesLeft - gone + 1,
      usesTotal: voucher.usesTotal - gone,
      state: 'active',
      version: voucher.version + 1,
      reversals: voucher.reversals + 1,
      lastLeaf,
      validTo,
    })
    .where(
      and(
        eq(vouchers.bucket, voucher.bucket),
        eq(vouchers.id, voucher.id),
        eq(vouchers.version, voucher.version),
        or(eq(vouchers.state, 'used'), eq(vouchers.state, 'active'), eq(vouchers.state, 'expired')),
      ),
    )
    .returning({ usesLeft: vouchers.usesLeft })
  return back
}

async function deskOf(tx: Tx, by: ReversalRequest['by'], now: Instant): Promise<Desk | undefined> {
  if ('elsewhere' in by) return by.elsewhere
  return 'terminalId' in by ? deskAt(tx, by.terminalId, now) : undefined
}

/** What a statement states is corrected in a later one, never undone. */
function requireOpen({ state, statementId }: Redemption): void {
  if (state === 'reversed') throw new Refusal('ALREADY_REVERSED')
  if (statementId !== null) throw new Refusal('REVERSAL_SETTLED')
}

/** Why the update saw no row: somebody was faster. */
async function overtaken(tx: Tx, { bucket, id }: Redemption): Promise<Refusal> {
  const { redemptions } = tx.tables
  const [now] = await tx
    .select({ statementId: redemptions.statementId })
    .from(redemptions)
    .where(and(eq(redemptions.bucket, bucket), eq(redemptions.id, id)))
  return new Refusal(now?.statementId ? 'REVERSAL_SETTLED' : 'ALREADY_REVERSED')
}

/** A kind and an id, never a name. */
function actorOf(by: ReversalRequest['by'], right: string, desk: Desk | undefined): string {
  if ('staff' in by) return `staff:${by.staff}`
  return right === 'manager' && desk
    ? `manager:${desk.standing.cashierId}`
    : `terminal:${desk?.standing.terminalId}`
}

function entryOf(
  voucher: Voucher,
  made: Redemption,
  { reason, now, operator }: { reason: string; now: Instant; operator: string },
): Omit<Entry, 'id'> {
  const { merchantId, amount } = made
  const elsewhere = peerOfLedger(merchantId) !== undefined
  const account = elsewhere ? 'node_due_to' : 'merchant_payable'
  return {
    kind: 'voucher.reverse',
    bucket: voucher.bucket,
    at: now,
    amount,
    postings: [
      { account, amount, merchantId },
      { account: 'voucher_liability', amount: -amount },
    ],
    voucher: { id: voucher.id, version: voucher.version + 1, prev: voucher.lastLeaf },
    commits: {
      member: voucher.memberId,
      merchant: merchantId,
      terminal: made.terminalId,
      operator,
      reason,
    },
  }
}

/** A shop's mistake must not cost the worker: validity that ended meanwhile is given back. */
function extended(voucher: Voucher, graceHours: number, now: Instant): Instant {
  return now >= voucher.validTo ? now + graceHours * hour : voucher.validTo
}

async function leafOfEntry(tx: Tx, bucket: number, entryId: string): Promise<Uint8Array> {
  const { journalEntries } = tx.tables
  const [entry] = await tx
    .select({ leafHash: journalEntries.leafHash })
    .from(journalEntries)
    .where(and(eq(journalEntries.bucket, bucket), eq(journalEntries.id, entryId)))
  if (!entry) throw new TypeError(`redemption without an entry ${entryId}`)
  return entry.leafHash
}
