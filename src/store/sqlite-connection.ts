import assert from 'node:assert/strict'

import Database from 'better-sqlite3'
import type { SQL } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'

import { withoutValues } from './errors.ts'
import { insertManySqlite } from './insert-many.ts'
import { sqliteKit } from './kit.sqlite.ts'
import { tablesOf } from './schema/tables.ts'
import { type Prepared, runnerOf } from './sqlite-statement.ts'
import type { Statement, Tx } from './store.ts'

const busyMs = 10_000
/** 40 MB: a page that many commits of an import change is copied into the database once. */
const walPages = 10_000

/**
 * Opens one connection, durable. better-sqlite3 opens WAL databases at `synchronous=NORMAL`, which
 * may lose acknowledged commits with the power; FULL is set and read back.
 */
export function connect(path: string, readonly = false): Database.Database {
  const connection = new Database(path, { readonly, fileMustExist: true, timeout: busyMs })
  if (!readonly) {
    connection.pragma('journal_mode = WAL')
    connection.pragma(`wal_autocheckpoint = ${walPages}`)
  }
  connection.pragma('synchronous = FULL')
  connection.pragma('foreign_keys = ON')
  connection.pragma('trusted_schema = OFF')
  connection.pragma('cache_size = -65536')
  assert.equal(connection.pragma('synchronous', { simple: true }), 2, 'commits are not durable')
  return connection
}

const tables = tablesOf(sqliteKit)

interface Built extends Prepared {
  execute(values: object): { sync(): unknown }
}
interface RawSession {
  all(query: SQL): unknown[]
}

function told<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw withoutValues(error)
  }
}

/**
 * SQLite with STAT4, as better-sqlite3 builds it, plans a statement again whenever a parameter that
 * its plan may hang on is bound: a join of rows by their keys then costs six times as much. Behind
 * a unary plus, which changes no value, a parameter is nothing to plan by.
 */
function withPlanKept(text: string): string {
  return text.replace(/'[^']*'|"[^"]*"|\?/g, (found) => (found === '?' ? '+?' : found))
}

/** Drizzle on `connection`; asks `permit` before every query. `readonly`: of reads alone. */
export function queriesOn(
  connection: Database.Database,
  permit: () => void,
  { readonly = false } = {},
): Tx {
  const prepare = (text: string) => {
    permit()
    const prepared = connection.prepare(withPlanKept(text))
    assert(prepared.readonly || !readonly, 'a reader was asked to write')
    return prepared
  }
  const client = { prepare } as Database.Database
  const session = drizzle({ client, casing: 'snake_case' })
  const built = new Map<Statement<object, unknown>, (values: object) => unknown>()

  async function perform(statement: Statement<object, unknown>, values: object) {
    permit()
    let run = built.get(statement)
    if (!run) {
      const query = statement(db).prepare('') as unknown as Built
      run = runnerOf(query) ?? ((blanks) => query.execute(blanks).sync())
      built.set(statement, run)
    }
    return told(() => run(values))
  }
  async function rows(query: SQL) {
    permit()
    return told(() => (session as unknown as RawSession).all(query))
  }
  const db = Object.assign(session, {
    tables,
    perform,
    rows,
    insertMany: insertManySqlite(connection, permit),
  }) as unknown as Tx
  return db
}
