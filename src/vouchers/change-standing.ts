import { and, eq, inArray } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { BenefitVersion } from '../benefits/versions.ts'
import { ensureMemberKey, memberKeyOf } from '../identity/member-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { book, drawUp, type Entry } from '../ledger/journal.ts'
import type { Tx } from '../store/store.ts'
import { recordEvent } from './events.ts'
import type { Voucher, VoucherState } from './states.ts'

/** What the union decides about one voucher, and on whose word. */
export interface Decision<Reason extends string> {
  readonly bucket: number
  readonly voucherId: string
  readonly reason: Reason
  /** The principal that decides. */
  readonly staff: string
  /** The version that was looked at, where the caller says which. */
  readonly expectedVersion?: number
  readonly now: Instant
}

/** One step of one voucher that moves its state and no use. */
export interface Step {
  readonly kind: 'voucher.suspend' | 'voucher.resume' | 'voucher.void' | 'voucher.extend'
  readonly from: readonly VoucherState[]
  readonly to: VoucherState
  /** Until when it is valid from now on, where that changes: the leaf says so. */
  readonly validTo?: Instant
  /** Fen, and how they move; none where nothing does. */
  readonly money?: Required<Pick<Entry, 'amount' | 'postings'>>
}

/** Refusal VERSION_CONFLICT {version} when the voucher is no longer the one that was looked at. */
export function requireVersion({ version }: Voucher, expected: number | undefined): void {
  if (expected !== undefined && expected !== version) {
    throw new Refusal('VERSION_CONFLICT', { version })
  }
}

/**
 * Moves a voucher from one state to another by one conditional update, with its event and leaf; a
 * terminal that holds it loses it. Refusal VERSION_CONFLICT when somebody was faster.
 */
export async function changeStanding(
  tx: Tx,
  node: ThisNode,
  { voucher, programme }: { voucher: Voucher; programme: BenefitVersion['programme'] },
  { kind, from, to, money, validTo }: Step,
  { reason, staff, now }: Pick<Decision<string>, 'reason' | 'staff' | 'now'>,
): Promise<Voucher> {
  const { bucket, id, memberId, lastLeaf } = voucher
  const version = voucher.version + 1
  const actor = `staff:${staff}`
  await ensureMemberKey(tx, node, memberId)
  const memberKey = await memberKeyOf(tx, node, memberId)
  const drawn = drawUp(node, {
    id: newId(now),
    kind,
    bucket,
    at: now,
    programme,
    ...money,
    voucher: { id, version, prev: lastLeaf },
    ...(validTo !== undefined && { fields: { to: validTo } }),
    commits: { member: memberId, operator: actor, reason },
    ...(memberKey && { memberKey }),
  })
  const { vouchers } = tx.tables
  const [changed] = await tx
    .update(vouchers)
    .set({
      ...{ state: to, version, lastLeaf: drawn.hash, preparedBy: null, preparedUntil: null },
      ...(validTo !== undefined && { validTo }),
    })
    .where(
      and(
        eq(vouchers.bucket, bucket),
        eq(vouchers.id, id),
        inArray(vouchers.state, [...from]),
        eq(vouchers.version, voucher.version),
      ),
    )
    .returning()
  if (!changed) throw new Refusal('VERSION_CONFLICT')
  await book(tx, drawn)
  await recordEvent(tx, { voucher: changed, kind, actor, entryId: drawn.entry.id, at: now })
  return changed
}
