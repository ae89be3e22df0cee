import { Readable } from 'node:stream'

import iconv from 'iconv-lite'

import { toHex } from '../../base/bytes.ts'
import type { NamedLine } from './views.ts'
import { type StatementLanguage, wallTimeOf, statementWords as words, yuanOf } from './words.ts'

export const csvEncodings = ['utf-8', 'gb18030'] as const
export type CsvEncoding = (typeof csvEncodings)[number]

const columns = ['line', 'kind', 'time', 'store', 'benefit', 'amount', 'subject', 'leaf'] as const

/** A statement's lines as a CSV file (RFC 4180), in UTF-8 with a BOM or in GB18030. */
export function statementCsv(
  pages: AsyncIterable<readonly NamedLine[]>,
  given: { language: StatementLanguage; encoding: CsvEncoding; total: number },
): Readable {
  return Readable.from(chunks(pages, given))
}

async function* chunks(
  pages: AsyncIterable<readonly NamedLine[]>,
  { language, encoding, total }: Parameters<typeof statementCsv>[1],
): AsyncGenerator<Buffer> {
  const encode = (text: string) => iconv.encode(text, encoding)
  const head = rowOf(columns.map((name) => words[name][language]))
  yield encode(encoding === 'utf-8' ? `\uFEFF${head}` : head)
  for await (const lines of pages) {
    yield encode(lines.map((line) => rowOf(cellsOf(line, language))).join(''))
  }
  yield encode(rowOf([words.total[language], '', '', '', '', yuanOf(total), '', '']))
}

function cellsOf(line: NamedLine, language: StatementLanguage): string[] {
  return [
    ...[String(line.line), words[line.kind][language], wallTimeOf(line.at)],
    ...[line.storeName ?? '', line.benefitName?.[language] ?? '', yuanOf(line.amount)],
    ...[line.subjectId, toHex(line.leafHash)],
  ]
}

/** One row of a CSV file, with its line end. */
export function rowOf(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

function cellOf(text: string): string {
  const safe = defused(text)
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/**
 * What a spreadsheet would run as a formula (it begins with = + - @, a tab or a carriage return) is
 * made text by an apostrophe; numbers are left as they are.
 */
export function defused(text: string): string {
  const number = /^-?\d+(\.\d+)?$/.test(text)
  return !number && /^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text
}
