/** A day of the Gregorian calendar, 'YYYY-MM-DD'. Two of them compare as strings. */
export type CalendarDate = string

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

/** The day as 'YYYY-MM-DD', or undefined when no calendar has it or it lies before 1900. */
export function calendarDate(year: number, month: number, day: number): CalendarDate | undefined {
  const days = monthDays[month - 1]
  if (days === undefined || day < 1 || year < 1900 || year > 9999) return undefined
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (day > (leap ? 29 : days)) return undefined
  return `${year}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`
}
