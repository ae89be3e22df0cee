import { parseArgs } from 'node:util'

import { readConfig } from '../config.ts'
import { openKeyring } from '../keys/keyring.ts'
import { passphraseOf } from '../keys/passphrase.ts'
import { exportLog } from '../ledger/export-log.ts'
import { currentLog } from '../ledger/log-state.ts'
import { originOfYear } from '../ledger/roll.ts'
import { locate } from '../store/open.ts'
import { readSnapshot } from '../store/snapshot.ts'
import type { Reader } from '../store/store.ts'
import { type Environment, type Io, UsageError } from './io.ts'

/** `symbolon ledger export`: writes a log as static files. */
export async function runExport(
  argv: readonly string[],
  io: Io,
  env: Environment,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      db: { type: 'string' },
      to: { type: 'string' },
      year: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const { data, db, to, year } = values
  if (!to || (!data && !db)) throw new UsageError('export needs --data and --to')
  const done = await readSnapshot(locate(db ?? env.DATABASE_URL, data ?? ''), async (reader) =>
    exportLog(reader, await logOfYear(reader, year), to),
  )
  const told = values.json
    ? JSON.stringify({ files: done.files, leaves: done.size })
    : `${done.files} files written, ${done.size} leaves`
  io.stdout.write(`${told}\n`)
  return 0
}

/** The log of a year, or the one that is being written. */
async function logOfYear(reader: Reader, year: string | undefined): Promise<string> {
  const open = await currentLog(reader)
  return year === undefined ? open : originOfYear(open, Number(year))
}

/** `symbolon ledger policy`: that of an auditor who trusts all years' keys and asks no witness. */
export function runPolicy(argv: readonly string[], io: Io, env: Environment): number {
  const { values } = parseArgs({
    args: [...argv],
    options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  if (!values.data) throw new UsageError('policy needs --data')
  const { logs } = openKeyring(values.data, passphraseOf(readConfig(env)))
  const keys = logs.flatMap((log) => [log, ...(log.also ?? [])])
  const policy = [...keys.map(({ vkey }) => `log ${vkey}\n`), 'quorum none\n'].join('')
  io.stdout.write(values.json ? `${JSON.stringify({ policy })}\n` : policy)
  return 0
}
