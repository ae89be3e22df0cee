import { Refusal } from '../base/refusal.ts'
import { withoutValues } from '../store/errors.ts'
import type { Environment, Io } from './io.ts'

type Command = (argv: readonly string[], io: Io, env?: Environment) => Promise<number>

/** A module of a command: what runs it, and what `--help` prints. */
interface Loaded {
  readonly run: Command
  readonly usage: string
}

/** Loaded when it is asked for: an import has no use for a server, nor memory for one. */
const commands: Record<string, readonly [load: () => Promise<Loaded>, summary: string]> = {
  found: [() => import('./found.ts'), 'make a new deployment'],
  serve: [() => import('./serve.ts'), 'serve the API'],
  demo: [
    () => import('./demo.ts'),
    'found a demonstration node and serve it, or play its story once',
  ],
  backup: [() => import('./backup.ts'), 'copy the database while the server runs'],
  migrate: [() => import('./migrate.ts'), 'bring the database schema up to date'],
  organisations: [() => import('./organisations.ts'), 'import the tree of unions'],
  member: [() => import('./member.ts'), 'erase a member for ever'],
  members: [() => import('./members.ts'), 'import a roster'],
  lists: [() => import('./lists.ts'), 'put the people of a file on a list'],
  client: [() => import('./client.ts'), 'register staff and programs'],
  staff: [() => import('./staff.ts'), 'invite staff to make a passkey'],
  batch: [() => import('./batch.ts'), 'draft, dry-run, submit, start, recall batches'],
  root: [() => import('./root.ts'), 'make an offline root, certify nodes by it'],
  certificate: [() => import('./certificate.ts'), 'ask for certificates and install them'],
  keys: [() => import('./keys.ts'), 'show, rotate and seal the keys'],
  offer: [() => import('./offer.ts'), 'offer a member the membership credential'],
  credential: [() => import('./credential.ts'), 'list, revoke, suspend, resume credentials'],
  verify: [() => import('./verify.ts'), 'ask a wallet for credentials and print what it shows'],
  trust: [() => import('./trust.ts'), 'publish, take in and show the list of trusted nodes'],
  witness: [() => import('./witness.ts'), 'cosign the logs of others: trust-log, show, serve'],
  receipt: [() => import('./receipt.ts'), 'verify receipts and promises offline'],
  draw: [() => import('./draw.ts'), 'verify a draw from its published files'],
  ledger: [() => import('./ledger.ts'), 'verify the log, export it, print its policy'],
}

const usage = [
  'usage: symbolon COMMAND [OPTIONS]',
  '',
  ...Object.entries(commands).map(([name, [, summary]]) => `  ${name.padEnd(15)}${summary}`),
  '',
  'Every command takes --data DIR and --json. DATABASE_URL names a PostgreSQL server instead of',
  'the SQLite file in DIR; ANCHOR_FILE, outside of DIR, guards against restored old backups.',
  'symbolon COMMAND --help tells the rest.',
  '',
].join('\n')

/** Runs a command line and answers the exit code: 2 for what nobody understands. */
export async function runCommand(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const { name, rest, help } = read(argv)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    const asked = help && name === ''
    const out = asked ? io.stdout : io.stderr
    out.write(usage)
    return asked ? 0 : 2
  }
  const { run, usage: own } = await command[0]()
  if (help) {
    io.stdout.write(own)
    return 0
  }
  try {
    return await run(rest, io, env)
  } catch (error) {
    if (error instanceof Refusal) {
      io.stderr.write(`refused: ${error.code} ${JSON.stringify(error.detail)}\n`)
      return 1
    }
    if (isUsage(error)) {
      io.stderr.write(`${(error as Error).message}\n${own}`)
      return 2
    }
    const told = withoutValues(error)
    io.stderr.write(`${told instanceof Error ? told.message : String(told)}\n`)
    return 1
  }
}

/** `help COMMAND` and `COMMAND … --help` are one; behind `--` a word is a word. */
function read(argv: readonly string[]) {
  const [first, ...others] = argv
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  const asked = argv.slice(0, end).some((word) => word === '--help' || word === '-h')
  const words = first === 'help' || first === '--help' || first === '-h' ? others : argv
  const [name = '', ...rest] = words
  return { name, rest, help: asked || first === 'help' }
}

/** What `parseArgs` throws for an option it does not know. */
function isUsage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE')
}
