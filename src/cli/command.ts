import { Refusal } from '../base/refusal.ts'
import { withoutValues } from '../store/errors.ts'
import type { Environment, Io } from './io.ts'

type Command = (argv: readonly string[], io: Io, env?: Environment) => Promise<number>

/** Loaded when it is asked for: an import has no use for a server, nor memory for one. */
const commands: Record<string, readonly [load: () => Promise<Command>, summary: string]> = {
  found: [async () => (await import('./found.ts')).runFound, 'make a new deployment'],
  serve: [async () => (await import('./serve.ts')).runServe, 'serve the API'],
  demo: [
    async () => (await import('./demo.ts')).runDemo,
    'found a demonstration node and serve it, or play its story once',
  ],
  migrate: [
    async () => (await import('./migrate.ts')).runMigrate,
    'bring the database schema up to date',
  ],
  organisations: [
    async () => (await import('./organisations.ts')).runOrganisations,
    'import the tree of unions',
  ],
  member: [async () => (await import('./member.ts')).runMember, 'erase a member for ever'],
  members: [async () => (await import('./members.ts')).runMembers, 'import a roster'],
  lists: [async () => (await import('./lists.ts')).runLists, 'put the people of a file on a list'],
  client: [async () => (await import('./client.ts')).runClient, 'register staff and programs'],
  staff: [async () => (await import('./staff.ts')).runStaff, 'invite staff to make a passkey'],
  batch: [
    async () => (await import('./batch.ts')).runBatch,
    'draft, dry-run, submit, start, recall batches',
  ],
  root: [
    async () => (await import('./root.ts')).runRoot,
    'make an offline root, certify nodes by it',
  ],
  certificate: [
    async () => (await import('./certificate.ts')).runCertificate,
    'ask for certificates and install them',
  ],
  keys: [async () => (await import('./keys.ts')).runKeys, 'show, rotate and seal the keys'],
  offer: [
    async () => (await import('./offer.ts')).runOffer,
    'offer a member the membership credential',
  ],
  credential: [
    async () => (await import('./credential.ts')).runCredential,
    'list, revoke, suspend, resume credentials',
  ],
  verify: [
    async () => (await import('./verify.ts')).runVerify,
    'ask a wallet for credentials and print what it shows',
  ],
  trust: [
    async () => (await import('./trust.ts')).runTrust,
    'publish, take in and show the list of trusted nodes',
  ],
  witness: [
    async () => (await import('./witness.ts')).runWitness,
    'cosign the logs of others: trust-log, show, serve',
  ],
  receipt: [
    async () => (await import('./receipt.ts')).runReceipt,
    'verify receipts and promises offline',
  ],
  draw: [async () => (await import('./draw.ts')).runDraw, 'verify a draw from its published files'],
  ledger: [
    async () => (await import('./ledger.ts')).runLedger,
    'verify the log, export it, print its policy',
  ],
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
export async function runCommand(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const [name = '', ...rest] = argv
  if (name === '--help' || name === 'help') {
    io.stdout.write(usage)
    return 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    io.stderr.write(usage)
    return 2
  }
  try {
    const run = await command[0]()
    return await run(rest, io, env)
  } catch (error) {
    if (error instanceof Refusal) {
      io.stderr.write(`refused: ${error.code} ${JSON.stringify(error.detail)}\n`)
      return 1
    }
    if (isUsage(error)) {
      io.stderr.write(`${(error as Error).message}\n`)
      return 2
    }
    const told = withoutValues(error)
    io.stderr.write(`${told instanceof Error ? told.message : String(told)}\n`)
    return 1
  }
}

/** What `parseArgs` throws for an option it does not know. */
function isUsage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE')
}
