import { closeSync, existsSync, openSync } from 'node:fs'

import type Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'

import { checkpointer } from './checkpointer.ts'
import { groupCommit } from './group-commit.ts'
import { migrationsFolder, pendingMigrations } from './migrations.ts'
import { connect, queriesOn } from './sqlite-connection.ts'
import type { Reader, Store } from './store.ts'

export interface SqliteOptions {
  /** Transactions in one COMMIT, at the most. 1 switches group commit off. */
  readonly groupLimit?: number
  /** See `groupCommit`; ends the process unless a test says otherwise. */
  readonly outcomeUnknown?: (error: unknown) => void
  /** Stands between us and the writer: where a test lets the process die. */
  readonly driver?: (writer: Database.Database) => Database.Database
}

/**
 * Opens a SQLite file that exists and is up to date.
 *
 * Two connections: the writer belongs to one group of transactions at a time; the reader is
 * separate and read-only, so in WAL mode nothing it does can see an uncommitted row.
 *
 * A third one, on a thread, copies a log that has grown into the database.
 */
export function openSqlite(path: string, options: SqliteOptions = {}): Store {
  if (!existsSync(path)) throw new Error(`no database at ${path}: symbolon found makes one`)
  const { driver = (writer) => writer } = options
  const writer = driver(connect(path))
  const behind = pendingMigrations('sqlite', appliedMigrations(writer))
  if (behind > 0) {
    writer.close()
    throw new Error(`the database is ${behind} migrations behind: run symbolon migrate`)
  }
  const reader = connect(path, true)
  const { committed, close: endCheckpoints } = checkpointer(path)
  const { transaction, beforeCommit, settle } = groupCommit(writer, {
    limit: options.groupLimit ?? 256,
    committed,
    outcomeUnknown: options.outcomeUnknown ?? exit,
  })
  return {
    engine: 'sqlite',
    read: readOf(writer, reader),
    transaction,
    beforeCommit,
    async close() {
      await settle()
      await endCheckpoints()
      reader.close()
      writer.close()
    },
  }
}

/**
 * Reads on the reader, but prepared statements on the writer while it is between two groups: the
 * reader forgets every page that it has read whenever something was committed, the writer none.
 */
function readOf(writer: Database.Database, reader: Database.Database): Reader {
  const reads = queriesOn(reader, () => {})
  const { perform: apart } = reads
  const { perform: warm } = queriesOn(writer, () => {}, { readonly: true })
  return Object.assign(reads, {
    perform: ((asked, values) =>
      (writer.inTransaction ? apart : warm)(asked, values)) satisfies Reader['perform'],
  })
}

/** Makes an empty database file. Refuses one that is there. */
export function createSqlite(path: string): void {
  closeSync(openSync(path, 'wx', 0o600))
  migrateSqlite(path)
}

/**
 * Brings the schema up to date. Foreign keys are off meanwhile, because SQLite changes a table by
 * rebuilding it and the pragma that drizzle-kit writes for that is ignored inside a transaction.
 */
export function migrateSqlite(path: string): void {
  const connection = connect(path)
  connection.pragma('foreign_keys = OFF')
  migrate(drizzle(connection), { migrationsFolder: migrationsFolder('sqlite') })
  const orphans = connection.pragma('foreign_key_check') as unknown[]
  connection.close()
  if (orphans.length > 0) throw new Error(`migration left ${orphans.length} rows without a parent`)
}

function appliedMigrations(connection: Database.Database): number {
  const known = connection
    .prepare("select 1 from sqlite_master where name = '__drizzle_migrations'")
    .get()
  if (!known) return 0
  const { n } = connection.prepare('select count(*) as n from __drizzle_migrations').get() as {
    n: number
  }
  return n
}

function exit(error: unknown): void {
  process.stderr.write(`a commit may or may not have taken place, ending: ${String(error)}\n`)
  process.exit(70)
}
