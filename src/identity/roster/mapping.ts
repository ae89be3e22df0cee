import { type Cell, type RawRow, textOf } from './cell.ts'
import type { Encoding } from './encoding.ts'
import { Fault, maskValue } from './faults.ts'
import { type Field, guessFields, missingOf, type Needs } from './headers.ts'
import { readRaw } from './read.ts'
import type { Delimiter } from './text.ts'
import { readBoolean, readIdType, readJoinedOn, readOccupation, readOrgCode } from './values.ts'

/** What somebody said of a file, after having looked; what is not said is found out. */
export interface Mapping {
  readonly encoding?: Encoding | undefined
  readonly delimiter?: Delimiter | undefined
  /** A field for each column in the order of the file; null: it is not read. */
  readonly columns?: readonly (Field | null)[] | undefined
}

/** The beginning of a file, fit for a screen: personal values are masked. */
export interface FilePreview {
  readonly kind: 'text' | 'workbook'
  /** Of text; UTF-8 too where everything so far is ASCII. */
  readonly encoding: Encoding | undefined
  readonly delimiter: Delimiter | undefined
  readonly columns: readonly { readonly header: string; readonly field: Field | null }[]
  /** Fields without which the file is refused. */
  readonly missing: readonly Field[]
  readonly rows: readonly { readonly row: number; readonly cells: readonly string[] }[]
}

const shownRows = 20
const shownColumns = 100

/**
 * The first 20 rows of a file as they would be read under `mapping`. What stands under a column
 * that nobody recognised may be anything: only its first character is shown, and so is whatever is
 * no value of the field that its column is taken for. Refuses ENCODING_UNKNOWN, FILE_UNREADABLE,
 * FILE_TOO_LARGE as `readRoster`, of the part that it reads.
 */
export async function previewFile(
  source: AsyncIterable<Uint8Array>,
  { mapping, needs }: { readonly mapping: Mapping; readonly needs: Needs },
): Promise<FilePreview> {
  const found = { ...mapping, kind: 'text' as FilePreview['kind'] }
  const form = { ...mapping, told: (told: Partial<Mapping>) => void Object.assign(found, told) }
  const kind = (told: FilePreview['kind']) => void Object.assign(found, { kind: told })
  const raws: RawRow[] = []
  for await (const some of readRaw(source, { form, kind })) {
    raws.push(...some.slice(0, shownRows + 1 - raws.length))
    if (raws.length > shownRows) break
  }
  const [head, ...rows] = raws
  const headers = (head?.cells ?? []).slice(0, shownColumns).map(textOf)
  while (headers.length > 0 && headers.at(-1) === '') headers.pop()
  const guessed = guessFields(headers)
  const taken = mapping.columns ?? guessed
  const fields = headers.map((_, i) => taken[i] ?? null)
  const known = guessed.some((field) => field !== undefined)
  const text = found.kind === 'text'
  return {
    kind: found.kind,
    encoding: text ? (found.encoding ?? 'utf-8') : undefined,
    delimiter: text ? found.delimiter : undefined,
    columns: headers.map((header, i) => ({
      header: known ? maskValue(undefined, header) : hide(header),
      field: fields[i] ?? null,
    })),
    missing: missingOf((field) => fields.includes(field), needs),
    rows: rows.map(({ row, cells }) => ({
      row,
      cells: headers.map((_, i) => shown(fields[i] ?? null, cells[i])),
    })),
  }
}

const future = '9999-12-31'
const readable: Partial<Record<Field, (cell: Cell | undefined) => unknown>> = {
  id_type: readIdType,
  org_code: (cell) => readOrgCode(cell, () => true),
  occupation: readOccupation,
  joined_on: (cell) => readJoinedOn(cell, future),
  hardship: readBoolean,
  model_worker: readBoolean,
  member_no: (cell) => (/^[\x21-\x7e]*$/.test(textOf(cell)) ? cell : undefined),
}

function shown(field: Field | null, cell: Cell | undefined): string {
  const text = textOf(cell)
  if (field === 'name' || field === 'id_number' || field === 'mobile') return maskValue(field, text)
  const value = field === null ? undefined : readable[field]?.(cell)
  const good = value !== undefined && !(value instanceof Fault)
  return good ? maskValue(undefined, text) : hide(text)
}

function hide(text: string): string {
  const [first = ''] = text
  return first === '' ? '' : maskValue(undefined, `${first}**`)
}
