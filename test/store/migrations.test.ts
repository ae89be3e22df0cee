import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'

import { type Location, locate, openStore } from '../../src/store/open.ts'
import { migratePostgres } from '../../src/store/postgres.ts'
import { createSqlite, migrateSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { engines, freshDatabase, freshStore } from '../support/engines.ts'

const appendOnly = [
  'looks',
  'approvals',
  'benefit_versions',
  'credential_events',
  'decision_receipts',
  'erasures',
  'journal_entries',
  'ledger_closes',
  'log_leaves',
  'postings',
  'proposal_decisions',
  'reissues',
  'statement_approvals',
  'statement_lines',
  'voucher_events',
]

async function migrateAt(location: Location): Promise<void> {
  if (location.engine === 'sqlite') migrateSqlite(location.path)
  else await migratePostgres(location.url)
}

/** Which rows of which table a trigger keeps from what: `postings DELETE`. */
async function triggers({ engine, read }: Store): Promise<string[]> {
  const rows = await read.rows<{ on: string; text: string }>(
    engine === 'sqlite'
      ? sql`select tbl_name as "on", sql as text from sqlite_master where type = 'trigger'`
      : sql`select event_object_table as "on", 'BEFORE ' || event_manipulation as text
          from information_schema.triggers where action_statement like '%refuse_change%'`,
  )
  return rows.map(({ on, text }) => `${on} ${/BEFORE (\w+)/.exec(text)?.[1]}`)
}

describe.each(engines)('migrations on %s', (engine) => {
  it('leave a database that opens, and are harmless a second time', async () => {
    const location = await freshDatabase(engine)
    const before = await openStore(location)
    await before.transaction(async (tx) => {
      await tx.insert(tx.tables.nonces).values({ scope: 's', nonce: 'n', expiresAt: 1 })
    })
    const kept = await triggers(before)
    await before.close()
    await Promise.all([migrateAt(location), migrateAt(location)])
    const after = await openStore(location)
    expect(await after.read.$count(after.read.tables.nonces)).toBe(1)
    expect(await triggers(after)).toEqual(kept)
    await after.close()
  })

  it('that are missing keep a database from being opened', async () => {
    const location = await freshDatabase(engine)
    const store = await openStore(location)
    const applied =
      engine === 'sqlite' ? sql`__drizzle_migrations` : sql`drizzle.__drizzle_migrations`
    await store.transaction(async (tx) => {
      await tx.rows(
        sql`delete from ${applied} where created_at = (select max(created_at) from ${applied}) returning 1`,
      )
    })
    await store.close()
    await expect(async () => openStore(location)).rejects.toThrow('1 migrations behind')
  })

  it('make the tables whose rows nobody may change or delete', async () => {
    const store = await freshStore(engine)
    const found = await triggers(store)
    for (const table of appendOnly) {
      expect(found, table).toContain(`${table} UPDATE`)
      expect(found, table).toContain(`${table} DELETE`)
    }
    await store.close()
  })
})

describe('a PostgreSQL database', () => {
  it('refuses to empty a table that is only added to', async () => {
    const store = await freshStore('postgres')
    for (const table of appendOnly.filter((name) => name !== 'benefit_versions')) {
      const empty = store.transaction(async (tx) => {
        await tx.rows(sql`truncate ${sql.identifier(table)} cascade`)
      })
      await expect(empty, table).rejects.toThrow(/append-only/)
    }
    await store.close()
  })

  it('that has never been migrated is not opened', async () => {
    const { url } = (await freshDatabase('postgres')) as Location & { engine: 'postgres' }
    const empty = new URL(url)
    empty.pathname = '/postgres'
    const location = { engine: 'postgres', url: empty.href } as const
    await expect(openStore(location)).rejects.toThrow('migrations behind')
  })
})

describe('a SQLite file', () => {
  const missing = () => join(mkdtempSync(join(tmpdir(), 'symbolon-test-')), 'symbolon.db')

  it('is never made by opening it', async () => {
    const path = missing()
    await expect(async () => openStore({ engine: 'sqlite', path })).rejects.toThrow(
      `no database at ${path}`,
    )
    expect(() => migrateSqlite(path)).toThrow()
    expect(existsSync(path)).toBe(false)
  })

  it('is never overwritten by making it', async () => {
    const path = missing()
    createSqlite(path)
    expect(() => createSqlite(path)).toThrow(/EEXIST/)
    const store = await openStore({ engine: 'sqlite', path })
    expect(await store.read.rows(sql`select 1 as one`)).toEqual([{ one: 1 }])
    await store.close()
  })

  it('is written durably: synchronous is FULL, on both connections', async () => {
    const store = await freshStore('sqlite')
    const level = sql`select synchronous as n from pragma_synchronous`
    expect(await store.read.rows(level)).toEqual([{ n: 2 }])
    expect(await store.transaction((tx) => tx.rows(level))).toEqual([{ n: 2 }])
    await store.close()
  })
})

describe('DATABASE_URL', () => {
  it.each([
    [undefined, { engine: 'sqlite', path: '/data/symbolon.db' }],
    ['', { engine: 'sqlite', path: '/data/symbolon.db' }],
    ['sqlite:a.db', { engine: 'sqlite', path: 'a.db' }],
    ['sqlite:///srv/a.db', { engine: 'sqlite', path: '/srv/a.db' }],
    ['postgres://u:p@h/d', { engine: 'postgres', url: 'postgres://u:p@h/d' }],
    ['postgresql://h/d', { engine: 'postgres', url: 'postgresql://h/d' }],
  ])('%s says where the data is', (url, location) => {
    expect(locate(url, '/data')).toEqual(location)
  })

  it.each(['mysql://u:secret@h/d', 'http://h', 'symbolon.db', 'sqlite:', 'postgres:h'])(
    '%s is a mistake, told without what may be a password',
    (url) => {
      expect(() => locate(url, '/data')).toThrow(TypeError)
      expect(() => locate(url, '/data')).not.toThrow('secret')
    },
  )
})
