import { parseArgs } from 'node:util'

import { locate } from '../store/open.ts'
import { migratePostgres } from '../store/postgres.ts'
import { migrateSqlite } from '../store/sqlite.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = 'usage: symbolon migrate --data DIR [--json]\n'

/** `symbolon migrate`: brings the schema of a database that exists up to date. */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  if (!values.data) {
    io.stderr.write(usage)
    return 2
  }
  const location = locate(env.DATABASE_URL, values.data)
  if (location.engine === 'sqlite') migrateSqlite(location.path)
  else await migratePostgres(location.url)
  const told = values.json
    ? JSON.stringify({ migrated: location.engine })
    : 'the schema is up to date'
  io.stdout.write(`${told}\n`)
  return 0
}
