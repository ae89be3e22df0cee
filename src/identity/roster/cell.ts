/** One cell as its file gave it: text from CSV, the other kinds from a workbook. */
export type Cell = string | number | boolean | Date | null

/** One row before anything is made of it. */
export interface RawRow {
  /** What a spreadsheet shows beside the row: 1 for the first, blank rows counted. */
  readonly row: number
  readonly cells: readonly Cell[]
}

const halfSecondMs = 500

/** The cell as text, trimmed; '' when there is none. A date becomes 'YYYY-MM-DD' (UTC). */
export function textOf(cell: Cell | undefined): string {
  if (typeof cell === 'string') return cell.trim()
  if (cell === null || cell === undefined) return ''
  if (!(cell instanceof Date)) return String(cell)
  // Serial dates are fractions of a day, and 0.9999… of one must not fall on the day before.
  const time = cell.getTime() + halfSecondMs
  return Math.abs(time) < 8.64e15 ? new Date(time).toISOString().slice(0, 10) : '?'
}

/** True when no cell of the row says anything. */
export function isBlank(cells: readonly Cell[]): boolean {
  return cells.every((cell) => textOf(cell) === '')
}
