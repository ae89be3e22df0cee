import { Refusal } from '../base/refusal.ts'
import { textOf } from './roster/cell.ts'
import { fromHeaders } from './roster/header-row.ts'
import { readText } from './roster/text.ts'

/** One organisation as a file has it: every value trimmed, nothing judged. */
export interface OrganisationRow {
  /** What a spreadsheet shows beside the row. */
  readonly row: number
  readonly code: string
  /** '' for the root. */
  readonly parentCode: string
  readonly level: string
  readonly nameZh: string
}

const columns = {
  code: ['code', '代码', '工会组织代码'],
  parentCode: ['parent_code', '上级代码', '上级工会组织代码'],
  level: ['level', '级别', '层级'],
  nameZh: ['name_zh', '名称', '工会名称'],
} as const

type Column = keyof typeof columns

/**
 * Reads a CSV of organisations, `code,parent_code,level,name_zh` in any order of columns, the
 * headers in English or Chinese; encodings and delimiters as in `readText`. The whole file is held.
 *
 * Refuses HEADERS_UNKNOWN (`missing`: English headers) and whatever `readText` refuses.
 */
export async function readOrganisationFile(
  source: AsyncIterable<Uint8Array>,
): Promise<OrganisationRow[]> {
  const rows: OrganisationRow[] = []
  let at: Record<Column, number> | undefined
  for await (const raws of fromHeaders(readText(source), isHeader)) {
    for (const { row, cells } of raws) {
      if (at === undefined) {
        at = columnsOf(cells.map(textOf))
        continue
      }
      rows.push({
        row,
        code: textOf(cells[at.code]).toUpperCase(),
        parentCode: textOf(cells[at.parentCode]).toUpperCase(),
        level: textOf(cells[at.level]).toLowerCase(),
        nameZh: textOf(cells[at.nameZh]).normalize('NFC'),
      })
    }
  }
  if (at === undefined) columnsOf([])
  return rows
}

function columnsOf(headers: readonly string[]): Record<Column, number> {
  const bare = headers.map(bareOf)
  const indexOf = (names: readonly string[]) => bare.findIndex((header) => names.includes(header))
  const at = {
    code: indexOf(columns.code),
    parentCode: indexOf(columns.parentCode),
    level: indexOf(columns.level),
    nameZh: indexOf(columns.nameZh),
  }
  const missing = (Object.keys(at) as Column[]).filter((key) => at[key] < 0)
  if (missing.length > 0) {
    throw new Refusal('HEADERS_UNKNOWN', { missing: missing.map((key) => columns[key][0]) })
  }
  return at
}

function isHeader(text: string): boolean {
  const bare = bareOf(text)
  return Object.values(columns).some((names) => names.some((name) => name === bare))
}

function bareOf(header: string): string {
  return header.replace(/^\ufeff/, '').toLowerCase()
}
