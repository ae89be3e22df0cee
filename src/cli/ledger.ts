import { Weather } from '../base/refusal.ts'
import { type Environment, type Io, UsageError } from './io.ts'

type Command = (argv: readonly string[], io: Io, env: Environment) => number | Promise<number>

/** Loaded when it is asked for: who verifies files needs no database, and starts sooner. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  verify: async () => (await import('./ledger-verify.ts')).runVerify,
  export: async () => (await import('./ledger-export.ts')).runExport,
  policy: async () => (await import('./ledger-export.ts')).runPolicy,
  'rotate-key': async () => keys('rotate-key'),
  'drop-key': async () => keys('drop-key'),
  'next-key': async () => year('next-key'),
  roll: async () => year('roll'),
  reconcile: async () => (await import('./ledger-reconcile.ts')).runReconcile,
}

async function keys(command: 'rotate-key' | 'drop-key'): Promise<Command> {
  const { runLogKeys } = await import('./log-keys.ts')
  return (...given) => runLogKeys(command, ...given)
}

async function year(command: 'next-key' | 'roll'): Promise<Command> {
  const { runRoll } = await import('./ledger-roll.ts')
  return (...given) => runRoll(command, ...given)
}

/** What `--help` prints. */
export const usage = `usage:
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
                            [--peer NUMBER --policy FILE (--dir DIR | --url URL) …]
`

/**
 * Runs `symbolon ledger …`; `argv` begins behind `ledger`. Answers the exit code: 0 good, 1 the log
 * presents something wrongly, 2 it could not be looked at (network, files, a malformed policy, a
 * mistake in the command). Never throws, because an uncaught error would exit with 1.
 */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const [command = '', ...rest] = argv
  try {
    const act = Object.hasOwn(commands, command) ? await commands[command]?.() : undefined
    if (act) return await act(rest, io, env)
    io.stderr.write(usage)
    return 2
  } catch (error) {
    io.stderr.write(`cannot ${command}: ${words(error)}\n`)
    if (isUsage(error)) io.stderr.write(usage)
    return 2
  }
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
