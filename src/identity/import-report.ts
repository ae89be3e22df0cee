import { and, asc, desc, eq, gt, gte, lt, sql } from 'drizzle-orm'

import type { Reader } from '../store/store.ts'
import { subtreeRange } from './organisation-rules.ts'
import type { Page } from './organisations.ts'
import { type RowFaultCode, rowFaults } from './roster/faults.ts'

/** An import as it is stored; counts are rows, `bytes` octets of the file read so far. */
export type Import = Reader['tables']['imports']['$inferSelect']

const reportPage = 1_000
const byteOrderMark = '\ufeff'
const heading = ['row', 'column', 'value', 'code', 'message_zh', 'message_en', 'suggestion']

/**
 * The import `id`, if it was made for an organisation at or below `within`. Somebody else's is not
 * there.
 */
export async function readImport(
  reader: Reader,
  id: string,
  within: string,
): Promise<Import | undefined> {
  const { imports: i, organisations: o } = reader.tables
  const { from, to } = subtreeRange(within)
  const [row] = await reader
    .select({ found: i })
    .from(i)
    .innerJoin(o, eq(o.code, i.orgCode))
    .where(and(eq(i.id, id), gte(o.path, from), lt(o.path, to)))
  return row?.found
}

/** The imports made for organisations at or below `within`, newest first, by pages. */
export async function listImports(
  reader: Reader,
  within: string,
  { after, limit = 50 }: { readonly after?: string; readonly limit?: number } = {},
): Promise<Page<Import>> {
  const { imports: i, organisations: o } = reader.tables
  const { from, to } = subtreeRange(within)
  const before = after === undefined ? undefined : lt(i.id, after)
  const rows = await reader
    .select({ found: i })
    .from(i)
    .innerJoin(o, eq(o.code, i.orgCode))
    .where(and(gte(o.path, from), lt(o.path, to), before))
    .orderBy(desc(i.id))
    .limit(limit + 1)
  const items = rows.map(({ found }) => found)
  const next = items.length > limit ? items[limit - 1]?.id : undefined
  return { items: items.slice(0, limit), ...(next !== undefined && { next }) }
}

/** How many rows of an import were refused for which reason. */
export async function refusalCounts(
  reader: Reader,
  importId: string,
): Promise<Record<string, number>> {
  const { importFaults: f } = reader.tables
  const rows = await reader
    .select({ code: f.code, count: sql<number>`cast(count(*) as integer)` })
    .from(f)
    .where(eq(f.importId, importId))
    .groupBy(f.code)
  return Object.fromEntries(rows.map(({ code, count }) => [code, count]))
}

/**
 * errors.csv of an import: a line for each refused row in the order of the file, UTF-8 with a byte
 * order mark (Excel asks for it), CRLF, values masked. Comes in pieces of about a thousand lines,
 * each read when it is asked for; of an unknown import, the heading alone.
 */
export async function* errorsCsv(reader: Reader, importId: string): AsyncGenerator<string> {
  const { importFaults: f } = reader.tables
  yield byteOrderMark + line(heading)
  for (let after = -1; ; ) {
    const page = await reader
      .select()
      .from(f)
      .where(and(eq(f.importId, importId), gt(f.row, after)))
      .orderBy(asc(f.row))
      .limit(reportPage)
    if (page.length > 0) yield page.map(lineOf).join('')
    if (page.length < reportPage) return
    after = page.at(-1)?.row ?? 0
  }
}

/** The numbers of an import's refused rows, in their order. */
export async function* refusedRows(reader: Reader, importId: string): AsyncGenerator<number> {
  const { importFaults: f } = reader.tables
  for (let after = -1; ; ) {
    const page = await reader
      .select({ row: f.row })
      .from(f)
      .where(and(eq(f.importId, importId), gt(f.row, after)))
      .orderBy(asc(f.row))
      .limit(reportPage)
    for (const { row } of page) yield row
    if (page.length < reportPage) return
    after = page.at(-1)?.row ?? after
  }
}

function lineOf(fault: Reader['tables']['importFaults']['$inferSelect']): string {
  const words = rowFaults[fault.code as RowFaultCode]
  return line([
    String(fault.row),
    fault.column,
    fault.value,
    fault.code,
    words.message.zh,
    words.message.en,
    `${words.suggestion.zh} / ${words.suggestion.en}`,
  ])
}

function line(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`
}

/** RFC 4180; semicolons too, which are delimiters where the comma is not. */
function quoted(cell: string): string {
  return /[",;\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
