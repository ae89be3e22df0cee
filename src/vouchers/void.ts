import { and, eq, sql } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import { returnAvailable } from '../benefits/programmes.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import { changeStanding, type Decision, requireVersion, type Step } from './change-standing.ts'
import { benefitOf, requireVoucher } from './lookup.ts'
import { heldBy, releaseUnits } from './quota-units.ts'
import { stateAt, stateRefusal, type Voucher, type VoucherState } from './states.ts'

export const voidReasons = [
  'issued_in_error',
  'duplicate',
  'fraud',
  'member_request',
  'programme_ended',
] as const

const voidable: readonly VoucherState[] = ['offered', 'active', 'suspended']

/**
 * Takes back one voucher for ever, as a recall does: its money returns to the budget, its units to
 * their sub-quotas, and the person's cap is free again; a unit of stock is gone for good. No
 * redemption of it may stand: undo it first. Refusals: VOUCHER_NOT_FOUND, VOUCHER_VOID,
 * VOUCHER_RETURNED, VOUCHER_EXPIRED, ALREADY_REDEEMED, VERSION_CONFLICT.
 */
export async function voidVoucher(
  tx: Tx,
  node: ThisNode,
  decision: Decision<(typeof voidReasons)[number]>,
): Promise<Voucher> {
  const { bucket, voucherId, expectedVersion, now } = decision
  const voucher = await requireVoucher(tx, bucket, voucherId)
  if (!voidable.includes(stateAt(voucher, now))) throw stateRefusal(voucher, now)
  requireVersion(voucher, expectedVersion)
  if (voucher.usesLeft < voucher.usesTotal) throw new Refusal('ALREADY_REDEEMED')
  const { definition, programme } = await benefitOf(tx, voucher)
  const amount = voucher.amount * voucher.usesLeft
  const postings = [
    { account: 'voucher_liability', amount },
    { account: 'budget_available', amount: -amount },
  ] as const
  const money = { amount, postings }
  const step: Step = { kind: 'voucher.void', from: voidable, to: 'void', money }
  const gone = await changeStanding(tx, node, { voucher, programme }, step, decision)
  await freeCap(tx, voucher)
  await releaseUnits(tx, definition, heldBy(tx, gone))
  await returnAvailable(tx, programme.id, amount)
  return gone
}

/** A void voucher does not count against anybody's cap; the stock has one unit less. */
async function freeCap(tx: Tx, { bucket, personId, benefitId, id, origin }: Voucher) {
  const { claims, quotas } = tx.tables
  await tx
    .delete(claims)
    .where(
      and(
        eq(claims.bucket, bucket),
        eq(claims.personId, personId),
        eq(claims.benefitId, benefitId),
        eq(claims.voucherId, id),
      ),
    )
  if (origin !== 'stock') return
  await tx
    .update(quotas)
    .set({ used: sql`${quotas.used} - 1`, total: sql`${quotas.total} - 1` })
    .where(and(eq(quotas.benefitId, benefitId), eq(quotas.scope, 'total')))
}
