import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { RefusalCode } from '../base/refusal-codes.ts'
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
      return new Refusal('ALREADY_REDEEMED', firstUse(voucher))
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

/** Of several uses the row knows the last: `tellingFirstUse` looks for the first. */
function firstUse({ usesTotal, usedAt }: Voucher) {
  return usesTotal === 1 && usedAt !== null ? { first_redeemed_at: usedAt } : {}
}

/**
 * Why an act that needs another state is refused. Refusals: NOT_CLAIMED, ALREADY_REDEEMED,
 * VOUCHER_SUSPENDED, VOUCHER_VOID, VOUCHER_RETURNED, VOUCHER_EXPIRED, and VERSION_CONFLICT for one
 * that is active.
 */
export function stateRefusal(voucher: Voucher, now: Instant): Refusal {
  const state = stateAt(voucher, now)
  const codes = {
    offered: 'NOT_CLAIMED',
    active: 'VERSION_CONFLICT',
    used: 'ALREADY_REDEEMED',
    suspended: 'VOUCHER_SUSPENDED',
    void: 'VOUCHER_VOID',
    returned: 'VOUCHER_RETURNED',
    expired: 'VOUCHER_EXPIRED',
  } as const satisfies Record<VoucherState, RefusalCode>
  return new Refusal(codes[state], { state })
}

function activeRefusal(voucher: Voucher, terminalId: string, now: Instant): Refusal | undefined {
  const { validFrom, preparedBy, preparedUntil } = voucher
  if (now < validFrom) return new Refusal('NOT_YET_VALID', { valid_from: validFrom })
  if (preparedBy !== null && preparedBy !== terminalId && (preparedUntil ?? 0) > now) {
    return new Refusal('PREPARED_ELSEWHERE', { until: preparedUntil ?? 0 })
  }
  return undefined
}
