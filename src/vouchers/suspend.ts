import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import { changeStanding, type Decision, requireVersion } from './change-standing.ts'
import { benefitOf, requireVoucher } from './lookup.ts'
import { stateAt, stateRefusal, type Voucher } from './states.ts'

export const suspendReasons = [
  'fraud_suspected',
  'complaint',
  'member_request',
  'issued_in_error',
  'system_error',
] as const
export const resumeReasons = ['cleared', 'member_request', 'suspended_in_error'] as const

/**
 * Holds an active voucher: it can be neither redeemed nor given back, and the clock does not end
 * it, until it is resumed or void. Refusals: VOUCHER_NOT_FOUND, VOUCHER_SUSPENDED, NOT_CLAIMED,
 * ALREADY_REDEEMED, VOUCHER_VOID, VOUCHER_RETURNED, VOUCHER_EXPIRED, VERSION_CONFLICT.
 */
export async function suspendVoucher(
  tx: Tx,
  node: ThisNode,
  decision: Decision<(typeof suspendReasons)[number]>,
): Promise<Voucher> {
  const { bucket, voucherId, expectedVersion, now } = decision
  const voucher = await requireVoucher(tx, bucket, voucherId)
  if (stateAt(voucher, now) !== 'active') throw stateRefusal(voucher, now)
  requireVersion(voucher, expectedVersion)
  const { programme } = await benefitOf(tx, voucher)
  const step = { kind: 'voucher.suspend', from: ['active'], to: 'suspended' } as const
  return changeStanding(tx, node, { voucher, programme }, step, decision)
}

/**
 * Gives a suspended voucher back to its member; its validity is what it was, so one whose time went
 * by meanwhile is expired at once. Refusals: VOUCHER_NOT_FOUND, VERSION_CONFLICT (also for one that
 * is active), NOT_CLAIMED, ALREADY_REDEEMED, VOUCHER_VOID, VOUCHER_RETURNED, VOUCHER_EXPIRED.
 */
export async function resumeVoucher(
  tx: Tx,
  node: ThisNode,
  decision: Decision<(typeof resumeReasons)[number]>,
): Promise<Voucher> {
  const { bucket, voucherId, expectedVersion, now } = decision
  const voucher = await requireVoucher(tx, bucket, voucherId)
  if (voucher.state !== 'suspended') throw stateRefusal(voucher, now)
  requireVersion(voucher, expectedVersion)
  const { programme } = await benefitOf(tx, voucher)
  const step = { kind: 'voucher.resume', from: ['suspended'], to: 'active' } as const
  return changeStanding(tx, node, { voucher, programme }, step, decision)
}
