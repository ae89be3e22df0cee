import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { backUpSqlite } from '../store/backup.ts'
import { locate } from '../store/open.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = `usage: symbolon backup --data DIR --to FILE [--json]

Copies the SQLite database of DIR as it is at this moment into a new FILE, also while the server
runs. The keys are not in it: keep DIR/keys elsewhere. PostgreSQL has its own tools (pg_basebackup,
pg_dump). docs/running.md says what a backup is good for, and what only a replica is.
`

/** `symbolon backup`: answers the exit code. */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      to: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const { data, to, json } = values
  if (!data || !to) {
    io.stderr.write(usage)
    return 2
  }
  const location = locate(env.DATABASE_URL, data)
  if (location.engine === 'postgres') {
    io.stderr.write('the database is PostgreSQL: use pg_basebackup or pg_dump\n')
    return 1
  }
  backUpSqlite(location.path, to)
  const { size } = statSync(to)
  io.stdout.write(json ? `${JSON.stringify({ to, octets: size })}\n` : `${to}, ${size} octets\n`)
  return 0
}
