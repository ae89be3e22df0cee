import PDFDocument from 'pdfkit'

import { toHex } from '../../base/bytes.ts'
import type { Statement } from '../../merchants/statements.ts'
import { chineseFont } from './font.ts'
import type { NamedLine } from './views.ts'
import { type StatementLanguage, wallTimeOf, statementWords as words, yuanOf } from './words.ts'

/** Lines that a PDF lists at the most: it is for reading and filing, the CSV file for counting. */
export const pdfLines = 500

const margin = 48
const rowHeight = 18
/** Columns: where each begins, in points from the margin, and how wide it is. */
const columns = [
  { name: 'line', x: 0, width: 32 },
  { name: 'time', x: 34, width: 112 },
  { name: 'kind', x: 148, width: 62 },
  { name: 'store', x: 212, width: 100 },
  { name: 'benefit', x: 314, width: 105 },
  { name: 'amount', x: 421, width: 78 },
] as const

/** What a statement's PDF is made of. */
export interface StatementSheet {
  readonly statement: Statement
  readonly merchantName: string
  /** The first of its lines, `pdfLines` at the most. */
  readonly lines: readonly NamedLine[]
  readonly language: StatementLanguage
}

/** A statement as a PDF of A4 pages, with the part of a Chinese font that it needs in it. */
export async function statementPdf(sheet: StatementSheet): Promise<Buffer> {
  const { statement, language } = sheet
  const font = chineseFont()
  const pdf = new PDFDocument({
    ...{ size: 'A4', margin, lang: language === 'zh' ? 'zh-CN' : 'en' },
    font: font as never, // a font in memory; the declaration knows of names alone
    info: {
      Title: `${words.title[language]} ${statement.month}`,
      CreationDate: new Date(statement.closedAt),
    },
  })
  const parts: Buffer[] = []
  pdf.on('data', (part: Buffer) => parts.push(part))
  const ended = new Promise<void>((resolve, reject) => {
    pdf.on('end', resolve)
    pdf.on('error', reject)
  })
  drawHead(pdf, sheet)
  drawLines(pdf, sheet)
  pdf.end()
  await ended
  return Buffer.concat(parts)
}

function drawHead(pdf: PDFKit.PDFDocument, sheet: StatementSheet): void {
  const { statement, merchantName, language } = sheet
  const { redeemed, reversed, adjusted, total, digest } = statement
  pdf.fontSize(18).text(`${words.title[language]} ${statement.month}`).moveDown(0.5).fontSize(10)
  const facts = [
    [words.merchant, merchantName],
    [words.number, statement.id],
    [words.closed, wallTimeOf(statement.closedAt)],
    [words.redemption, `¥ ${yuanOf(redeemed)}`],
    [words.reversal, `¥ ${yuanOf(-reversed)}`],
    [words.adjustment, `¥ ${yuanOf(adjusted)}`],
  ] as const
  for (const [name, value] of facts) pdf.text(`${name[language]}  ${value}`)
  pdf
    .moveDown(0.3)
    .fontSize(14)
    .text(`${words.total[language]}  ¥ ${yuanOf(total)}`)
  pdf.moveDown(0.3).fontSize(7).fillColor('#555555')
  pdf.text(`${words.digest[language]}  ${toHex(digest ?? new Uint8Array())}`)
  pdf.fillColor('#000000').moveDown(1)
}

function drawLines(pdf: PDFKit.PDFDocument, { statement, lines, language }: StatementSheet): void {
  const head = () => {
    row(pdf, Object.fromEntries(columns.map(({ name }) => [name, words[name][language]])))
    const y = pdf.y - 4
    pdf
      .moveTo(margin, y)
      .lineTo(pdf.page.width - margin, y)
      .lineWidth(0.5)
      .stroke()
  }
  pdf.fontSize(9)
  head()
  for (const line of lines) {
    if (pdf.y > pdf.page.height - margin - 2 * rowHeight) {
      pdf.addPage()
      head()
    }
    row(pdf, {
      ...{ line: String(line.line), time: wallTimeOf(line.at), kind: words[line.kind][language] },
      ...{ store: line.storeName ?? '', benefit: line.benefitName?.[language] ?? '' },
      amount: yuanOf(line.amount),
    })
  }
  if (lines.length === statement.lines) return
  const more = words.more[language]
    .replace('{shown}', String(lines.length))
    .replace('{lines}', String(statement.lines))
  pdf.moveDown(0.5).text(more, margin)
}

function row(pdf: PDFKit.PDFDocument, cells: Readonly<Record<string, string>>): void {
  const { y } = pdf
  for (const { name, x, width } of columns) {
    const align = name === 'amount' ? 'right' : 'left'
    const options = { width, height: rowHeight, align, lineBreak: false, ellipsis: true } as const
    pdf.text(cells[name] ?? '', margin + x, y, options)
  }
  pdf.x = margin
  pdf.y = y + rowHeight
}
