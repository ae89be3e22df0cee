import type { IsoDate } from './criteria/civil-date.ts'
import type { Definition } from './definition.ts'

/**
 * The `period` of a claim on `today`, a day of the programme's time zone: `ever`, `2026` or
 * `2026-03`.
 */
export function capPeriod(cap: Definition['cap'], today: IsoDate): string {
  if (cap.per === 'ever') return 'ever'
  return cap.per === 'year' ? today.slice(0, 4) : today.slice(0, 7)
}
