import { Refusal } from '../base/refusal.ts'
import { runBatch } from './batch.ts'
import { runClient } from './client.ts'
import { runDemo } from './demo.ts'
import { runFound } from './found.ts'
import type { Environment, Io } from './io.ts'
import { runLedger } from './ledger.ts'
import { runMembers } from './members.ts'
import { runMigrate } from './migrate.ts'
import { runOrganisations } from './organisations.ts'
import { runServe } from './serve.ts'

type Command = (argv: readonly string[], io: Io, env?: Environment) => Promise<number>

const commands: Record<string, readonly [run: Command, summary: string]> = {
  found: [runFound, 'make a new deployment'],
  serve: [runServe, 'serve the API'],
  demo: [runDemo, 'found a demonstration node and serve it, or play its story once'],
  migrate: [runMigrate, 'bring the database schema up to date'],
  organisations: [runOrganisations, 'import the tree of unions'],
  members: [runMembers, 'import a roster'],
  client: [runClient, 'register staff and programs'],
  batch: [runBatch, 'draft, dry-run, submit, start, recall batches'],
  ledger: [runLedger, 'verify the log, export it, print its policy'],
}

const usage = [
  'usage: symbolon COMMAND [OPTIONS]',
  '',
  ...Object.entries(commands).map(([name, [, summary]]) => `  ${name.padEnd(15)}${summary}`),
  '',
  'Every command takes --data DIR and --json. DATABASE_URL names a PostgreSQL server instead of',
  'the SQLite file in DIR; ANCHOR_FILE, outside of DIR, guards against restored old backups.',
  '',
].join('\n')

/** Runs a command line and answers the exit code: 2 for what nobody understands. */
export async function runCommand(argv: readonly string[], io: Io): Promise<number> {
  const [name = '', ...rest] = argv
  if (name === '--help' || name === 'help') {
    io.stdout.write(usage)
    return 0
  }
  const command = commands[name]
  if (!command) {
    io.stderr.write(usage)
    return 2
  }
  try {
    return await command[0](rest, io)
  } catch (error) {
    if (error instanceof Refusal) {
      io.stderr.write(`refused: ${error.code} ${JSON.stringify(error.detail)}\n`)
      return 1
    }
    if (isUsage(error)) {
      io.stderr.write(`${(error as Error).message}\n`)
      return 2
    }
    io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

/** What `parseArgs` throws for an option it does not know. */
function isUsage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE')
}
