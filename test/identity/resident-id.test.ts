import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarDate } from '../../src/identity/calendar-date.ts'
import { checkCharacter, readResidentId } from '../../src/identity/resident-id.ts'

const today = '2026-06-01'
const numbered = (body: string) => body + checkCharacter(body)

describe('a resident identity number', () => {
  it('has the check character of the examples in GB 11643-1999', () => {
    expect(checkCharacter('11010519491231002')).toBe('X')
    expect(checkCharacter('44052418800101001')).toBe('4')
  })

  it('gives birth date and gender', () => {
    expect(readResidentId('11010519491231002X', today)).toEqual({
      number: '11010519491231002X',
      birthDate: '1949-12-31',
      gender: 'female',
    })
    expect(readResidentId(numbered('99010219960229135'), today)).toMatchObject({
      birthDate: '1996-02-29',
      gender: 'male',
    })
  })

  it.each([
    ['a lower-case x', '11010519491231002x'],
    ['full-width characters', '１１０１０５１９４９１２３１００２Ｘ'],
    ['spaces and tabs', ' 110105 19491231\u3000002X\t'],
    ['a text apostrophe', "'11010519491231002X"],
    ['a text formula', '="11010519491231002X"'],
    ['invisible marks', '\u200e11010519491231002X\ufeff'],
  ])('is repaired from %s', (_, text) => {
    expect(readResidentId(text, today)).toMatchObject({ number: '11010519491231002X' })
  })

  it.each([
    ['excel_rounded_id', '4.40106E+17'],
    ['excel_rounded_id', '4.40106e17'],
    ['excel_rounded_id', '4E+17'],
    ['id_number_length', '1101054912310'],
    ['id_number_length', '110105491231002'],
    ['id_number_length', '11010519491231002'],
    ['id_number_characters', '11010519491231O02X'],
    ['id_number_characters', '1101051949123100X2'],
    ['id_number_characters', '张伟'],
    ['impossible_birth_date', numbered('11010519491331002')],
    ['impossible_birth_date', numbered('11010518991231002')],
    ['impossible_birth_date', numbered('11010520260602002')],
    ['bad_check_digit', '110105194912310021'],
  ])('is refused as %s: %s', (fault, text) => {
    expect(readResidentId(text, today)).toBe(fault)
  })

  it('may be born today, not tomorrow', () => {
    expect(readResidentId(numbered('11010520260601002'), today)).toMatchObject({ gender: 'female' })
  })

  it('shows every mistyped digit and every exchange of neighbours', () => {
    const days = fc.date({
      min: new Date('1900-01-01'),
      max: new Date('2026-06-01'),
      noInvalidDate: true,
    })
    const serials = fc.integer({ min: 0, max: 999 })
    fc.assert(
      fc.property(days, serials, fc.nat(16), fc.integer({ min: 1, max: 9 }), (day, seq, at, by) => {
        const date = day.toISOString().slice(0, 10).replaceAll('-', '')
        const right = numbered(`990102${date}${String(seq).padStart(3, '0')}`)
        expect(readResidentId(right, today)).toHaveProperty('number', right)
        const digit = String((Number(right[at]) + by) % 10)
        expect(readResidentId(right.slice(0, at) + digit + right.slice(at + 1), today)).toBeTypeOf(
          'string',
        )
        if (at < 16 && right[at] !== right[at + 1]) {
          const swapped = `${right.slice(0, at)}${right[at + 1]}${right[at]}${right.slice(at + 2)}`
          expect(readResidentId(swapped, today)).toBeTypeOf('string')
        }
      }),
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void readResidentId(text, today)),
    )
  })
})

describe('a calendar date', () => {
  it('agrees with Date on which days there are', () => {
    const year = fc.integer({ min: 1890, max: 2110 })
    fc.assert(
      fc.property(
        year,
        fc.integer({ min: -1, max: 14 }),
        fc.integer({ min: -1, max: 33 }),
        (y, m, d) => {
          const date = new Date(Date.UTC(y, m - 1, d))
          const real = y >= 1900 && date.getUTCMonth() === m - 1 && date.getUTCDate() === d
          expect(calendarDate(y, m, d)).toBe(real ? date.toISOString().slice(0, 10) : undefined)
        },
      ),
    )
  })
})
