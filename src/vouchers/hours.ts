import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { BenefitVersion } from '../benefits/versions.ts'

const formats = new Map<string, Intl.DateTimeFormat>()
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** Day of the week (1 Monday to 7 Sunday) and wall time `HH:MM` of `now` in an IANA time zone. */
export function wallTime(now: Instant, timeZone: string): { day: number; time: string } {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  formats.set(timeZone, format)
  const parts = Object.fromEntries(format.formatToParts(now).map((p) => [p.type, p.value]))
  const day = weekdays.indexOf(parts.weekday ?? '') + 1
  return { day, time: `${parts.hour}:${parts.minute}` }
}

/**
 * Refusal OUTSIDE_TIME_WINDOW outside the hours of the benefit, in its programme's time zone. A
 * window that ends before it begins reaches into the next day and counts by the day it began.
 */
export function requireOpenHours({ definition, programme }: BenefitVersion, now: Instant): void {
  if (definition.hours.length === 0) return
  const { day, time } = wallTime(now, programme.timeZone)
  const yesterday = day === 1 ? 7 : day - 1
  const open = definition.hours.some(({ days, from, to }) =>
    from < to
      ? days.includes(day) && from <= time && time < to
      : (days.includes(day) && from <= time) || (days.includes(yesterday) && time < to),
  )
  if (!open) throw new Refusal('OUTSIDE_TIME_WINDOW')
}
