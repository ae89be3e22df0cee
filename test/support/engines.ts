import { copyFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import { inject } from 'vitest'

import { type Location, openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'

export type Engine = Store['engine']
export const engines: readonly Engine[] = ['sqlite', 'postgres']

/** A migrated, empty database of its own, to be opened as often as a test likes. */
export async function freshDatabase(engine: Engine): Promise<Location> {
  if (engine === 'sqlite') {
    const path = join(mkdtempSync(join(tmpdir(), 'one-')), 'symbolon.db')
    copyFileSync(join(inject('folder'), 'template.db'), path)
    return { engine, path }
  }
  const server = inject('postgresServer')
  const name = `t_${process.pid}_${Math.random().toString(36).slice(2)}`
  const admin = new pg.Client({ connectionString: `${server}/postgres` })
  await admin.connect()
  await admin.query(copyDatabase(name, 'symbolon_template'))
  await admin.end()
  return { engine, url: `${server}/${name}` }
}

/** What copies a PostgreSQL database: by its files, which takes half the work of doing it by WAL. */
export function copyDatabase(name: string, template: string): string {
  return `create database ${name} template ${template} strategy file_copy`
}

/** The same, opened. */
export async function freshStore(engine: Engine): Promise<Store> {
  return openStore(await freshDatabase(engine))
}
