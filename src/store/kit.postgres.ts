import {
  bigint,
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'

const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })
const jsonText = <T>() =>
  customType<{ data: T; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (stored) => JSON.parse(stored),
  })()
const bytewise = customType<{ data: string; driverData: string }>({
  dataType: () => 'text collate "C"',
})

/**
 * The words our schema is written in, as PostgreSQL columns.
 *
 * A kit names what a column means (an instant, an amount), never how an engine stores it. Every
 * kit yields the same JavaScript type for the same word; `test/store/kit.test.ts` holds them to it.
 */
export const postgresKit = {
  table: pgTable,
  text: () => text(),
  /** Text that sorts by its bytes on every engine, so that a prefix is a range. */
  path: () => bytewise(),
  choice: <const T extends readonly [string, ...string[]]>(values: T) => text({ enum: values }),
  /** A small whole number. */
  count: () => integer(),
  /** Integer fen, or any whole number up to 2^53 - 1. */
  amount: () => bigint({ mode: 'number' }),
  flag: () => boolean(),
  /** Milliseconds since 1970-01-01T00:00:00Z, a number on both engines, in raw SQL too. */
  instant: () => bigint({ mode: 'number' }),
  /** A calendar day, `YYYY-MM-DD`. */
  date: () => text(),
  /** JSON kept as the text it was written as: what is hashed is never re-rendered. */
  json: jsonText,
  bytes: () => bytea(),
  index,
  uniqueIndex,
  primaryKey,
  foreignKey,
  check,
}

export type Kit = typeof postgresKit
