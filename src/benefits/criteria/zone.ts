import type { Instant } from '../../base/clock.ts'
import type { IsoDate } from './civil-date.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

/** True for the IANA name of a time zone that this machine knows, such as Asia/Shanghai. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

/** The calendar day at `now` in `timeZone`, an IANA name. An unknown zone is a RangeError. */
export function dayIn(timeZone: string, now: Instant): IsoDate {
  return new Date(now + offsetAt(timeZone, now)).toISOString().slice(0, 10)
}

/** The first instant of `date` in `timeZone`; where clocks skip midnight, the instant they do. */
export function midnightOf(date: IsoDate, timeZone: string): Instant {
  const guess = Date.parse(`${date}T00:00:00Z`)
  const near = guess - offsetAt(timeZone, guess)
  const next = guess - offsetAt(timeZone, near)
  const [first, second] = near < next ? [near, next] : [next, near]
  return dayIn(timeZone, first) >= date ? first : second
}

/** Milliseconds by which the wall clock is ahead of UTC, to the second. */
function offsetAt(timeZone: string, now: Instant): number {
  const part: Record<string, number> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(now)) part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  return wall - Math.floor(now / 1000) * 1000
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: 'numeric', day: 'numeric' } as const),
    ...({ hour: 'numeric', minute: 'numeric', second: 'numeric' } as const),
  })
  formats.set(timeZone, format)
  return format
}
