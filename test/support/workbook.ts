import { type ZipEntry, zip } from './zip.ts'

export type WorkbookCell = string | number | boolean | { serialDate: number } | null

const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'

/** The smallest workbook that readers accept, stored; or with a sheet of your own. */
export function workbook(
  rows: readonly (readonly WorkbookCell[])[],
  options: {
    readonly deflated?: boolean
    readonly sheet?: string
    readonly claimedSize?: number
  } = {},
): Uint8Array<ArrayBuffer> {
  const sheet = options.sheet ?? sheetXml(rows)
  const part = (path: string, data: string): ZipEntry => ({
    path,
    data: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${data}`,
    ...(options.deflated === undefined ? {} : { deflated: options.deflated }),
  })
  return zip([
    part('[Content_Types].xml', '<Types/>'),
    part(
      'xl/workbook.xml',
      `<workbook ${main} xmlns:r="${relations}"><sheets>` +
        '<sheet name="名册" sheetId="1" r:id="rId1"/></sheets></workbook>',
    ),
    part(
      'xl/_rels/workbook.xml.rels',
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' +
        `<Relationship Id="rId1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/>` +
        `<Relationship Id="rId2" Type="${relations}/styles" Target="styles.xml"/></Relationships>`,
    ),
    part(
      'xl/styles.xml',
      `<styleSheet ${main}><cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs>` +
        '<cellXfs count="2"><xf numFmtId="0" xfId="0"/>' +
        '<xf numFmtId="14" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>',
    ),
    {
      ...part('xl/worksheets/sheet1.xml', sheet),
      ...(options.claimedSize === undefined ? {} : { claimedSize: options.claimedSize }),
    },
  ])
}

/** The XML of one sheet. */
export function sheetXml(rows: readonly (readonly WorkbookCell[])[]): string {
  const body = rows
    .map((cells, row) => {
      const inside = cells.map((cell, column) => cellXml(cell, `${letter(column)}${row + 1}`))
      return `<row r="${row + 1}">${inside.join('')}</row>`
    })
    .join('')
  return `<worksheet ${main}><sheetData>${body}</sheetData></worksheet>`
}

function cellXml(cell: WorkbookCell, place: string): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return `<c r="${place}"><v>${cell}</v></c>`
  if (typeof cell === 'boolean') return `<c r="${place}" t="b"><v>${cell ? 1 : 0}</v></c>`
  if (typeof cell === 'object') return `<c r="${place}" s="1"><v>${cell.serialDate}</v></c>`
  const text = cell.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<c r="${place}" t="inlineStr"><is><t>${text}</t></is></c>`
}

function letter(column: number): string {
  return String.fromCharCode(65 + column)
}
