import {
  and,
  between,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  notInArray,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { newEmploymentForms } from '../../identity/roster/values.ts'
import type { Tables } from '../../store/schema/tables.ts'
import { ageCutoff, type IsoDate, tenureCutoff } from './civil-date.ts'
import type { FactLeaf, HistoryTest, Leaf, Op } from './criteria.ts'
import { regionRange, resolveDate, windowStart } from './evaluate.ts'
import type { FactKey, FactScalar } from './facts.ts'
import type { Named } from './named.ts'
import { complement, type Range, rangeOf } from './range.ts'
import { midnightOf } from './zone.ts'

/** What a predicate is compiled against. `today` is a day of `timeZone`, the programme's. */
export interface Ground {
  readonly tables: Tables
  readonly today: IsoDate
  readonly timeZone: string
  readonly named: Named
}

export const always = sql`1 = 1`
export const never = sql`1 = 0`

/**
 * A predicate over `members` joined with `organisations` that is true exactly where the leaf's
 * value is `wanted`. Where the value is unknown it is false or NULL, whatever is wanted.
 */
export function compileLeaf(leaf: Leaf, ground: Ground, wanted: boolean): SQL {
  const { tables, today, named } = ground
  const { members, organisations, listMembers } = tables
  const ranged = (range: Range) => (wanted ? range : complement(range))
  if ('fact' in leaf) return factPredicate(leaf, tables, wanted)
  if ('age' in leaf) {
    const on = resolveDate(leaf.age.on, today)
    return byCutoff(members.birthDate, ranged(rangeOf(leaf.age.op, leaf.age.years)), (years) =>
      ageCutoff(on, years),
    )
  }
  if ('tenure' in leaf) {
    return byCutoff(members.joinedOn, ranged(rangeOf(leaf.tenure.op, leaf.tenure.days)), (days) =>
      tenureCutoff(today, days),
    )
  }
  if ('org' in leaf) {
    const paths = leaf.org.within.flatMap((code) => named.paths.get(code) ?? [])
    const below = or(...paths.map((path) => under(organisations.path, path))) ?? never
    return wanted ? below : sql`not (${below})`
  }
  if ('region' in leaf) {
    const inside = leaf.region.within.map((code) => {
      const { from, to } = regionRange(code)
      return between(organisations.region, from, to)
    })
    const within = or(...inside) ?? never
    return wanted ? within : sql`not (${within})`
  }
  if ('list' in leaf) {
    const listed = sql`exists (select 1 from ${listMembers}
      where ${eq(listMembers.listId, leaf.list)} and ${listMembers.memberId} = ${members.id})`
    return wanted ? listed : sql`not ${listed}`
  }
  return byCount(leaf.history, ground, ranged(rangeOf(leaf.history.op, leaf.history.count)))
}

/** Everything at or below `path`, as a range of text: paths sort by their bytes. */
export function under(column: PgColumn, path: string): SQL {
  return sql`(${gte(column, path)} and ${lt(column, `${path}~`)})`
}

/** How each fact stands in the tables. A fact without a column does not compile. */
type Column = (tables: Tables) => PgColumn
const columns: Readonly<Record<Exclude<FactKey, 'new_employment_form' | 'has_mobile'>, Column>> = {
  occupation: ({ members }) => members.occupation,
  gender: ({ members }) => members.gender,
  birth_date: ({ members }) => members.birthDate,
  joined_on: ({ members }) => members.joinedOn,
  hardship: ({ members }) => members.hardship,
  model_worker: ({ members }) => members.modelWorker,
  standing: ({ members }) => members.standing,
}

const opposites = {
  eq: 'ne',
  ne: 'eq',
  lt: 'ge',
  ge: 'lt',
  gt: 'le',
  le: 'gt',
  in: 'notIn',
  notIn: 'in',
  exists: 'missing',
  missing: 'exists',
} as const satisfies Partial<Record<Op, Op>>

function factPredicate({ fact, op, value }: FactLeaf, tables: Tables, wanted: boolean): SQL {
  const { members } = tables
  if (fact === 'has_mobile') {
    if (op === 'exists' || op === 'missing') return (op === 'exists') === wanted ? always : never
    const has = ((op === 'eq') === (value === true)) === wanted
    return has ? isNotNull(members.mobileHash) : isNull(members.mobileHash)
  }
  if (fact === 'new_employment_form') {
    if (op === 'exists' || op === 'missing') return presence(members.occupation, op, wanted)
    const forms = [...newEmploymentForms]
    const isForm = ((op === 'eq') === (value === true)) === wanted
    return isForm ? inArray(members.occupation, forms) : notInArray(members.occupation, forms)
  }
  const column = columns[fact](tables)
  if (op === 'exists' || op === 'missing') return presence(column, op, wanted)
  return comparison(column, op, value, wanted)
}

function presence(column: PgColumn, op: 'exists' | 'missing', wanted: boolean): SQL {
  return (op === 'exists') === wanted ? isNotNull(column) : isNull(column)
}

function comparison(column: PgColumn, op: Op, value: FactLeaf['value'], wanted: boolean): SQL {
  const values = (Array.isArray(value) ? value : [value]) as FactScalar[]
  const [first, second] = values
  if (op === 'between') {
    const inside = between(column, first, second)
    return wanted ? inside : sql`not (${inside})`
  }
  if (op === 'has' || op === 'hasAny') throw new TypeError(`no fact has operator "${op}" yet`)
  switch (wanted ? op : opposites[op]) {
    case 'eq':
      return eq(column, first)
    case 'ne':
      return ne(column, first)
    case 'lt':
      return lt(column, first)
    case 'le':
      return lte(column, first)
    case 'gt':
      return gt(column, first)
    case 'ge':
      return gte(column, first)
    case 'in':
      return inArray(column, values)
    default:
      return notInArray(column, values)
  }
}

/** Where the quantity behind a date lies in `range`: it reaches n on or before the cutoff of n. */
function byCutoff(column: PgColumn, range: Range, cutoff: (n: number) => IsoDate): SQL {
  return lying(range, (n, reached) => (reached ? lte(column, cutoff(n)) : gt(column, cutoff(n))))
}

/** Where the number of a person's events lies in `range`. */
function byCount(test: HistoryTest, ground: Ground, range: Range): SQL {
  const events = eventsOf(test, ground)
  return lying(range, (n, reached) => {
    if (n <= 0) return reached ? always : never
    if (n === 1)
      return reached ? sql`exists (select 1 ${events})` : sql`not exists (select 1 ${events})`
    return reached
      ? sql`(select count(*) ${events}) >= ${n}`
      : sql`(select count(*) ${events}) < ${n}`
  })
}

function lying(range: Range, reach: (n: number, reached: boolean) => SQL): SQL {
  const { min, max, outside } = range
  const low = min === undefined ? undefined : reach(min, !outside)
  const high = max === undefined ? undefined : reach(max + 1, outside)
  return (outside ? or(low, high) : and(low, high)) ?? always
}

/** `from … where …` of the events that a history leaf counts, for the member of the outer query. */
function eventsOf(test: HistoryTest, { tables, today, timeZone }: Ground): SQL {
  const { members, vouchers, redemptions, benefits } = tables
  const redeemed = test.event === 'redeemed'
  const at = redeemed
    ? redemptions.redeemedAt
    : test.event === 'claimed'
      ? vouchers.claimedAt
      : vouchers.issuedAt
  const from = windowStart(test.within, today)
  const conditions = [
    sql`${vouchers.bucket} = ${members.bucket}`,
    sql`${vouchers.personId} = ${members.personId}`,
    from === undefined ? isNotNull(at) : gte(at, midnightOf(from, timeZone)),
    ...(redeemed ? [eq(redemptions.state, 'committed')] : []),
    ...(test.benefit === undefined ? [] : [eq(vouchers.benefitId, test.benefit)]),
    ...(test.category === undefined ? [] : [sql`${benefits.kind} = ${test.category}`]),
  ]
  const acts = redeemed
    ? sql` join ${redemptions} on ${redemptions.bucket} = ${vouchers.bucket}
        and ${redemptions.voucherId} = ${vouchers.id}`
    : sql``
  const kinds =
    test.category === undefined
      ? sql``
      : sql` join ${benefits} on ${benefits.id} = ${vouchers.benefitId}`
  return sql`from ${vouchers}${acts}${kinds} where ${and(...conditions)}`
}
