import {
  check,
  customType,
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'

import type { Kit } from './kit.postgres.ts'

const blob = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'blob' })
const jsonText = <T>() =>
  customType<{ data: T; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (stored) => JSON.parse(stored),
  })()

const kit = {
  table: sqliteTable,
  text: () => text(),
  path: () => text(),
  choice: <const T extends readonly [string, ...string[]]>(values: T) => text({ enum: values }),
  count: () => integer(),
  amount: () => integer({ mode: 'number' }),
  flag: () => integer({ mode: 'boolean' }),
  instant: () => integer({ mode: 'number' }),
  date: () => text(),
  json: jsonText,
  bytes: () => blob(),
  index,
  uniqueIndex,
  primaryKey,
  foreignKey,
  check,
} satisfies Record<keyof Kit, unknown>

/**
 * The same words, as SQLite columns.
 *
 * This cast is the whole price of writing each table once: from here on the compiler believes it
 * is reading PostgreSQL tables. What it hides is listed in `store.ts`.
 */
export const sqliteKit = kit as unknown as Kit

/** The uncast kit, for the type tests only. */
export type SqliteKit = typeof kit
