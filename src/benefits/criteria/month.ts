import type { Instant } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import { addDays } from './civil-date.ts'
import { dayIn, midnightOf } from './zone.ts'

/** Where the union keeps its books. */
export const unionZone = 'Asia/Shanghai'

/** A calendar month of the union's time zone: from `from` to before `to`. */
export interface Month {
  /** `YYYY-MM`. */
  readonly name: string
  readonly from: Instant
  readonly to: Instant
}

/** A month by its name, `YYYY-MM`. Refusal VALIDATION_FAILED for one that there is not. */
export function monthNamed(name: string): Month {
  if (!/^(19|20|21)\d\d-(0[1-9]|1[0-2])$/.test(name)) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['month: must be YYYY-MM'] })
  }
  const first = `${name}-01`
  const next = `${addDays(first, 31).slice(0, 7)}-01`
  return { name, from: midnightOf(first, unionZone), to: midnightOf(next, unionZone) }
}

/** The last month that was over at `now`. */
export function monthBefore(now: Instant): Month {
  const first = `${dayIn(unionZone, now).slice(0, 7)}-01`
  return monthNamed(addDays(first, -1).slice(0, 7))
}
