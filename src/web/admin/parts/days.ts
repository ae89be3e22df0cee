const day = 86_400_000

/**
 * The end of what fields of days and of times take. With years of four digits each part leads to
 * the next by itself when it is typed; without an end they have six.
 */
export const lastDay = '9999-12-31'
export const lastMinute = `${lastDay}T23:59`

/**
 * The beginning of a day (YYYY-MM-DD) in China, in ms since 1970-01-01T00:00:00Z; `later` days on.
 * The end of a period is the first instant that is no longer in it.
 */
export function chinaMidnight(date: string, later = 0): number {
  return Date.parse(`${date}T00:00:00+08:00`) + later * day
}

/** The same as text with its offset, as definitions of benefits have it. */
export function chinaMidnightText(date: string, later = 0): string {
  const shifted = new Date(chinaMidnight(date, later) + 8 * 3_600_000)
  return `${shifted.toISOString().slice(0, 10)}T00:00:00+08:00`
}

/** Yuan as somebody typed it, in fen; undefined when it is no amount. */
export function fenOf(yuan: number | string): number | undefined {
  const amount = Number(yuan)
  return yuan === '' || !Number.isFinite(amount) ? undefined : Math.round(amount * 100)
}
