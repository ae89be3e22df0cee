import type { RawRow } from './cell.ts'
import { fromHeaders } from './header-row.ts'
import {
  isHeader,
  type Layout,
  mapHeaders,
  type Needs,
  readHeaders,
  rosterNeeds,
} from './headers.ts'
import type { Mapping } from './mapping.ts'
import { isRowFault, type ParsedRow, parseRow, type RowFault, type RowRules } from './row.ts'
import { readText, type TextForm } from './text.ts'
import { readWorkbook } from './workbook.ts'

/** About a thousand rows of a file, in its order. */
export interface Batch<Row> {
  /** The same in every batch: a field without a column was not asked, not answered with no. */
  readonly layout: Layout
  readonly rows: readonly Row[]
  readonly faulty: readonly RowFault[]
}

export type RosterBatch = Batch<ParsedRow>

export interface RosterOptions extends RowRules {
  /** Rows at most, for text and workbook alike; 2 000 000 and 50 000 when not given. */
  readonly rowLimit?: number
  /** What somebody said of the file; without it, it is found out. */
  readonly mapping?: Mapping | undefined
}

/** What becomes of the header row and of every other. */
export interface RowReader<Row> {
  /** Refuses HEADERS_UNKNOWN. */
  readonly layoutOf: (cells: RawRow['cells']) => Layout
  readonly parse: (raw: RawRow, layout: Layout) => Row | RowFault
  readonly rowLimit?: number | undefined
  readonly form?: TextForm | undefined
}

const batchRows = 1_000

/**
 * Reads a roster, CSV or XLSX by its first octets, as section 16 describes it: the header row, then
 * every row as a member or a fault, in bounded memory. Whether two rows of the file contradict each
 * other, or what is stored, is not decided here. A file of headers alone is one empty batch.
 *
 * Refuses HEADERS_UNKNOWN as `readHeaders`, and ENCODING_UNKNOWN, FILE_UNREADABLE, FILE_TOO_LARGE
 * as `readText` and `readWorkbook`; rows yielded before a refusal have been read all the same. What
 * the source throws passes through.
 */
export function readRoster(
  source: AsyncIterable<Uint8Array>,
  options: RosterOptions,
): AsyncGenerator<RosterBatch> {
  return readRows<ParsedRow>(source, {
    layoutOf: (cells) => layoutOf(cells, options.mapping, rosterNeeds),
    parse: (raw, layout) => parseRow(raw, layout, options),
    rowLimit: options.rowLimit,
    form: options.mapping,
  })
}

/** The columns of a file by its header row, or as somebody has said. Refuses HEADERS_UNKNOWN. */
export function layoutOf(
  cells: RawRow['cells'],
  mapping: Mapping | undefined,
  needs: Needs,
): Layout {
  const { columns } = mapping ?? {}
  return columns ? mapHeaders(cells, columns, needs) : readHeaders(cells, needs)
}

/** The same for a file of another kind; its rows and header row are `reader`'s to understand. */
export async function* readRows<Row extends object>(
  source: AsyncIterable<Uint8Array>,
  { layoutOf, parse, rowLimit, form }: RowReader<Row>,
): AsyncGenerator<Batch<Row>> {
  let layout: Layout | undefined
  let rows: Row[] = []
  let faulty: RowFault[] = []
  for await (const raws of readRaw(source, { rowLimit, form })) {
    for (const raw of raws) {
      if (layout === undefined) {
        layout = layoutOf(raw.cells)
        continue
      }
      const outcome = parse(raw, layout)
      if (isRowFault(outcome)) faulty.push(outcome)
      else rows.push(outcome)
      if (rows.length + faulty.length >= batchRows) {
        yield { layout, rows, faulty }
        rows = []
        faulty = []
      }
    }
  }
  yield { layout: layout ?? layoutOf([]), rows, faulty }
}

/**
 * The rows of a file as they stand there, from its header row on, text or workbook; which of them,
 * `kind` hears first.
 */
export async function* readRaw(
  source: AsyncIterable<Uint8Array>,
  {
    rowLimit,
    form,
    kind,
  }: {
    readonly rowLimit?: number | undefined
    readonly form?: TextForm | undefined
    readonly kind?: (kind: 'text' | 'workbook') => void
  } = {},
): AsyncGenerator<readonly RawRow[]> {
  const { head, whole } = await peek(source)
  kind?.(isZip(head) ? 'workbook' : 'text')
  const rows = isZip(head) ? readWorkbook(whole, rowLimit) : readText(whole, rowLimit, form)
  yield* fromHeaders(rows, isHeader)
}

/** The first four octets (fewer if there are no more) and the source as if nobody had looked. */
async function peek(
  source: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; whole: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let head = Buffer.alloc(0)
  while (head.length < 4) {
    const { value, done } = await iterator.next()
    if (done === true) break
    chunks.push(value)
    head = Buffer.concat([head, value.subarray(0, 4)])
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks
      yield* { [Symbol.asyncIterator]: () => iterator }
    } finally {
      await iterator.return?.()
    }
  }
  return { head, whole: whole() }
}

/** 'PK' and the mark of a local header, of an empty directory, or of a spanned archive. */
function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && [3, 5, 7].includes(head[2] ?? 0)
}
