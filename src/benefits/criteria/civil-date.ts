import { day } from '../../base/clock.ts'

/** A day of the Gregorian calendar, YYYY-MM-DD, in the programme's time zone. Compares as text. */
export type IsoDate = string

/** The days a criterion or a fact may name: wide enough for the living and their programmes. */
const firstDay = '1900-01-01'
const lastDay = '2199-12-31'

/** True for a real day written YYYY-MM-DD, from 1900 to 2199. */
export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < firstDay || text > lastDay) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && iso(at) === text
}

/** The day `days` later; earlier when negative. */
export function addDays(date: IsoDate, days: number): IsoDate {
  return iso(Date.parse(`${date}T00:00:00Z`) + days * day)
}

/** Days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: IsoDate, to: IsoDate): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / day
}

/**
 * The latest birth date of those who have completed `years` years on `today`:
 * age >= years ⇔ birth_date <= ageCutoff(today, years), compared as text.
 * Who was born on 29 February has the birthday on 1 March in common years, so on 29 February the
 * cutoff in a common year is the 28th.
 */
export function ageCutoff(today: IsoDate, years: number): IsoDate {
  const year = Number(today.slice(0, 4)) - years
  const monthDay = today.slice(5)
  return monthDay === '02-29' && !leap(year)
    ? `${padded(year)}-02-28`
    : `${padded(year)}-${monthDay}`
}

/** The first day on which someone born on `birth` has completed `years` years. */
export function birthday(birth: IsoDate, years: number): IsoDate {
  const year = Number(birth.slice(0, 4)) + years
  const monthDay = birth.slice(5)
  return monthDay === '02-29' && !leap(year)
    ? `${padded(year)}-03-01`
    : `${padded(year)}-${monthDay}`
}

/**
 * The latest joining date of those who have been members for `days` days on `today`:
 * tenure >= days ⇔ joined_on <= tenureCutoff(today, days), where tenure = today − joined_on.
 */
export function tenureCutoff(today: IsoDate, days: number): IsoDate {
  return addDays(today, -days)
}

function leap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

function padded(year: number): string {
  return String(year).padStart(4, '0')
}

function iso(at: number): IsoDate {
  return new Date(at).toISOString().slice(0, 10)
}
