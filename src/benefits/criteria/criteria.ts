import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { type IsoDate, isIsoDate } from './civil-date.ts'
import { type FactKey, type FactScalar, type FactType, factKeys, factOf } from './facts.ts'
import type { RangeOp } from './range.ts'

/** Who is entitled, as data (section 15). Published criteria never change. */
export type Criteria =
  | { readonly all: readonly Criteria[] }
  | { readonly any: readonly Criteria[] }
  | { readonly not: Criteria }
  | { readonly atLeast: number; readonly of: readonly Criteria[] }
  /** Published criteria under a name; valued as what they say. */
  | { readonly segment: string }
  | Leaf

/** What is asked of the member directly. */
export type Leaf =
  | FactLeaf
  /** The member's organisation is one of these or below it. */
  | { readonly org: { readonly within: readonly string[] } }
  /** GB/T 2260 codes of six digits; one ending in 0000 or 00 stands for all below it. */
  | { readonly region: { readonly within: readonly string[] } }
  | { readonly list: string }
  | { readonly age: AgeTest }
  | { readonly tenure: TenureTest }
  | { readonly history: HistoryTest }

export type FactLeaf = {
  readonly fact: FactKey
  readonly op: Op
  readonly value?: FactScalar | readonly FactScalar[]
}
/** `years` is a pair, both ends included, for `between` and a number for every other operator. */
export type AgeTest = {
  readonly op: RangeOp
  readonly years: number | readonly [number, number]
  readonly on?: DateRef
}
export type TenureTest = {
  readonly op: RangeOp
  readonly days: number | readonly [number, number]
}
/** `within: 'ever'` only together with a benefit or a category. */
export type HistoryTest = {
  readonly benefit?: string
  readonly category?: string
  readonly event: HistoryEvent
  readonly within: 'P365D' | 'calendar_year' | 'ever'
  readonly op: Exclude<RangeOp, 'between'>
  readonly count: number
}
export type HistoryEvent = 'issued' | 'claimed' | 'redeemed'
/** The day itself, the first or last day of its year, or one fixed day. */
export type DateRef = 'today' | 'year_start' | 'year_end' | IsoDate

const ops = [
  ...(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in', 'notIn', 'between'] as const),
  ...(['has', 'hasAny', 'exists', 'missing'] as const),
] as const
export type Op = (typeof ops)[number]

/** Why criteria are refused: `reason` of the refusal's detail. */
export type CriteriaFault =
  | 'shape'
  | 'empty'
  | 'too_deep'
  | 'too_many_leaves'
  | 'at_least_range'
  | 'fact_unknown'
  | 'operator_type'
  | 'value_arity'
  | 'value_type'
  | 'value_order'
  | 'code_unknown'
  | 'history_unbounded'
  | 'history_count'
  | 'segment_in_segment'

export const maxDepth = 6
export const maxLeaves = 60
export const maxValues = 200

const ordered: readonly Op[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in', 'notIn', 'between']
const opsOf: Readonly<Record<FactType, readonly Op[]>> = {
  bool: ['eq', 'ne', 'exists', 'missing'],
  int: [...ordered, 'exists', 'missing'],
  money: [...ordered, 'exists', 'missing'],
  date: [...ordered, 'exists', 'missing'],
  code: ['eq', 'ne', 'in', 'notIn', 'exists', 'missing'],
  code_set: ['has', 'hasAny', 'exists', 'missing'],
}

const id = z.string().regex(/^[0-9A-Za-z_-]{1,64}$/)
/** A segment by its id, the latest; or one version of it, `ID@3`. */
const segmentRef = z.string().regex(/^[0-9A-Za-z_-]{1,64}(@[1-9]\d{0,8})?$/)
const regionCode = z.string().regex(/^[1-9]\d{5}$/)
const comparison = z.enum(['eq', 'ne', 'lt', 'le', 'gt', 'ge'])
const rangeOp = z.enum([...comparison.options, 'between'])
const scalar = z.union([z.string().max(64), z.int(), z.boolean()])
const child: z.ZodType<Criteria> = z.lazy(() => criteriaSchema)
const children = z.array(child).min(1)
const isoDate = z.string().refine(isIsoDate)

function quantity(most: number) {
  const one = z.int().min(0).max(most)
  return z.union([one, z.tuple([one, one])])
}

/** One strict schema for each kind of node, found by the key that names the kind. */
const kinds = {
  all: z.strictObject({ all: children }),
  any: z.strictObject({ any: children }),
  not: z.strictObject({ not: child }),
  atLeast: z.strictObject({ atLeast: z.int().min(1), of: children }),
  fact: z.strictObject({
    fact: z.enum(factKeys),
    op: z.enum(ops),
    value: z.union([scalar, z.array(scalar)]).exactOptional(),
  }),
  org: z.strictObject({ org: z.strictObject({ within: z.array(id).min(1).max(maxValues) }) }),
  region: z.strictObject({
    region: z.strictObject({ within: z.array(regionCode).min(1).max(maxValues) }),
  }),
  list: z.strictObject({ list: id }),
  segment: z.strictObject({ segment: segmentRef }),
  age: z.strictObject({
    age: z.strictObject({
      op: rangeOp,
      years: quantity(150),
      on: z.union([z.enum(['today', 'year_start', 'year_end']), isoDate]).exactOptional(),
    }),
  }),
  tenure: z.strictObject({ tenure: z.strictObject({ op: rangeOp, days: quantity(36_500) }) }),
  history: z.strictObject({
    history: z.strictObject({
      benefit: id.exactOptional(),
      category: id.exactOptional(),
      event: z.enum(['issued', 'claimed', 'redeemed']),
      within: z.enum(['P365D', 'calendar_year', 'ever']),
      op: comparison,
      count: z.int().min(0).max(1000),
    }),
  }),
}
type Kind = keyof typeof kinds

/** The shape alone, for documents such as OpenAPI. What a request says goes to `checkCriteria`. */
export const criteriaSchema: z.ZodType<Criteria> = z.union(Object.values(kinds))

/**
 * Criteria out of untrusted JSON, as a copy. `use` is `segment` for criteria saved as a segment,
 * which may not name a segment: so no cycles, and no growth beyond 60 × 60 leaves.
 *
 * Refuses with CRITERIA_INVALID and {path, reason}: `path` a JSON pointer (RFC 6901) to the node or
 * member at fault, `reason` a CriteriaFault. Whether the organisations, lists, segments and
 * benefits named exist is asked of the tables, by the caller.
 */
export function checkCriteria(value: unknown, use: 'rule' | 'segment' = 'rule'): Criteria {
  return checkNode(value, { pointer: '', depth: 1 }, { use, leaves: 0 })
}

/** Canonical text for hashing: JSON, keys sorted by code unit, no spaces, lists in their order. */
export function canonicalCriteria(criteria: Criteria): string {
  return JSON.stringify(criteria, (_, value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

type Place = { readonly pointer: string; readonly depth: number }
type Tally = { readonly use: 'rule' | 'segment'; leaves: number }

/** Children first, so that a fault is reported where it is; depth is bounded before anything. */
function checkNode(value: unknown, place: Place, tally: Tally): Criteria {
  const { pointer, depth } = place
  if (depth > maxDepth) refuse(pointer, 'too_deep')
  if (value === null || typeof value !== 'object') refuse(pointer, 'shape')
  const kind = (Object.keys(kinds) as Kind[]).find((key) => Object.hasOwn(value, key))
  if (kind === undefined) refuse(pointer, 'shape')
  const parts = partsOf(kind, value as Record<string, unknown>)
  if (parts === undefined) {
    tally.leaves++
    if (tally.leaves > maxLeaves) refuse(pointer, 'too_many_leaves')
    if (kind === 'segment' && tally.use === 'segment') refuse(pointer, 'segment_in_segment')
  }
  for (const [key, part] of parts ?? []) {
    checkNode(part, { pointer: `${pointer}/${key}`, depth: depth + 1 }, tally)
  }
  const parsed = kinds[kind].safeParse(value)
  if (!parsed.success) refuseShape(pointer, parsed.error.issues)
  checkMeaning(parsed.data, pointer)
  return parsed.data
}

/** The children of a composite with the pointer to each; undefined for a leaf. */
function partsOf(kind: Kind, node: Record<string, unknown>): [string, unknown][] | undefined {
  if (kind === 'not') return [['not', node.not]]
  const key = kind === 'atLeast' ? 'of' : kind
  if (key !== 'all' && key !== 'any' && key !== 'of') return undefined
  const parts = node[key]
  return Array.isArray(parts) ? parts.map((part, i) => [`${key}/${i}`, part]) : []
}

function refuseShape(pointer: string, issues: readonly z.core.$ZodIssue[]): never {
  const issue = issues[0]
  const path = (issue?.path ?? []).map(String)
  const at = [pointer, ...path].join('/')
  const last = path.join('/')
  if (issue?.code === 'unrecognized_keys') refuse(at, 'shape')
  if (issue?.code === 'too_small' && issue.origin === 'array') refuse(at, 'empty')
  if (issue?.code === 'too_big' && issue.origin === 'array') refuse(at, 'value_arity')
  if (last === 'atLeast') refuse(at, 'at_least_range')
  if (last === 'fact') refuse(at, 'fact_unknown')
  if (last === 'op') refuse(at, 'operator_type')
  if (last === 'value') refuse(at, 'value_type')
  if (last === 'history/within') refuse(at, 'history_unbounded')
  if (last === 'history/count') refuse(at, 'history_count')
  refuse(at, 'shape')
}

function checkMeaning(node: Criteria, pointer: string): void {
  if ('atLeast' in node && node.atLeast > node.of.length) {
    refuse(`${pointer}/atLeast`, 'at_least_range')
  }
  if ('fact' in node) checkFact(node, pointer)
  if ('age' in node) checkPair(node.age.op, node.age.years, `${pointer}/age/years`)
  if ('tenure' in node) checkPair(node.tenure.op, node.tenure.days, `${pointer}/tenure/days`)
  if ('history' in node) {
    const { within, benefit, category } = node.history
    const named = benefit !== undefined || category !== undefined
    if (within === 'ever' && !named) refuse(`${pointer}/history/within`, 'history_unbounded')
  }
}

function checkPair(op: RangeOp, value: number | readonly [number, number], at: string): void {
  if ((op === 'between') !== (typeof value !== 'number')) refuse(at, 'value_arity')
  if (typeof value !== 'number' && value[0] > value[1]) refuse(at, 'value_order')
}

function checkFact({ fact, op, value }: FactLeaf, pointer: string): void {
  const { type, codes } = factOf(fact)
  const at = `${pointer}/value`
  if (!opsOf[type].includes(op)) refuse(`${pointer}/op`, 'operator_type')
  const values = valuesOf(op, value, at)
  for (const one of values) {
    if (!fits(type, one)) refuse(at, 'value_type')
    if (codes !== undefined && !Object.hasOwn(codes, String(one))) refuse(at, 'code_unknown')
  }
  const [low, high] = values
  if (op === 'between' && low !== undefined && high !== undefined && low > high) {
    refuse(at, 'value_order')
  }
}

/** None for `exists` and `missing`, two for `between`, 1 to 200 for a set, else exactly one. */
function valuesOf(op: Op, value: FactLeaf['value'], at: string): readonly FactScalar[] {
  if (op === 'exists' || op === 'missing')
    return value === undefined ? [] : refuse(at, 'value_arity')
  const many = op === 'between' || op === 'in' || op === 'notIn' || op === 'hasAny'
  if (value === undefined || many !== Array.isArray(value)) refuse(at, 'value_arity')
  const values = Array.isArray(value) ? (value as FactScalar[]) : [value as FactScalar]
  const most = op === 'between' ? 2 : maxValues
  if (values.length < (op === 'between' ? 2 : 1) || values.length > most) refuse(at, 'value_arity')
  return values
}

function fits(type: FactType, value: FactScalar): boolean {
  if (type === 'bool') return typeof value === 'boolean'
  if (type === 'int') return typeof value === 'number'
  if (type === 'money') return typeof value === 'number' && value >= 0
  return typeof value === 'string' && (type !== 'date' || isIsoDate(value))
}

function refuse(path: string, reason: CriteriaFault): never {
  throw new Refusal('CRITERIA_INVALID', { path, reason })
}
