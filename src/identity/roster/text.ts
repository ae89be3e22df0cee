import { type Parser, parse } from 'csv-parse'
import { Refusal } from '../../base/refusal.ts'
import type { RawRow } from './cell.ts'
import { decodeText, type Encoding } from './encoding.ts'

export const delimiters = [',', ';', '\t'] as const
export type Delimiter = (typeof delimiters)[number]

/** How the octets of a text file are to be read; what is not said is found out. */
export interface TextForm {
  readonly encoding?: Encoding | undefined
  readonly delimiter?: Delimiter | undefined
  /** Hears of what was found out, before the first row that it matters for. */
  readonly told?: (form: { encoding?: Encoding; delimiter?: Delimiter }) => void
}

/** What keeps memory bounded whatever the file is. */
const recordBytes = 64 * 1024
const mostRows = 2_000_000
/** A delimiter is found by the first lines, blank ones not counted. */
const linesLookedAt = 10

/**
 * The rows of a text file (encodings as in `decodeText`; comma, semicolon or tab, whichever one of
 * the first ten lines has most of; quoted as in RFC 4180; any line ending), in batches as they are
 * read. Somebody may have said otherwise (`TextForm`). Blank rows are left out but counted in
 * `row`. Cells are strings.
 *
 * Refuses as `decodeText` does; FILE_UNREADABLE (`reason`, `row`) when a record exceeds 64 KiB,
 * which is what a missing quote looks like; FILE_TOO_LARGE (`rows`) above `rowLimit` rows, blank
 * ones included.
 */
export async function* readText(
  source: AsyncIterable<Uint8Array>,
  rowLimit = mostRows,
  { encoding, delimiter, told }: TextForm = {},
): AsyncGenerator<readonly RawRow[]> {
  const texts = decodeText(source, {
    ...(encoding && { encoding }),
    told: (found) => told?.({ encoding: found }),
  })
  let parser: Parser | undefined
  let row = 0
  const drain = (from: Parser): RawRow[] => {
    const rows: RawRow[] = []
    for (let cells: string[] | null = from.read(); cells !== null; cells = from.read()) {
      row++
      if (cells.length > 1 || cells[0]?.trim() !== '') rows.push({ row, cells })
    }
    if (row > rowLimit) throw new Refusal('FILE_TOO_LARGE', { rows: rowLimit })
    return rows
  }
  try {
    const head = await readHead(texts)
    const found = delimiter ?? delimiterOf(head)
    told?.({ delimiter: found })
    parser = makeParser(found, lineEndsOf(head))
    for (let text: string | undefined = head; text !== undefined; text = await next(texts)) {
      for (let at = 0; at < text.length; at += recordBytes) {
        const rows = await write(parser, text.slice(at, at + recordBytes), drain)
        if (rows.length > 0) yield rows
      }
    }
    const rest = await end(parser, drain)
    if (rest.length > 0) yield rest
  } catch (error) {
    throw isCsvError(error) ? unreadable(error, row) : error
  } finally {
    parser?.destroy()
    await texts.return(undefined)
  }
}

function makeParser(delimiter: string, lineEnds: string[]): Parser {
  return parse({
    delimiter,
    record_delimiter: lineEnds,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: recordBytes,
  }).on('error', () => {}) // `write` and `end` hand it on
}

/** The parser works while it is written to, so that everything complete is there to be read. */
async function write(
  parser: Parser,
  text: string,
  drain: (parser: Parser) => RawRow[],
): Promise<RawRow[]> {
  const written = new Promise<void>((resolve, reject) => {
    parser.write(text, (error) => (error ? reject(error) : resolve()))
  })
  // Observed below; until then a failure must not count as unhandled.
  written.catch(() => {})
  const rows = drain(parser)
  await written
  return rows
}

async function end(parser: Parser, drain: (parser: Parser) => RawRow[]): Promise<RawRow[]> {
  await new Promise<void>((resolve, reject) => {
    parser.once('error', reject)
    parser.once('readable', resolve)
    parser.once('end', resolve)
    parser.end()
  })
  return drain(parser)
}

async function next(texts: AsyncGenerator<string>): Promise<string | undefined> {
  const { value, done } = await texts.next()
  return done === true ? undefined : value
}

/** Everything up to the end of the first line that says something, and what came with it. */
async function readHead(texts: AsyncGenerator<string>): Promise<string> {
  let head = ''
  while (head.length < recordBytes && !/\S[^\r\n]*(\n|\r[\s\S])/.test(head)) {
    const text = await next(texts)
    if (text === undefined) break
    head += text
  }
  return head
}

/** By the line that has most of one: a title above the headers has none, or Excel's own. */
function delimiterOf(head: string): Delimiter {
  const lines = head
    .slice(0, recordBytes)
    .replace(/"[^"]*"/g, '')
    .split(/[\r\n]+/, linesLookedAt)
  const most = (delimiter: string) => Math.max(...lines.map((line) => line.split(delimiter).length))
  return delimiters.reduce<Delimiter>(
    (best, other) => (most(other) > most(best) ? other : best),
    ',',
  )
}

/**
 * The parser compares every octet with each: a lone CR is named only where there is nothing else.
 */
function lineEndsOf(head: string): string[] {
  return head.includes('\n') || !head.includes('\r') ? ['\r\n', '\n'] : ['\r']
}

function isCsvError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')
}

function unreadable(error: { code: string }, rowsRead: number): Refusal {
  const reason = error.code === 'CSV_MAX_RECORD_SIZE' ? 'row_too_long' : 'quote_not_closed'
  return new Refusal('FILE_UNREADABLE', { reason, row: rowsRead + 1 })
}
