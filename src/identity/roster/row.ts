import type { CalendarDate } from '../calendar-date.ts'
import type { Gender } from '../resident-id.ts'
import { type RawRow, textOf } from './cell.ts'
import { Fault, maskValue, type RowFaultCode } from './faults.ts'
import type { Field, Layout } from './headers.ts'
import {
  type IdType,
  type Occupation,
  readBoolean,
  readIdNumber,
  readIdType,
  readJoinedOn,
  readMemberNo,
  readMobile,
  readName,
  readOccupation,
  readOrgCode,
} from './values.ts'

/** One member as the roster has them, every value in its one form. */
export interface ParsedRow {
  /** What a spreadsheet shows beside the row; the header is usually 1. */
  readonly row: number
  readonly memberNo: string | undefined
  readonly name: string
  readonly idType: IdType
  readonly idNumber: string
  readonly birthDate: CalendarDate | undefined
  readonly gender: Gender | undefined
  readonly mobile: string | undefined
  readonly orgCode: string
  readonly occupation: Occupation | undefined
  readonly joinedOn: CalendarDate
  readonly hardship: boolean
  readonly modelWorker: boolean
}

/** Why a row was refused: its first fault in the order of the file's columns. */
export interface RowFault {
  readonly row: number
  /** The header as the file writes it; '' where the row as a whole is at fault. */
  readonly column: string
  readonly field: Field | undefined
  /** Fit for errors.csv: masked, without control characters or formulas. */
  readonly value: string
  readonly code: RowFaultCode
}

/** What a row is judged by besides itself. */
export interface RowRules {
  /** Nothing was born and nobody joined after it. */
  readonly today: CalendarDate
  /** Asked for every row and must answer at once; the code is in upper case. */
  readonly organisationExists: (code: string) => boolean
}

/**
 * Reads one row. A cell beyond the header's columns makes all the others doubtful: it comes first.
 */
export function parseRow(raw: RawRow, layout: Layout, rules: RowRules): ParsedRow | RowFault {
  const { cells } = raw
  const { at } = layout
  if (overflows(raw, layout)) return wholeRow(raw, 'too_many_cells')
  const idType = readIdType(cells[at.id_type])
  const knownType = idType instanceof Fault ? 'other' : idType
  const memberNo = readMemberNo(cells[at.member_no])
  const name = readName(cells[at.name])
  const identity = readIdNumber(cells[at.id_number], knownType, rules.today)
  const mobile = readMobile(cells[at.mobile])
  const orgCode = readOrgCode(cells[at.org_code], rules.organisationExists)
  const occupation = readOccupation(cells[at.occupation])
  const joinedOn = readJoinedOn(cells[at.joined_on], rules.today)
  const hardship = readBoolean(cells[at.hardship])
  const modelWorker = readBoolean(cells[at.model_worker])
  if (
    memberNo instanceof Fault ||
    name instanceof Fault ||
    idType instanceof Fault ||
    identity instanceof Fault ||
    mobile instanceof Fault ||
    orgCode instanceof Fault ||
    occupation instanceof Fault ||
    joinedOn instanceof Fault ||
    hardship instanceof Fault ||
    modelWorker instanceof Fault
  ) {
    return firstFault(raw, layout, {
      member_no: memberNo,
      name,
      id_type: idType,
      id_number: identity,
      mobile,
      org_code: orgCode,
      occupation,
      joined_on: joinedOn,
      hardship,
      model_worker: modelWorker,
    })
  }
  const { row } = raw
  const { idNumber, birthDate, gender } = identity
  return {
    row,
    memberNo,
    name,
    idType,
    idNumber,
    birthDate,
    gender,
    mobile,
    orgCode,
    occupation,
    joinedOn,
    hardship,
    modelWorker,
  }
}

/** True when the row was refused. */
export function isRowFault(outcome: object): outcome is RowFault {
  return 'code' in outcome
}

/** True when a cell beyond the header's columns says something. */
export function overflows({ cells }: RawRow, { width }: Layout): boolean {
  return cells.length > width && cells.slice(width).some((cell) => textOf(cell) !== '')
}

/** A fault of the row as a whole. */
export function wholeRow({ row }: { readonly row: number }, code: RowFaultCode): RowFault {
  return { row, column: '', field: undefined, value: '', code }
}

function firstFault(
  raw: RawRow,
  layout: Layout,
  values: Readonly<Record<Field, unknown>>,
): RowFault {
  const found = faultIn(raw, layout, values)
  if (found) return found
  throw new TypeError('a fault in a column that the file does not have')
}

/** The first of the `values`, in the order of the file's columns, that is a fault. */
export function faultIn(
  raw: RawRow,
  layout: Layout,
  values: Readonly<Partial<Record<Field, unknown>>>,
): RowFault | undefined {
  for (const { field, index } of layout.columns) {
    const value = values[field]
    if (!(value instanceof Fault)) continue
    return {
      row: raw.row,
      column: layout.headers[index] ?? field,
      field,
      value: maskValue(field, textOf(raw.cells[index])),
      code: value.code,
    }
  }
  return undefined
}
