import { parseArgs } from 'node:util'

import { Weather } from '../base/refusal.ts'
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
import { runReconcile } from './ledger-reconcile.ts'
import { runRoll } from './ledger-roll.ts'
import { runVerify } from './ledger-verify.ts'
import { runLogKeys } from './log-keys.ts'

const usage = `usage:
  symbolon ledger verify --policy FILE (--dir DIR... | --url URL... | --db URL | --data DIR)
                         [--since FILE] [--receipt FILE]... [--tree-only] [--json]
                         (logs of several years: --dir or --url once for each, the oldest first)
  symbolon ledger export (--data DIR | --db URL) --to DIR [--year YYYY] [--json]
  symbolon ledger policy --data DIR [--json]
  symbolon ledger rotate-key --data DIR [--json]
  symbolon ledger drop-key --data DIR [--json]
  symbolon ledger next-key --data DIR [--year YYYY] [--json]
  symbolon ledger roll --data DIR [--year YYYY] [--json]
  symbolon ledger reconcile (--data DIR | --db URL) [--json]
`

/**
 * Runs `symbolon ledger …`; `argv` begins behind `ledger`. Answers the exit code: 0 good, 1 the log
 * presents something wrongly, 2 it could not be looked at (network, files, a malformed policy, a
 * mistake in the command). Never throws, because an uncaught error would exit with 1.
 */
export async function runLedger(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const [command, ...rest] = argv
  try {
    if (command === 'verify') return await runVerify(rest, io, env)
    if (command === 'export') return await runExport(rest, io, env)
    if (command === 'policy') return runPolicy(rest, io, env)
    if (command === 'rotate-key' || command === 'drop-key') {
      return await runLogKeys(command, rest, io, env)
    }
    if (command === 'roll' || command === 'next-key') {
      return await runRoll(command, rest, io, env)
    }
    if (command === 'reconcile') return await runReconcile(rest, io, env)
    io.stderr.write(usage)
    return 2
  } catch (error) {
    io.stderr.write(`cannot ${command}: ${words(error)}\n`)
    if (isUsage(error)) io.stderr.write(usage)
    return 2
  }
}

async function runExport(argv: readonly string[], io: Io, env: Environment): Promise<number> {
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

/** The policy of an auditor who trusts the keys of all years' logs and asks for no witness. */
function runPolicy(argv: readonly string[], io: Io, env: Environment): number {
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

function isUsage(error: unknown): boolean {
  if (error instanceof UsageError) return true
  return error instanceof Error && 'code' in error && /^ERR_PARSE_ARGS/.test(String(error.code))
}

function words(error: unknown): string {
  if (!(error instanceof Error)) return 'for an unknown reason'
  const cause = error instanceof Weather && error.cause instanceof Error ? error.cause : undefined
  return cause ? `${error.message}: ${cause.message}` : error.message
}
