import { type CalendarDate, calendarDate } from './calendar-date.ts'

export type Gender = 'male' | 'female'

export interface ResidentId {
  /** 17 digits and a check character, 'X' in upper case. */
  readonly number: string
  readonly birthDate: CalendarDate
  readonly gender: Gender
}

/** Why a text is no resident identity number; the first that applies, in this order. */
export type ResidentIdFault =
  | 'excel_rounded_id'
  | 'id_number_characters'
  | 'id_number_length'
  | 'impossible_birth_date'
  | 'bad_check_digit'

const plain = /^\d{17}[\dX]$/
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const
const checkCharacters = '10X98765432'
const zero = 48

/**
 * Reads a resident identity number (GB 11643-1999: area, birth date, serial number, check
 * character).
 *
 * Repairs what copying does to it: full-width characters, spaces and tabs, a lower-case x, the
 * apostrophe or `="…"` that keeps Excel from rounding. The area code is not looked up: divisions
 * come and go, numbers stay. A birth date after `today` or before 1900 is impossible.
 */
export function readResidentId(text: string, today: CalendarDate): ResidentId | ResidentIdFault {
  const number = plain.test(text) ? text : repair(text)
  if (/^\d(\.\d+)?E\+?\d+$/.test(number)) return 'excel_rounded_id'
  if (!/^\d*X?$/.test(number)) return 'id_number_characters'
  if (number.length !== 18) return 'id_number_length'
  const birthDate = calendarDate(
    digits(number, 6, 10),
    digits(number, 10, 12),
    digits(number, 12, 14),
  )
  if (birthDate === undefined || birthDate > today) return 'impossible_birth_date'
  if (checkCharacter(number) !== number[17]) return 'bad_check_digit'
  const gender = number.charCodeAt(16) % 2 === 1 ? 'male' : 'female'
  return { number, birthDate, gender }
}

/** The 18th character that the first 17 digits of `number` ask for (ISO 7064, MOD 11-2). */
export function checkCharacter(number: string): string {
  let sum = 0
  for (let i = 0; i < 17; i++) sum += (number.charCodeAt(i) - zero) * (weights[i] ?? 0)
  return checkCharacters.charAt(sum % 11)
}

/** What copying and Excel wrap around any identity document's number, taken off again. */
export function repair(text: string): string {
  const narrow = text.normalize('NFKC').replace(/[\s\u200b-\u200f\ufeff]/g, '')
  return narrow
    .replace(/^="?([^"]*)"?$/, '$1')
    .replace(/^['’`]/, '')
    .toUpperCase()
}

function digits(number: string, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) value = value * 10 + number.charCodeAt(i) - zero
  return value
}
