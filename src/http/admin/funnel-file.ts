import writeWorkbook, { type SheetData } from 'write-excel-file/node'

import type { Measures } from '../../vouchers/funnel/measures.ts'
import { defused, rowOf } from '../statements/csv.ts'

export type FileLanguage = 'zh' | 'en'
type Heading = keyof Measures | 'key' | 'name' | 'total'

const headings: readonly (readonly [Heading, zh: string, en: string])[] = [
  ['key', '编号', 'Code'],
  ['name', '名称', 'Name'],
  ['issued', '发放（张）', 'Issued'],
  ['claimed', '领取（张）', 'Claimed'],
  ['redeemed', '核销（次）', 'Redeemed'],
  ['reversed', '撤销（次）', 'Reversed'],
  ['returned', '退回（张）', 'Returned'],
  ['voided', '作废（张）', 'Voided'],
  ['expired', '过期（张）', 'Expired'],
  ['settled', '结算（次）', 'Settled'],
  ['redeemedAmount', '核销金额（元）', 'Redeemed (CNY)'],
  ['reversedAmount', '撤销金额（元）', 'Reversed (CNY)'],
  ['settledAmount', '结算金额（元）', 'Settled (CNY)'],
]
const totalWord = { zh: '合计', en: 'Total' }

/** A funnel as a table: its rows, and the sums below them. */
export interface FunnelFile {
  readonly rows: readonly (Measures & { readonly key: string; readonly name: string })[]
  readonly total: Measures
  readonly language: FileLanguage
}

/** As CSV (RFC 4180), UTF-8 with a BOM, without what a spreadsheet would run. */
export function funnelCsv(file: FunnelFile): string {
  const lines = tableOf(file).map((cells) => rowOf(cells.map(String)))
  return `\uFEFF${lines.join('')}`
}

/** The same as a workbook of Excel's. */
export function funnelWorkbook(file: FunnelFile): Promise<Buffer> {
  const [head = [], ...rows] = tableOf(file)
  const cells: SheetData = [
    head.map((value) => ({ value, type: String, fontWeight: 'bold' as const })),
    ...rows.map((row) =>
      row.map((value) =>
        typeof value === 'number'
          ? { value, type: Number }
          : { value: defused(value), type: String },
      ),
    ),
  ]
  return writeWorkbook(cells).toBuffer()
}

function tableOf({ rows, total, language }: FunnelFile): (string | number)[][] {
  const all = [...rows, { ...total, key: '', name: totalWord[language] }]
  return [
    headings.map(([, zh, en]) => (language === 'zh' ? zh : en)),
    ...all.map((row) =>
      headings.map(([name]) => {
        const value = row[name as keyof typeof row]
        return name.endsWith('Amount') ? Number(value) / 100 : value
      }),
    ),
  ]
}
