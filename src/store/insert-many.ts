import type Database from 'better-sqlite3'
import { getTableColumns, getTableName } from 'drizzle-orm'
import { CasingCache } from 'drizzle-orm/casing'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'

import { withoutValues } from './errors.ts'

/** Writes many rows fast; how each engine does it is below. */
export interface InsertsMany {
  /**
   * Inserts `rows` and answers how many were really written. With `ignore`, a row whose key is
   * already there is left out; with `add`, its figures are added to those that are there; without
   * either, it is an error. Every row names the same columns.
   */
  insertMany<T extends PgTable>(
    table: T,
    rows: readonly T['$inferInsert'][],
    options?: Clash<keyof T['$inferInsert']>,
  ): Promise<number>
}

/** What becomes of rows whose key is there; those to `add` are of different keys. */
interface Clash<Column> {
  readonly ignore?: boolean
  readonly add?: { readonly key: readonly Column[]; readonly figures: readonly Column[] }
}

type AnyClash = Clash<PropertyKey>

interface Plan {
  readonly columns: readonly { readonly key: string; readonly column: PgColumn }[]
  readonly table: string
  readonly names: readonly string[]
}

const casing = new CasingCache('snake_case')
const plans = new WeakMap<PgTable, Map<string, Plan>>()

/** How rows with these columns are written; worked out once for a table and its columns. */
function planOf(table: PgTable, first: object): Plan {
  const known = plans.get(table) ?? new Map<string, Plan>()
  plans.set(table, known)
  const shape = Object.keys(first).join()
  const plan = known.get(shape) ?? newPlan(table, first)
  known.set(shape, plan)
  return plan
}

function newPlan(table: PgTable, first: object): Plan {
  const all = getTableColumns(table)
  const columns = Object.keys(first).map((key) => {
    const column = all[key]
    if (!column) throw new TypeError(`${getTableName(table)} has no column ${key}`)
    return { key, column }
  })
  const names = columns.map(({ column }) => `"${casing.getColumnCasing(column)}"`)
  return { columns, table: `"${getTableName(table)}"`, names }
}

function encode({ columns }: Plan, row: object): unknown[] {
  return columns.map(({ key, column }) => {
    const value = (row as Record<string, unknown>)[key]
    return value === null || value === undefined ? null : column.mapToDriverValue(value)
  })
}

/** What follows the values. */
function clauseOf({ columns, table, names }: Plan, { ignore, add }: AnyClash): string {
  if (!add) return ignore ? ' on conflict do nothing' : ''
  const name = (key: PropertyKey) => names[columns.findIndex((column) => column.key === key)]
  const sums = add.figures.map(
    (key) => `${name(key)} = ${table}.${name(key)} + excluded.${name(key)}`,
  )
  return ` on conflict (${add.key.map(name).join(', ')}) do update set ${sums.join(', ')}`
}

/** On SQLite one prepared statement, run for each row: nothing crosses a process. */
export function insertManySqlite(
  connection: Database.Database,
  permit: () => void,
): InsertsMany['insertMany'] {
  const prepared = {
    strict: new Map<Plan, Prepared>(),
    ignoring: new Map<Plan, Prepared>(),
    adding: new Map<Plan, Prepared>(),
  }
  return async (table, rows, options = {}) => {
    permit()
    const [first] = rows
    if (!first) return 0
    const plan = planOf(table, first)
    const known = prepared[options.add ? 'adding' : options.ignore ? 'ignoring' : 'strict']
    const { statement, text } = known.get(plan) ?? prepare(connection, plan, options)
    known.set(plan, { statement, text })
    let inserted = 0
    try {
      for (const row of rows) inserted += statement.run(...encode(plan, row)).changes
    } catch (error) {
      throw withoutValues(error, text)
    }
    return inserted
  }
}

interface Prepared {
  readonly statement: Database.Statement
  readonly text: string
}

function prepare(connection: Database.Database, plan: Plan, options: AnyClash): Prepared {
  const verb = options.ignore ? 'insert or ignore into' : 'insert into'
  const blanks = plan.names.map(() => '?').join(', ')
  const clause = options.ignore ? '' : clauseOf(plan, options)
  const text = `${verb} ${plan.table} (${plan.names.join(', ')}) values (${blanks})${clause}`
  return { statement: connection.prepare(text), text }
}

interface Queries {
  query(text: string, values: unknown[]): Promise<{ rowCount: number | null }>
}

/** On PostgreSQL one statement with an array for each column: one round trip. */
export function insertManyPostgres(client: Queries): InsertsMany['insertMany'] {
  return async (table, rows, options = {}) => {
    const [first] = rows
    if (!first) return 0
    const plan = planOf(table, first)
    const encoded = rows.map((row) => encode(plan, row))
    const arrays = plan.columns.map((_, i) => encoded.map((row) => row[i]))
    const types = plan.columns.map(({ column }) => column.getSQLType().split(' ')[0])
    const from = types.map((type, i) => `$${i + 1}::${type}[]`).join(', ')
    const conflict = clauseOf(plan, options)
    const text = `insert into ${plan.table} (${plan.names.join(', ')}) select * from unnest(${from})${conflict}`
    try {
      return (await client.query(text, arrays)).rowCount ?? 0
    } catch (error) {
      throw withoutValues(error, text)
    }
  }
}
