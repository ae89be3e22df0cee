import { day, type Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { readProgramme } from '../benefits/programmes.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { changeStanding, type Decision, requireVersion, type Step } from './change-standing.ts'
import { benefitOf, requireVoucher } from './lookup.ts'
import { stateAt, stateRefusal, type Voucher } from './states.ts'

export const extendReasons = [
  'member_request',
  'store_closed',
  'complaint',
  'system_error',
] as const

/** The longest that any voucher is valid, from when it was issued. */
const longest = 365 * day

/** Until when a voucher issued at `issuedAt` may be valid: its programme's end, or a year. */
export async function latestEnd(
  reader: Reader,
  { programmeId, issuedAt }: Pick<Voucher, 'programmeId' | 'issuedAt'>,
): Promise<Instant> {
  const { periodTo } = await readProgramme(reader, programmeId)
  return Math.min(periodTo, issuedAt + longest)
}

/**
 * Lets an active voucher be used for longer: its leaf says until when (`to`). Refusals:
 * VALIDATION_FAILED (not later than it is, or beyond `latestEnd`), VOUCHER_NOT_FOUND,
 * VOUCHER_SUSPENDED, NOT_CLAIMED, ALREADY_REDEEMED, VOUCHER_VOID, VOUCHER_RETURNED,
 * VOUCHER_EXPIRED, VERSION_CONFLICT.
 */
export async function extendVoucher(
  tx: Tx,
  node: ThisNode,
  decision: Decision<(typeof extendReasons)[number]> & { readonly validTo: Instant },
): Promise<Voucher> {
  const { expectedVersion, validTo } = decision
  const voucher = await requireExtendable(tx, decision)
  requireVersion(voucher, expectedVersion)
  const { programme } = await benefitOf(tx, voucher)
  const step: Step = { kind: 'voucher.extend', from: ['active'], to: 'active', validTo }
  return changeStanding(tx, node, { voucher, programme }, step, decision)
}

/** The voucher, if it could be extended so far. Refusals: those of `extendVoucher`. */
export async function requireExtendable(
  reader: Reader,
  given: { bucket: number; voucherId: string; validTo: Instant; now: Instant },
): Promise<Voucher> {
  const { bucket, voucherId, validTo, now } = given
  const voucher = await requireVoucher(reader, bucket, voucherId)
  if (stateAt(voucher, now) !== 'active') throw stateRefusal(voucher, now)
  const limit = await latestEnd(reader, voucher)
  if (validTo <= voucher.validTo || validTo > limit) {
    const issues = [`valid_to: after ${voucher.validTo}, at most ${limit}`]
    throw new Refusal('VALIDATION_FAILED', { issues })
  }
  return voucher
}
