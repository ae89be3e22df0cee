import { type CalendarDate, calendarDate } from '../calendar-date.ts'
import { type Gender, readResidentId, repair } from '../resident-id.ts'
import { type Cell, textOf } from './cell.ts'
import { type Fault, fault } from './faults.ts'

export const idTypes = ['resident_id', 'passport', 'other'] as const
export type IdType = (typeof idTypes)[number]

const occupationLabels = {
  courier: '快递员',
  food_delivery: '外卖配送员',
  ride_hailing: '网约车司机',
  truck_driver: '货车司机',
  sanitation: '环卫工人',
  construction: '建筑工人',
  manufacturing: '制造业工人',
  domestic_service: '家政服务员',
  security_guard: '保安员',
  other: '其他',
} as const

export type Occupation = keyof typeof occupationLabels

/** The occupations counted as new forms of employment; the SQL side lists the same ones. */
export const newEmploymentForms: readonly Occupation[] = [
  ...(['courier', 'food_delivery', 'ride_hailing', 'truck_driver'] as const),
]

/** What the number of an identity document says. */
export interface Identity {
  readonly idNumber: string
  readonly birthDate: CalendarDate | undefined
  readonly gender: Gender | undefined
}

const occupationOf = new Map<string, Occupation>(
  Object.entries(occupationLabels).flatMap(([slug, label]) => [
    [slug, slug as Occupation],
    [slug.replaceAll('_', ' '), slug as Occupation],
    [label, slug as Occupation],
  ]),
)
occupationOf.set('其它', 'other')

const idTypeOf = new Map<string, IdType>([
  ['居民身份证', 'resident_id'],
  ['身份证', 'resident_id'],
  ['resident_id', 'resident_id'],
  ['resident id', 'resident_id'],
  ['护照', 'passport'],
  ['passport', 'passport'],
  ['其他', 'other'],
  ['其它', 'other'],
  ['other', 'other'],
])

const booleanOf = new Map<string, boolean>([
  ...['是', 'yes', 'y', '1', 'true'].map((word) => [word, true] as const),
  ...['否', 'no', 'n', '0', 'false', ''].map((word) => [word, false] as const),
])

const longestCell = 256
const longestExactNumber = 1e15
const rounded = /^\d\.\d+E\+?\d+$/i

/** The member number, at most 32 printable characters; undefined when empty (a new member). */
export function readMemberNo(cell: Cell | undefined): string | undefined | Fault {
  if (typeof cell === 'number' && !isExact(cell)) return fault.excel_rounded_member_no
  const text = textOf(cell)
  if (/^[0-9A-Za-z]{1,32}$/.test(text)) return text
  if (text === '') return undefined
  if (text.length > longestCell) return fault.cell_too_long
  if (rounded.test(text)) return fault.excel_rounded_member_no
  const number = text.normalize('NFKC').trim()
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,32}$/u.test(number) ? number : fault.bad_member_no
}

/**
 * The name in NFC, 1 to 64 code points, none of them a control or a direction mark. Spaces between
 * Chinese characters only make names equally wide (张　伟): they go, and every middle dot is U+00B7.
 */
export function readName(cell: Cell | undefined): string | Fault {
  const text = textOf(cell)
  if (/^[\u4e00-\u9fff]{1,64}$/.test(text)) return text
  if (text === '') return fault.missing_name
  if (text.length > longestCell) return fault.cell_too_long
  const name = text
    .normalize('NFC')
    .replace(/[\u2022\u2027\u2219\u22c5\u30fb\uff65]/g, '·')
    .replace(/(?<=[\p{Script=Han}·])\s+(?=[\p{Script=Han}·])/gu, '')
  if (/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069\ufffd]/u.test(name)) return fault.bad_name
  // 128 UTF-16 units can be 64 code points, so they are counted.
  return [...name].length <= 64 && /[\p{L}\p{N}]/u.test(name) ? name : fault.bad_name
}

/** The kind of identity document; empty means a resident identity card. */
export function readIdType(cell: Cell | undefined): IdType | Fault {
  const text = textOf(cell)
  if (text === '') return 'resident_id'
  return idTypeOf.get(text) ?? idTypeOf.get(wordOf(text)) ?? fault.unknown_id_type
}

/**
 * The number of an identity document. A resident identity number (GB 11643) gives birth date and
 * gender, neither after `today`; other numbers are 5 to 32 letters, digits and hyphens, upper case.
 * A workbook's number of 16 digits or more has lost its last ones whatever they show.
 */
export function readIdNumber(
  cell: Cell | undefined,
  idType: IdType,
  today: CalendarDate,
): Identity | Fault {
  if (typeof cell === 'number' && !isExact(cell)) return fault.excel_rounded_id
  const text = textOf(cell)
  if (text === '') return fault.missing_id_number
  if (text.length > longestCell) return fault.cell_too_long
  if (idType === 'resident_id') {
    const id = readResidentId(text, today)
    if (typeof id === 'string') return fault[id]
    return { idNumber: id.number, birthDate: id.birthDate, gender: id.gender }
  }
  const idNumber = repair(text)
  if (rounded.test(idNumber)) return fault.excel_rounded_id
  if (!/^[0-9A-Z-]{5,32}$/.test(idNumber)) return fault.bad_document_number
  return { idNumber, birthDate: undefined, gender: undefined }
}

/** The mobile number, 11 digits without country code; undefined when empty. */
export function readMobile(cell: Cell | undefined): string | undefined | Fault {
  const text = textOf(cell)
  if (/^1\d{10}$/.test(text)) return text
  if (text === '') return undefined
  if (text.length > longestCell) return fault.cell_too_long
  const repaired = repair(text).replace(/[-().]|(?<=^)(?:\+|00)(?=86)/g, '')
  if (rounded.test(repair(text))) return fault.excel_rounded_mobile
  const number = /^861\d{10}$/.test(repaired) ? repaired.slice(2) : repaired
  if (/^1\d{10}$/.test(number)) return number
  return /^\d{1,10}$/.test(number) ? fault.short_mobile : fault.bad_mobile
}

/** The organisation's code, upper case; whether it exists is `exists`'s to say. */
export function readOrgCode(
  cell: Cell | undefined,
  exists: (code: string) => boolean,
): string | Fault {
  const text = textOf(cell)
  const code = /^\d{1,32}$/.test(text) ? text : repair(text.slice(0, longestCell))
  if (code === '') return fault.missing_org
  return /^[0-9A-Z-]{1,32}$/.test(code) && exists(code) ? code : fault.unknown_org
}

/** The occupation's slug from its slug or Chinese label; undefined when empty. */
export function readOccupation(cell: Cell | undefined): Occupation | undefined | Fault {
  const text = textOf(cell)
  if (text === '') return undefined
  return occupationOf.get(text) ?? occupationOf.get(wordOf(text)) ?? fault.unknown_occupation
}

/**
 * The day of joining, with or without a time of day behind it: 2024-03-05, 2024/3/5 (or with dots),
 * 2024年3月5日, 20240305, or an Excel serial date of five digits (10000 is 1927-05-18). Not after
 * `today`, not before 1900.
 */
export function readJoinedOn(cell: Cell | undefined, today: CalendarDate): CalendarDate | Fault {
  const text = textOf(cell)
  if (text === '') return fault.missing_joined_on
  if (text.length > longestCell) return fault.cell_too_long
  const day = text.replace(timeOfDay, '')
  const read = dateOf(day) ?? dateOf(repair(day))
  if (read === undefined) return fault.unreadable_date
  if (read === 'impossible') return fault.impossible_date
  return read > today ? fault.future_date : read
}

/** A yes or a no; empty is no. */
export function readBoolean(cell: Cell | undefined): boolean | Fault {
  const text = textOf(cell)
  return booleanOf.get(text) ?? booleanOf.get(wordOf(text)) ?? fault.not_yes_or_no
}

/** Only numbers up to 15 digits are in a spreadsheet what was typed. */
function isExact(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number < longestExactNumber
}

function wordOf(text: string): string {
  return text.slice(0, longestCell).normalize('NFKC').trim().toLowerCase()
}

/** As databases and spreadsheets write it; one of another zone would be another day. */
const timeOfDay = /(?<=\d日?)[\sT]\s*\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?$/

const written = /^(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d\d)(\d\d))$/

function dateOf(text: string): CalendarDate | 'impossible' | undefined {
  const match = written.exec(text)
  if (match !== null) {
    const month = Number(match[3] ?? match[5] ?? match[7])
    const day = Number(match[4] ?? match[6] ?? match[8])
    return calendarDate(Number(match[1]), month, day) ?? 'impossible'
  }
  const serial = /^([1-9]\d{4})(?:\.\d+)?$/.exec(text)
  if (serial === null) return undefined
  // Day 0 of the spreadsheet's calendar, its 29 February 1900 that never was allowed for.
  return new Date(Date.UTC(1899, 11, 30 + Number(serial[1]))).toISOString().slice(0, 10)
}
