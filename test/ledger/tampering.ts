import { copyFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import Database from 'better-sqlite3'
import pg from 'pg'
import { expect } from 'vitest'

import type { Location } from '../../src/store/open.ts'
import { copyDatabase } from '../support/engines.ts'

const hashOnSqlite = `x'${'5a'.repeat(32)}'`
const hashOnPostgres = `decode('${'5a'.repeat(32)}', 'hex')`

/** A copy of a closed database, as `--db` takes it. */
export async function copyOf(location: Location): Promise<string> {
  if (location.engine === 'sqlite') {
    const path = join(mkdtempSync(join(tmpdir(), 'symbolon-copy-')), 'symbolon.db')
    copyFileSync(location.path, path)
    return `sqlite:${path}`
  }
  const url = new URL(location.url)
  const name = `c_${process.pid}_${Math.random().toString(36).slice(2)}`
  const template = url.pathname.slice(1)
  url.pathname = '/postgres'
  const admin = new pg.Client({ connectionString: url.href })
  await admin.connect()
  await admin.query(copyDatabase(name, template))
  await admin.end()
  url.pathname = `/${name}`
  return url.href
}

/**
 * Changes one column of one row, the lowest in the table's order, past triggers and constraints.
 * In `to` and `where`: `$hash` is 32 octets, `$leaf` the leaf with its amount changed, `$redeem`
 * the kind, `$posting` the merchant's line of the first redemption.
 */
export async function tamper(
  url: string,
  table: string,
  column: string,
  to: string,
  where: string,
): Promise<void> {
  const first = `(select j.id from journal_entries j where j.kind = 'voucher.redeem'
    order by j.at limit 1)`
  const condition = where
    .replace('kind = $redeem', `id = ${first}`)
    .replace('$posting', `entry_id = ${first} and account = 'merchant_payable'`)
  if (url.startsWith('sqlite:')) await onSqlite(url.slice(7), table, column, to, condition)
  else await onPostgres(url, table, column, to, condition)
}

/**
 * Runs one statement that changes one row, past triggers and foreign keys. `$hash` as in `tamper`;
 * `$swap(column, 'this', 'that')` is the column's octets with another text in them.
 */
export async function tamperBy(url: string, statement: string): Promise<void> {
  const swap = /\$swap\((\w+), ('[^']*'), ('[^']*')\)/g
  if (url.startsWith('sqlite:')) {
    const db = openSqlite(url.slice(7))
    const text = statement
      .replaceAll('$hash', hashOnSqlite)
      .replace(swap, 'cast(replace(cast($1 as text), $2, $3) as blob)')
    expect(db.prepare(text).run().changes).toBe(1)
    db.close()
    return
  }
  const db = await openPostgres(url)
  const text = statement
    .replaceAll('$hash', hashOnPostgres)
    .replace(swap, "convert_to(replace(convert_from($1, 'UTF8'), $2, $3), 'UTF8')")
  expect((await db.query(text)).rowCount).toBe(1)
  await db.end()
}

async function onSqlite(path: string, table: string, column: string, to: string, where: string) {
  const db = openSqlite(path)
  const value = to
    .replace('$hash', hashOnSqlite)
    .replace('$leaf', `cast(replace(cast(leaf as text), '5000', '5001') as blob)`)
  const row = `(select rowid from ${table} where ${where} limit 1)`
  const key = hasRowid(db, table) ? `rowid = ${row}` : where
  const { changes } = db.prepare(`update ${table} set "${column}" = ${value} where ${key}`).run()
  expect(changes).toBe(1)
  db.close()
}

function openSqlite(path: string): Database.Database {
  const db = new Database(path)
  db.pragma('foreign_keys = OFF')
  db.pragma('ignore_check_constraints = ON')
  const triggers = db.prepare("select name from sqlite_master where type = 'trigger'").all()
  for (const { name } of triggers as { name: string }[]) db.exec(`drop trigger ${name}`)
  return db
}

function hasRowid(db: Database.Database, table: string): boolean {
  const { sql } = db.prepare('select sql from sqlite_master where name = ?').get(table) as {
    sql: string
  }
  return !/WITHOUT ROWID/i.test(sql)
}

async function onPostgres(url: string, table: string, column: string, to: string, where: string) {
  const db = await openPostgres(url)
  const value = to
    .replace('$hash', hashOnPostgres)
    .replace('$leaf', `convert_to(replace(convert_from(leaf, 'UTF8'), '5000', '5001'), 'UTF8')`)
  const { rowCount } = await db.query(`update ${table} set "${column}" = ${value}
    where ctid = (select ctid from ${table} where ${where} limit 1)`)
  expect(rowCount).toBe(1)
  await db.end()
}

async function openPostgres(url: string): Promise<pg.Client> {
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  await db.query("set session_replication_role = 'replica'")
  return db
}
