import type { SQL } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

import type { Refusal } from '../base/refusal.ts'
import type { InsertsMany } from './insert-many.ts'
import type { Tables } from './schema/tables.ts'

/** Writes that do not say `.returning()` tell the caller nothing, on any engine. */
interface Nothing extends PgQueryResultHKT {
  // biome-ignore lint/suspicious/noConfusingVoidType: it is what the query resolves to
  type: void
}

type Queries = PgDatabase<Nothing>

/** Runs a statement declared by `statement()`, prepared once a connection. */
interface Performs {
  perform<Values extends object, Result>(
    statement: Statement<Values, Result>,
    values: Values,
  ): Promise<Result>
}

/** Plain SQL, for what the query builder cannot say. Identifiers only from `tables`. */
interface Raw {
  /** Rows under the names that the statement gives its columns. Flags are 0/1 or false/true. */
  rows<Row>(query: SQL): Promise<Row[]>
}

/** Reads that need no transaction. */
export type Reader = Pick<Queries, 'select' | 'selectDistinct' | 'with' | '$with' | '$count'> &
  Performs &
  Raw & { readonly tables: Tables }

/**
 * A transaction in progress. It refuses queries once the transaction is over.
 *
 * What both engines have in common, in PostgreSQL's types. Still visible and still wrong on SQLite:
 * `.for('update')` after a select. Take a lock by updating the row instead.
 */
export type Tx = Reader & Pick<Queries, 'insert' | 'update' | 'delete'> & InsertsMany

/** A query with blanks (`sql.placeholder`). Each connection builds it once. */
export type Statement<Values, Result> = ((db: Tx) => Preparable<Result>) & {
  readonly values?: Values
}
interface Preparable<Result> {
  prepare(name: string): { execute(values?: Record<string, unknown>): PromiseLike<Result> }
}

/**
 * Declares a statement whose blanks are `Values`. Placeholders inside `eq`, `gt` and the like skip
 * the column's encoder: hand in what the engine stores.
 */
export const statement =
  <Values extends object>() =>
  <Result>(build: (db: Tx) => Preparable<Result>): Statement<Values, Result> =>
    build

export type Work<T> = (tx: Tx) => Promise<T>

export interface TransactionOptions {
  /**
   * What must outlive a refusal: a try counter, a used nonce, the stored answer. Runs in the same
   * transaction, after the work's own writes were undone.
   */
  readonly onRefusal?: (tx: Tx, refusal: Refusal) => Promise<void>
  /** A long piece of work (about 50 ms): forms a group of its own, behind whoever is waiting. */
  readonly bulk?: boolean
}

export interface Store {
  readonly engine: 'sqlite' | 'postgres'
  readonly read: Reader
  /**
   * Runs `work` in one transaction: committed if it resolves, rolled back if it rejects.
   * Transactions do not nest; pass `tx` down. Await nothing in here but `tx`: on SQLite everybody
   * else's writes are waiting. PostgreSQL may run `work` again after a deadlock.
   */
  transaction<T>(work: Work<T>, options?: TransactionOptions): Promise<T>
  /** SQLite only: runs inside every commit, after the work and before COMMIT. */
  beforeCommit(hook: Work<void>): void
  close(): Promise<void>
}
