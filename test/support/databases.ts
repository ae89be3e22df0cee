import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import type { TestProject } from 'vitest/node'

import { migratePostgres } from '../../src/store/postgres.ts'
import { createSqlite } from '../../src/store/sqlite.ts'
import { startPg } from './postgres-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Server and credentials, no database: `postgres://user@host:port`. */
    postgresServer: string
    /** Where the files of this run lie, `template.db` among them; removed after it. */
    folder: string
  }
}

/**
 * What every test copies its database from: a migrated SQLite file in a folder of this run's own,
 * and a migrated template on one throw-away PostgreSQL server; `DATABASE_URL` names another.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(roomInMemory() ?? tmpdir(), 'symbolon-test-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove) // of a run that was broken off, too: it may lie in memory
  createSqlite(join(folder, 'template.db'))
  project.provide('folder', folder)
  const given = process.env.DATABASE_URL
  const server = given ? undefined : await startPg()
  const url = new URL(given ?? server?.url ?? '')
  url.pathname = ''
  const base = url.href.replace(/\/$/, '')
  const admin = new pg.Client({ connectionString: `${base}/postgres` })
  await admin.connect()
  await admin.query('drop database if exists symbolon_template')
  await admin.query('create database symbolon_template')
  await admin.end()
  await migratePostgres(`${base}/symbolon_template`)
  project.provide('postgresServer', base)
  return async () => {
    await server?.stop()
    remove()
  }
}

/**
 * A folder that no disk stands behind, where there is one with two gigabytes free: every commit of
 * SQLite and every key that is written waits for the disk, milliseconds each.
 */
function roomInMemory(): string | undefined {
  const folder = '/dev/shm'
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize > 2 * 2 ** 30 ? folder : undefined
  } catch {
    return undefined
  }
}
