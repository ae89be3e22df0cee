import type Database from 'better-sqlite3'
import { Column, is, Param, Placeholder, SQL } from 'drizzle-orm'

/** What drizzle has prepared for better-sqlite3, as far as we look into it. */
export interface Prepared {
  readonly query: { readonly params: readonly unknown[] }
  readonly stmt: Database.Statement
  /** The columns of a row and where they go; none when the statement answers no rows. */
  readonly fields?: readonly { readonly path: readonly string[]; readonly field: unknown }[]
}

type Encode = (values: Record<string, unknown>) => unknown
type Decode = (value: unknown) => unknown

/**
 * Runs a statement that drizzle has prepared, without asking of every parameter and column again
 * what it is: on the path of a redemption that asking costs as much as SQLite does. `undefined` for
 * rows with parts, whose mapping is drizzle's own.
 */
export function runnerOf({ query, stmt, fields }: Prepared) {
  const encoders = query.params.map(encoderOf)
  const encoded = (values: object) => encoders.map((encode) => encode(values as never))
  if (!fields) return (values: object): unknown => void stmt.run(...encoded(values))
  if (fields.some(({ path }) => path.length !== 1)) return undefined
  const columns = fields.map(({ path: [name = ''], field }) => [name, decoderOf(field)] as const)
  const raw = stmt.raw()
  return (values: object): unknown =>
    (raw.all(...encoded(values)) as unknown[][]).map((row) => {
      const read: Record<string, unknown> = {}
      for (const [i, [name, decode]] of columns.entries()) {
        read[name] = row[i] === null ? null : decode(row[i])
      }
      return read
    })
}

function encoderOf(parameter: unknown): Encode {
  if (is(parameter, Placeholder)) return blank(parameter.name)
  if (is(parameter, Param) && is(parameter.value, Placeholder)) {
    const { encoder } = parameter
    const given = blank(parameter.value.name)
    return (values) => encoder.mapToDriverValue(given(values))
  }
  return () => parameter
}

function blank(name: string): Encode {
  return (values) => {
    if (!Object.hasOwn(values, name)) throw new TypeError(`no value for the blank ${name}`)
    return values[name]
  }
}

function decoderOf(field: unknown): Decode {
  if (is(field, Column)) return (value) => field.mapFromDriverValue(value)
  const { decoder } = (is(field, SQL.Aliased) ? field.sql : field) as unknown as {
    decoder: { mapFromDriverValue: Decode }
  }
  return (value) => decoder.mapFromDriverValue(value)
}
