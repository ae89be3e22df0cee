import { type RawRow, textOf } from './cell.ts'

/** A title, who drew the file up, when: so many rows may stand above its headers. */
const mostAbove = 9

/**
 * The rows of a file from its header row on: the first of ten with a header that `isHeader` knows.
 * Where none has one, the first row is the header row, and whoever reads it says what is missing.
 * Rows keep their numbers.
 */
export async function* fromHeaders(
  source: AsyncIterable<readonly RawRow[]>,
  isHeader: (text: string) => boolean,
): AsyncGenerator<readonly RawRow[]> {
  let gathered: RawRow[] | undefined = []
  for await (const rows of source) {
    if (!gathered) {
      yield rows
      continue
    }
    gathered.push(...rows)
    if (gathered.length <= mostAbove && headersAt(gathered, isHeader) < 0) continue
    yield gathered.slice(Math.max(0, headersAt(gathered, isHeader)))
    gathered = undefined
  }
  if (gathered && gathered.length > 0) yield gathered
}

function headersAt(rows: readonly RawRow[], isHeader: (text: string) => boolean): number {
  return rows
    .slice(0, mostAbove + 1)
    .findIndex(({ cells }) => cells.some((cell) => isHeader(textOf(cell))))
}
