import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { Tables } from '../store/schema/tables.ts'

export type Voucher = Tables['vouchers']['$inferSelect']
export type VoucherState = Voucher['state']

/**
 * The state of a voucher at `now`. Expiry is computed here, on every read: what the sweeper has
 * written down only agrees with it.
 */
export function stateAt(voucher: Voucher, now: Instant): VoucherState {
  const { state } = voucher
  if (state === 'offered' && voucher.offerTo !== null && now >= voucher.offerTo) return 'expired'
  if ((state === 'offered' || state === 'active') && now >= voucher.validTo) return 'expired'
  return state
}

/** Why this terminal cannot redeem a voucher now, or `undefined` when its state allows it. */
export function redemptionRefusal(
  voucher: Voucher,
  terminalId: string,
  now: Instant,
): Refusal | undefined {
  switch (stateAt(voucher, now)) {
    case 'used':
      return new Refusal('ALREADY_REDEEMED', { first_redeemed_at: voucher.usedAt ?? 0 })
    case 'suspended':
      return new Refusal('VOUCHER_SUSPENDED')
    case 'void':
      return new Refusal('VOUCHER_VOID')
    case 'returned':
      return new Refusal('VOUCHER_RETURNED')
    case 'expired':
      return new Refusal('VOUCHER_EXPIRED', { expired_at: voucher.validTo })
    case 'offered':
      return new Refusal('NOT_CLAIMED')
    case 'active':
      return activeRefusal(voucher, terminalId, now)
  }
}

/** Throws what `redemptionRefusal` answers. */
export function requireRedeemable(voucher: Voucher, terminalId: string, now: Instant): void {
  const refusal = redemptionRefusal(voucher, terminalId, now)
  if (refusal) throw refusal
}

function activeRefusal(voucher: Voucher, terminalId: string, now: Instant): Refusal | undefined {
  const { validFrom, preparedBy, preparedUntil } = voucher
  if (now < validFrom) return new Refusal('NOT_YET_VALID', { valid_from: validFrom })
  if (preparedBy !== null && preparedBy !== terminalId && (preparedUntil ?? 0) > now) {
    return new Refusal('PREPARED_ELSEWHERE', { until: preparedUntil ?? 0 })
  }
  return undefined
}
