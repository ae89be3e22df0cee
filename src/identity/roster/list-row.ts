import type { CalendarDate } from '../calendar-date.ts'
import { type RawRow, textOf } from './cell.ts'
import { Fault } from './faults.ts'
import type { Field, Layout, Needs } from './headers.ts'
import type { Mapping } from './mapping.ts'
import { type Batch, layoutOf, readRows } from './read.ts'
import { faultIn, overflows, type RowFault, wholeRow } from './row.ts'
import {
  type IdType,
  readIdNumber,
  readIdType,
  readMemberNo,
  readMobile,
  readName,
} from './values.ts'

/** Whom a row of a list means: whatever it has of the three ways to name a member. */
export interface ListRow {
  /** What a spreadsheet shows beside the row. */
  readonly row: number
  readonly memberNo: string | undefined
  readonly identity: { readonly idType: IdType; readonly idNumber: string } | undefined
  /** A mobile number says who it is only together with a name. */
  readonly phone: { readonly mobile: string; readonly name: string } | undefined
  /** The first of these cells that could not be read: why nobody was found, if nobody is. */
  readonly fault: RowFault | undefined
}

/** The columns that say who is meant, in the order in which they are asked. */
export const keyFields = ['member_no', 'id_type', 'id_number', 'mobile', 'name'] as const

/** Columns that say who is meant: one of these. */
export const listNeeds: Needs = [['member_no'], ['id_number'], ['mobile', 'name']]

export interface ListOptions {
  /** Nobody was born after it. */
  readonly today: CalendarDate
  /** Told of every row before it is understood, in the order of the file. */
  readonly onRow?: (raw: RawRow, layout: Layout) => void
  readonly rowLimit?: number
  readonly mapping?: Mapping | undefined
}

/**
 * Reads a list of people, CSV or XLSX, with the headers and values of a roster: a member number, an
 * identity number (with its type), or a mobile number and a name; other columns are not read. A row
 * is faulty when none of what it has could be read. Refuses as `readRoster`.
 */
export function readList(
  source: AsyncIterable<Uint8Array>,
  { today, onRow, rowLimit, mapping }: ListOptions,
): AsyncGenerator<Batch<ListRow>> {
  return readRows<ListRow>(source, {
    layoutOf: (cells) => layoutOf(cells, mapping, listNeeds),
    parse(raw, layout) {
      onRow?.(raw, layout)
      return parseListRow(raw, layout, today)
    },
    rowLimit,
    form: mapping,
  })
}

function parseListRow(raw: RawRow, layout: Layout, today: CalendarDate): ListRow | RowFault {
  if (overflows(raw, layout)) return wholeRow(raw, 'too_many_cells')
  const { row, cells } = raw
  const { at } = layout
  const has = (field: Field) => textOf(cells[at[field]]) !== ''
  const memberNo = readMemberNo(cells[at.member_no])
  const idType = has('id_number') ? readIdType(cells[at.id_type]) : undefined
  const known = idType instanceof Fault ? 'other' : (idType ?? 'other')
  const number = idType && readIdNumber(cells[at.id_number], known, today)
  const mobile = readMobile(cells[at.mobile])
  const name = mobile === undefined ? undefined : readName(cells[at.name])
  const values = { member_no: memberNo, id_type: idType, id_number: number, mobile, name }
  const fault = faultIn(raw, layout, values)
  const read: ListRow = {
    row,
    memberNo: memberNo instanceof Fault ? undefined : memberNo,
    identity:
      idType instanceof Fault || number instanceof Fault || !idType || !number
        ? undefined
        : { idType, idNumber: number.idNumber },
    phone:
      mobile instanceof Fault || name instanceof Fault || !mobile || !name
        ? undefined
        : { mobile, name },
    fault,
  }
  if (read.memberNo ?? read.identity ?? read.phone) return read
  return fault ?? wholeRow(raw, 'names_nobody')
}
