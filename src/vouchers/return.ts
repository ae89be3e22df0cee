import { and, eq, gt, inArray } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { returnAvailable } from '../benefits/programmes.ts'
import { memberKeyOf } from '../identity/member-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { book, drawUp } from '../ledger/journal.ts'
import type { Tx } from '../store/store.ts'
import { recordEvent } from './events.ts'
import { benefitOf, requireVoucher } from './lookup.ts'
import { heldBy, releaseUnits } from './quota-units.ts'
import { stateAt, type Voucher } from './states.ts'
import { holdOpenStock, returnStock } from './stock.ts'

/**
 * Gives back a voucher that was never used: its money returns to the budget, or its unit to the
 * stock while that is open, those of sub-quotas to the levels and days they were taken from, and
 * the person's cap is free again. Refusals: VOUCHER_NOT_FOUND (also
 * for another's), RETURN_NOT_ALLOWED, ALREADY_REDEEMED, VOUCHER_EXPIRED, VOUCHER_SUSPENDED,
 * VOUCHER_VOID, VOUCHER_RETURNED, VERSION_CONFLICT (somebody was faster).
 */
export async function returnVoucher(
  tx: Tx,
  node: ThisNode,
  given: { memberId: string; bucket: number; voucherId: string; now: Instant },
): Promise<Voucher> {
  const { memberId, bucket, voucherId, now } = given
  const voucher = await requireVoucher(tx, bucket, voucherId)
  if (voucher.memberId !== memberId) throw new Refusal('VOUCHER_NOT_FOUND')
  const { definition, programme } = await benefitOf(tx, voucher)
  requireReturnable(voucher, now)
  if (!definition.returnable) throw new Refusal('RETURN_NOT_ALLOWED')

  const { personId, benefitId } = voucher
  const amount = voucher.amount * voucher.usesTotal
  const version = voucher.version + 1
  const memberKey = await memberKeyOf(tx, node, memberId)
  const stock = voucher.origin === 'stock' && (await holdOpenStock(tx, benefitId))
  const drawn = drawUp(node, {
    id: newId(now),
    kind: 'voucher.return',
    bucket,
    at: now,
    programme,
    amount,
    postings: [
      { account: 'voucher_liability', amount },
      { account: stock ? 'stock_reserved' : 'budget_available', amount: -amount },
    ],
    voucher: { id: voucherId, version, prev: voucher.lastLeaf },
    commits: { member: memberId },
    ...(memberKey && { memberKey }),
  })
  const { vouchers, claims } = tx.tables
  const [returned] = await tx
    .update(vouchers)
    .set({ state: 'returned', version, lastLeaf: drawn.hash })
    .where(
      and(
        eq(vouchers.bucket, bucket),
        eq(vouchers.id, voucherId),
        inArray(vouchers.state, ['offered', 'active']),
        eq(vouchers.usesLeft, vouchers.usesTotal),
        eq(vouchers.version, voucher.version),
        gt(vouchers.validTo, now),
      ),
    )
    .returning()
  if (!returned) throw new Refusal('VERSION_CONFLICT')
  await book(tx, drawn)
  await releaseUnits(tx, definition, heldBy(tx, returned))
  await tx
    .delete(claims)
    .where(
      and(
        eq(claims.bucket, bucket),
        eq(claims.personId, personId),
        eq(claims.benefitId, benefitId),
        eq(claims.voucherId, voucherId),
      ),
    )
  if (voucher.origin === 'stock') await returnStock(tx, benefitId, { units: 1, open: stock })
  if (!stock) await returnAvailable(tx, programme.id, amount)
  const { id: entryId, kind } = drawn.entry
  await recordEvent(tx, { voucher: returned, kind, actor: `member:${memberId}`, entryId, at: now })
  return returned
}

function requireReturnable(voucher: Voucher, now: Instant): void {
  switch (stateAt(voucher, now)) {
    case 'offered':
    case 'active':
      if (voucher.usesLeft === voucher.usesTotal) return
      throw new Refusal('RETURN_NOT_ALLOWED')
    case 'used':
      throw new Refusal('ALREADY_REDEEMED')
    case 'expired':
      throw new Refusal('VOUCHER_EXPIRED')
    case 'suspended':
      throw new Refusal('VOUCHER_SUSPENDED')
    case 'void':
      throw new Refusal('VOUCHER_VOID')
    case 'returned':
      throw new Refusal('VOUCHER_RETURNED')
  }
}
