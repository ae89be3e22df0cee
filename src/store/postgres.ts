import { AsyncLocalStorage } from 'node:async_hooks'

import type { SQL } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'

import { Refusal, Weather } from '../base/refusal.ts'
import { codeOf, connectionLost, withoutValues } from './errors.ts'
import { insertManyPostgres } from './insert-many.ts'
import { postgresKit } from './kit.postgres.ts'
import { migrationsFolder, pendingMigrations } from './migrations.ts'
import { tablesOf } from './schema/tables.ts'
import type { Statement, Store, TransactionOptions, Tx, Work } from './store.ts'

pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/** Key of the advisory lock under which one process migrates: "symb". */
const migrationLock = 0x73796d62
const attempts = 5

interface Querying {
  query(...args: unknown[]): unknown
}
interface Executes {
  execute(query: SQL): Promise<{ rows: unknown[] }>
}
interface Built {
  execute(values: object): Promise<unknown>
}

const tables = tablesOf(postgresKit)
const current = new AsyncLocalStorage<symbol>()

/** Opens a PostgreSQL database that is up to date. `size`: connections at the most. */
export async function openPostgres(url: string, size = 20): Promise<Store> {
  const pool = new pg.Pool({ connectionString: url, max: size })
  pool.on('error', () => {}) // an idle connection died; the next query takes another
  // One that was lent out died between two queries: the next of them rejects and tells.
  pool.on('connect', (client) => client.on('error', () => {}))
  const sessions = new WeakMap<pg.PoolClient, ReturnType<typeof lender>>()
  const behind = pendingMigrations('postgres', await appliedMigrations(pool))
  if (behind > 0) {
    await pool.end()
    throw new Error(`the database is ${behind} migrations behind: run symbolon migrate`)
  }

  async function transaction<T>(work: Work<T>, options: TransactionOptions = {}): Promise<T> {
    if (current.getStore()) throw new TypeError('transactions do not nest: pass tx down')
    for (let attempt = 1; ; attempt++) {
      try {
        const outcome = await attemptOnce(work, options)
        if ('refusal' in outcome) throw outcome.refusal
        return outcome.value
      } catch (error) {
        if (attempt === attempts || !rolledBackByServer(error)) throw error
      }
    }
  }

  async function attemptOnce<T>(
    work: Work<T>,
    { onRefusal }: TransactionOptions,
  ): Promise<{ value: T } | { refusal: Refusal }> {
    const client = await pool.connect().catch((cause: unknown) => {
      throw new Weather('no connection to the database', cause)
    })
    const lend = sessions.get(client) ?? lender(client)
    sessions.set(client, lend)
    try {
      await client.query(onRefusal ? 'BEGIN; SAVEPOINT turn' : 'BEGIN')
      const outcome = await lend(work).then(
        (value) => ({ value }),
        async (error: unknown) => {
          if (!onRefusal || !(error instanceof Refusal)) throw error
          await client.query('ROLLBACK TO turn')
          await lend((tx) => onRefusal(tx, error))
          return { refusal: error }
        },
      )
      const { command } = await client.query('COMMIT')
      // An error that `work` swallowed has aborted the transaction: the server then rolls back.
      if (command !== 'COMMIT') throw new Error('PostgreSQL has rolled this transaction back')
      client.release()
      return outcome
    } catch (error) {
      await giveBack(client)
      const told = withoutValues(error)
      throw connectionLost(error) ? new Weather('the database went away', told) : told
    }
  }

  return {
    engine: 'postgres',
    read: queriesOn(pool, () => {}),
    transaction,
    beforeCommit() {
      throw new TypeError('PostgreSQL integrates leaves by a tick')
    },
    close: () => pool.end(),
  }
}

/** Brings the schema up to date, one process at a time. */
export async function migratePostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock])
    await migrate(drizzle(client), { migrationsFolder: migrationsFolder('postgres') })
  } finally {
    await client.end()
  }
}

/** Lends one connection to one piece of work at a time. */
function lender(client: pg.PoolClient) {
  let holder: symbol | undefined
  const tx = queriesOn(client, () => {
    if (!holder || current.getStore() !== holder) throw new TypeError('this transaction is over')
  })
  return async <T>(work: Work<T>): Promise<T> => {
    const mine = Symbol()
    holder = mine
    try {
      return await current.run(mine, async () => work(tx))
    } finally {
      holder = undefined
    }
  }
}

/** Drizzle on a connection or pool, which asks `permit` before every query. */
function queriesOn(target: pg.PoolClient | pg.Pool, permit: () => void): Tx {
  const query = (...args: unknown[]) => {
    permit()
    return (target as Querying).query(...args)
  }
  const client = { query } as unknown as pg.PoolClient
  const session = drizzle({ client, casing: 'snake_case' })
  const built = new Map<Statement<object, unknown>, Built>()

  async function perform(statement: Statement<object, unknown>, values: object) {
    let prepared = built.get(statement)
    if (!prepared) {
      prepared = statement(db).prepare(nameOf(statement)) as unknown as Built
      built.set(statement, prepared)
    }
    return prepared.execute(values).catch(tell)
  }
  async function rows(text: SQL) {
    return (await (session as unknown as Executes).execute(text).catch(tell)).rows
  }
  const db = Object.assign(session, {
    tables,
    perform,
    rows,
    insertMany: insertManyPostgres({ query } as Parameters<typeof insertManyPostgres>[0]),
  }) as unknown as Tx
  return db
}

function tell(error: unknown): never {
  throw withoutValues(error)
}

const names = new WeakMap<Statement<object, unknown>, string>()
let statements = 0

/** A name for the server's prepared statement, the same on every connection. */
function nameOf(statement: Statement<object, unknown>): string {
  const name = names.get(statement) ?? `s${++statements}`
  names.set(statement, name)
  return name
}

/** Ends what the connection was doing; one that cannot even roll back is thrown away. */
async function giveBack(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK')
    client.release()
  } catch (error) {
    client.release(error instanceof Error ? error : true)
  }
}

/** Deadlock or serialization failure: the server undid it, so it may be done again. */
function rolledBackByServer(error: unknown): boolean {
  return ['40P01', '40001'].includes(codeOf(error))
}

async function appliedMigrations(pool: pg.Pool): Promise<number> {
  try {
    const { rows } = await pool.query('select count(*) as n from drizzle.__drizzle_migrations')
    return rows[0].n
  } catch (error) {
    if (['42P01', '3F000'].includes(codeOf(error))) return 0
    throw error
  }
}
