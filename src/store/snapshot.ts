import { existsSync } from 'node:fs'

import { sql } from 'drizzle-orm'

import { Weather } from '../base/refusal.ts'
import type { Location } from './open.ts'
import { openPostgres } from './postgres.ts'
import { connect, queriesOn } from './sqlite-connection.ts'
import type { Reader } from './store.ts'

/**
 * Hands `work` one unchanging view of a database, read-only: what others commit meanwhile is not
 * seen. Makes and migrates nothing. Weather when there is no such file or server.
 */
export async function readSnapshot<T>(
  location: Location,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  return location.engine === 'sqlite'
    ? readSqlite(location.path, work)
    : readPostgres(location.url, work)
}

async function readSqlite<T>(path: string, work: (reader: Reader) => Promise<T>): Promise<T> {
  if (!existsSync(path)) throw new Weather(`no database at ${path}`, undefined)
  const connection = connect(path, true)
  try {
    connection.exec('BEGIN')
    return await work(queriesOn(connection, () => {}))
  } finally {
    connection.close()
  }
}

async function readPostgres<T>(url: string, work: (reader: Reader) => Promise<T>): Promise<T> {
  const store = await openPostgres(url, 1)
  try {
    return await store.transaction(async (tx) => {
      await tx.rows(sql`set transaction isolation level repeatable read, read only`)
      return work(tx)
    })
  } finally {
    await store.close()
  }
}
