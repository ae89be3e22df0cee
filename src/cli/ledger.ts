import { parseArgs } from 'node:util'

import { Weather } from '../base/refusal.ts'
import { openKeyring } from '../keys/keyring.ts'
import { exportLog } from '../ledger/export-log.ts'
import { currentLog } from '../ledger/log-state.ts'
import { locate } from '../store/open.ts'
import { readSnapshot } from '../store/snapshot.ts'
import { type Io, UsageError } from './io.ts'
import { runVerify } from './ledger-verify.ts'

const usage = `usage:
  symbolon ledger verify --policy FILE (--dir DIR | --url URL | --db URL | --data DIR)
                         [--since FILE] [--receipt FILE]... [--tree-only] [--json]
  symbolon ledger export --data DIR [--db URL] --to DIR
  symbolon ledger policy --data DIR
`

/**
 * Runs `symbolon ledger …`; `argv` begins behind `ledger`. Answers the exit code: 0 good, 1 the log
 * presents something wrongly, 2 it could not be looked at (network, files, a malformed policy, a
 * mistake in the command). Never throws, because an uncaught error would exit with 1.
 */
export async function runLedger(argv: readonly string[], io: Io): Promise<number> {
  const [command, ...rest] = argv
  try {
    if (command === 'verify') return await runVerify(rest, io)
    if (command === 'export') return await runExport(rest, io)
    if (command === 'policy') return runPolicy(rest, io)
    io.stderr.write(usage)
    return 2
  } catch (error) {
    io.stderr.write(`cannot ${command}: ${words(error)}\n`)
    if (isUsage(error)) io.stderr.write(usage)
    return 2
  }
}

async function runExport(argv: readonly string[], io: Io): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { data: { type: 'string' }, db: { type: 'string' }, to: { type: 'string' } },
  })
  const { data, db, to } = values
  if (!to || (!data && !db)) throw new UsageError('export needs --data and --to')
  const done = await readSnapshot(locate(db, data ?? ''), async (reader) =>
    exportLog(reader, await currentLog(reader), to),
  )
  io.stdout.write(`${done.files} files written, ${done.size} leaves\n`)
  return 0
}

/** The policy of an auditor who trusts the log's key and asks for no witness. */
function runPolicy(argv: readonly string[], io: Io): number {
  const { values } = parseArgs({ args: [...argv], options: { data: { type: 'string' } } })
  if (!values.data) throw new UsageError('policy needs --data')
  const { logs } = openKeyring(values.data)
  for (const { vkey } of logs) io.stdout.write(`log ${vkey}\n`)
  io.stdout.write('quorum none\n')
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
