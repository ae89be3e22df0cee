import { describe, expect, it } from 'vitest'
import {
  addDays,
  ageCutoff,
  birthday,
  daysBetween,
  isIsoDate,
  tenureCutoff,
} from '../../../src/benefits/criteria/civil-date.ts'

/** Every day of five years with two leap days, and of the common year 1900 and its neighbours. */
const todays = [...daysFrom('2023-01-01', 1900), ...daysFrom('2100-02-20', 20)]

function daysFrom(start: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => addDays(start, i))
}

/** The definition, counted on the fingers: birthdays passed, 29 February falling on 1 March. */
function completedYears(birth: string, today: string): number {
  const years = Number(today.slice(0, 4)) - Number(birth.slice(0, 4))
  const leap = isIsoDate(`${today.slice(0, 4)}-02-29`)
  const monthDay = birth.endsWith('-02-29') && !leap ? '03-01' : birth.slice(5)
  return today.slice(5) >= monthDay ? years : years - 1
}

describe('ageCutoff', () => {
  it('divides births exactly where a birthday is completed, around every leap day', () => {
    const births = [...daysFrom('2004-02-25', 8), ...daysFrom('2005-02-25', 8), '2000-02-29']
    for (const today of todays) {
      for (const birth of births) {
        const age = completedYears(birth, today)
        for (const years of [18, 19, 20, 21, age, age + 1]) {
          expect(birth <= ageCutoff(today, years), `${birth} ${today} ${years}`).toBe(age >= years)
        }
      }
    }
  })

  it('is first reached on the birthday', () => {
    for (const birth of ['2004-02-28', '2004-02-29', '2004-03-01', '2005-12-31', '2006-01-01']) {
      for (const years of [0, 18, 19, 20, 96]) {
        const first = birthday(birth, years)
        expect(birth <= ageCutoff(first, years)).toBe(true)
        expect(birth <= ageCutoff(addDays(first, -1), years)).toBe(false)
      }
    }
  })
})

describe('tenureCutoff', () => {
  it('divides joining dates where the days are completed', () => {
    for (const today of todays.slice(400, 500)) {
      for (const joined of daysFrom('2024-01-20', 80)) {
        for (const days of [0, 1, 30, 59]) {
          const reached = daysBetween(joined, today) >= days
          expect(joined <= tenureCutoff(today, days)).toBe(reached)
        }
      }
    }
  })
})

describe('isIsoDate', () => {
  it('knows real days, written in full', () => {
    expect(['2024-02-29', '1900-01-01', '2199-12-31'].every(isIsoDate)).toBe(true)
    const wrong = [
      '2023-02-29',
      '1900-02-29',
      '2024-2-9',
      '2024-13-01',
      '1899-12-31',
      '',
      '2200-01-01',
    ]
    expect(wrong.some(isIsoDate)).toBe(false)
  })
})
