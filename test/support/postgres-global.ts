import pg from 'pg'
import type { TestProject } from 'vitest/node'

import { migratePostgres } from '../../src/store/postgres.ts'
import { startPg } from './postgres-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Server and credentials, no database: `postgres://user@host:port`. */
    postgresServer: string
  }
}

/**
 * One throw-away server for all tests, with one migrated template; `DATABASE_URL` names another.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
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
  return async () => server?.stop()
}
