import { day, type Instant } from '../base/clock.ts'
import type { Definition } from '../benefits/definition.ts'

/** When a voucher may be used: half-open, `[from, to)`. */
export interface Validity {
  readonly validFrom: Instant
  readonly validTo: Instant
}

/**
 * The validity of a voucher claimed (or issued as active) at `now`. Before the claim, one that
 * counts from the claim ends with its offer.
 */
export function validityFrom({ validity }: Definition, now: Instant): Validity {
  if ('from' in validity) {
    return { validFrom: Date.parse(validity.from), validTo: Date.parse(validity.to) }
  }
  return { validFrom: now, validTo: now + validity.days_after_claim * day }
}

/** Until when an offer made at `now` can be claimed: never longer than a fixed validity. */
export function offerEnd(definition: Definition, now: Instant): Instant {
  const lapses = now + definition.offer_days * day
  const { validity } = definition
  return 'to' in validity ? Math.min(lapses, Date.parse(validity.to)) : lapses
}
