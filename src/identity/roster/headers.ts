import { Refusal } from '../../base/refusal.ts'
import { type Cell, textOf } from './cell.ts'

/** What a roster can say about a member, under its English header. */
export const fields = [
  'member_no',
  'name',
  'id_type',
  'id_number',
  'mobile',
  'org_code',
  'occupation',
  'joined_on',
  'hardship',
  'model_worker',
] as const

export type Field = (typeof fields)[number]

/** Without id_type everybody has a resident identity card; the others may simply be unknown. */
export const rosterNeeds: Needs = [['name', 'id_number', 'org_code', 'joined_on']]

/** Columns that a file must have: all those of one of these. */
export type Needs = readonly (readonly Field[])[]

const synonyms: Readonly<Record<Field, readonly string[]>> = {
  member_no: ['会员编号', '会员号', '会员证号', '工会会员号', 'member number', 'member id'],
  name: ['姓名', '会员姓名', '职工姓名', 'full name'],
  id_type: ['证件类型', '证件种类', 'document type', 'identity type'],
  id_number: ['证件号码', '证件号', '身份证号', '身份证号码', '居民身份证号码', 'identity number'],
  mobile: ['手机号', '手机号码', '手机', '移动电话', 'mobile number', 'mobile phone', 'phone'],
  org_code: ['工会组织代码', '工会代码', '组织代码', 'organisation code', 'organization code'],
  occupation: ['职业群体', '职业', '就业群体', 'occupational group'],
  joined_on: ['入会日期', '入会时间', 'joined', 'date joined', 'joining date'],
  hardship: ['困难职工', '是否困难职工', 'hardship worker'],
  model_worker: ['劳模', '劳动模范', '是否劳模', 'model labourer'],
}

/** What a column is taken for where the file has no other of its field. */
const looser: Readonly<Partial<Record<Field, readonly string[]>>> = {
  member_no: ['会员卡号', '会员证编号', '工会会员编号', '会员代码'],
  name: ['员工姓名', '名字', 'member name'],
  id_type: ['证件类别'],
  id_number: [
    '公民身份号码',
    '居民身份证号',
    '身份证件号码',
    '身份证',
    'id card number',
    'id card',
  ],
  mobile: ['联系手机', '联系电话', '联系方式', '电话', '电话号码', 'phone number'],
  org_code: [
    '所属工会组织代码',
    '所属工会代码',
    '所属组织代码',
    '工会组织编码',
    '工会编码',
    '组织编码',
  ],
  occupation: ['职业类别', '从业类别'],
  joined_on: ['加入工会日期', '加入工会时间', '入会登记日期'],
  hardship: ['是否为困难职工', '是否困难', '困难'],
  model_worker: ['是否劳动模范', '是否为劳模', '是否为劳动模范'],
}

const fieldOfKey = keysOf((field) => [field, ...synonyms[field]])
const looserFieldOfKey = keysOf((field) => looser[field] ?? [])

function keysOf(namesOf: (field: Field) => readonly string[]): ReadonlyMap<string, Field> {
  return new Map(
    fields.flatMap((field) => namesOf(field).map((name) => [keyOf(name), field] as const)),
  )
}

/** Where a file keeps which field. */
export interface Layout {
  /** The recognised columns in the order of the file; `index` counts from 0. */
  readonly columns: readonly { readonly field: Field; readonly index: number }[]
  /** For every field its column, or -1 when the file does not have it. */
  readonly at: Readonly<Record<Field, number>>
  /** How many cells a row may fill. */
  readonly width: number
  /** The headers as the file writes them, one for each column. */
  readonly headers: readonly string[]
  /** Headers of columns nobody asked for: they are not read. At most 40 characters each. */
  readonly ignored: readonly string[]
}

/**
 * Recognises the header row, in Chinese or English; byte order marks, spaces, case, width,
 * remarks in brackets and asterisks do not matter.
 *
 * Refuses HEADERS_UNKNOWN when a column that `needs` asks for is missing or a field has two
 * columns; the detail lists `missing` (where there is a choice, the nearest) and `duplicated` by
 * field name. What the file really has there stays out of it: a file without headers has a person
 * in its first row.
 */
export function readHeaders(cells: readonly Cell[], needs: Needs = rosterNeeds): Layout {
  const guessed = guessFields(cells.map(textOf))
  return layoutBy(cells, needs, (_header, index) => guessed[index])
}

/** The same where somebody has said what each column is; null: it is not read. */
export function mapHeaders(
  cells: readonly Cell[],
  columns: readonly (Field | null)[],
  needs: Needs = rosterNeeds,
): Layout {
  return layoutBy(cells, needs, (_header, index) => columns[index] ?? undefined)
}

/** What each of a file's headers looks like, where it is known. */
export function guessFields(headers: readonly string[]): readonly (Field | undefined)[] {
  const guessed = headers.map((header) => guessBy(fieldOfKey, header))
  const taken = new Set(guessed)
  return headers.map((header, index) => {
    const field = guessed[index] ?? guessBy(looserFieldOfKey, header)
    if (guessed[index] !== undefined || field === undefined) return field
    if (taken.has(field)) return undefined
    taken.add(field)
    return field
  })
}

/** True for what a roster's column may be called. */
export function isHeader(text: string): boolean {
  return guessBy(fieldOfKey, text) !== undefined
}

function guessBy(known: ReadonlyMap<string, Field>, header: string): Field | undefined {
  return header.length > 64 ? undefined : known.get(keyOf(header))
}

/** What is not there of the columns that are needed (where there is a choice, the nearest). */
export function missingOf(has: (field: Field) => boolean, needs: Needs): readonly Field[] {
  const [missing = []] = needs
    .map((need) => need.filter((field) => !has(field)))
    .sort((a, b) => a.length - b.length)
  return missing
}

function layoutBy(
  cells: readonly Cell[],
  needs: Needs,
  fieldFor: (header: string, index: number) => Field | undefined,
): Layout {
  const headers = cells.map(textOf)
  while (headers.length > 0 && headers.at(-1) === '') headers.pop()
  const at = Object.fromEntries(fields.map((field) => [field, -1])) as Record<Field, number>
  const columns: { field: Field; index: number }[] = []
  const ignored: string[] = []
  const duplicated = new Set<Field>()
  headers.forEach((header, index) => {
    const field = fieldFor(header, index)
    if (field === undefined) {
      if (header !== '') ignored.push(header.slice(0, 40))
    } else if (at[field] >= 0) duplicated.add(field)
    else {
      at[field] = index
      columns.push({ field, index })
    }
  })
  const missing = missingOf((field) => at[field] >= 0, needs)
  if (missing.length > 0 || duplicated.size > 0) {
    throw new Refusal('HEADERS_UNKNOWN', { missing, duplicated: [...duplicated] })
  }
  return { columns, at, width: headers.length, headers, ignored }
}

function keyOf(header: string): string {
  return header
    .normalize('NFKC')
    .replace(/\([^)]*\)/g, '')
    .replace(/[\s\u200b-\u200f\ufeff_*:."'-]/g, '')
    .toLowerCase()
}
