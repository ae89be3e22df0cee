import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import pino from 'pino'

import { systemClock } from '../base/clock.ts'
import { openDeployment, type Served, serve } from '../compose.ts'
import { type Config, readConfig } from '../config.ts'
import { passphraseOf } from '../keys/passphrase.ts'
import { migrateSqlite } from '../store/sqlite.ts'
import { audit, tamperedCopy } from './demo/audit.ts'
import { signIn } from './demo/desk.ts'
import { type Invited, inviteDesk } from './demo/invite.ts'
import { seedDesks, seedMembers, seedTree } from './demo/seed.ts'
import { prepareShow, type Show } from './demo/show.ts'
import { playStory, type StoryTold } from './demo/story.ts'
import { found } from './found.ts'
import type { Environment, Io } from './io.ts'
import { stopSignal } from './serve.ts'

/** What `--help` prints. */
export const usage = `usage: symbolon demo [--data DIR] [--json]
       symbolon demo --once [--json]

Founds a demonstration node with 20 000 members in DIR (data/demo) and serves it until it is
stopped; a second start goes on with it. --once plays a whole story in a folder of its own.
`

const members = 20_000
const development = { DEVELOPMENT: '1' }
const node = { code: 'nx', nameZh: '宁夏回族自治区总工会', number: 64 }

/**
 * `symbolon demo`: founds a demonstration node under `data/demo` and serves it. With --once, plays
 * the whole story over HTTP in a throw-away folder and ends by the audit: exit code 0 or 1.
 */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      once: { type: 'boolean', default: false },
      data: { type: 'string', default: 'data/demo' },
      json: { type: 'boolean', default: false },
    },
  })
  const config = readConfig({
    ...env,
    LOG_LEVEL: env.LOG_LEVEL ?? 'warn',
    DATABASE_URL: undefined,
    ...development,
  })
  return values.once ? once(io, config) : stay(io, config, values.data)
}

/** Plays the story and tells a line a step; the summary is the last line, as JSON. */
async function once(io: Io, given: Config): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'symbolon-demo-'))
  const data = join(folder, 'node')
  let step = 0
  const tell = (text: string) => io.stdout.write(`${String(++step).padStart(2)}. ${text}\n`)
  try {
    const config = { ...given, port: await freePort(), publicUrl: undefined }
    const { url, told } = await playOnce(data, config, tell)
    const good = await audit(data)
    tell(`the audit proves it: ${String(good.report.leaves)} leaves, exit code ${good.exit}`)
    await tamperedCopy(data, join(folder, 'tampered'))
    const bad = await audit(join(folder, 'tampered'))
    tell(`one digit changed in a copy of the database: the audit finds it, exit code ${bad.exit}`)
    const ok = good.exit === 0 && bad.exit === 1
    const summary = { ok, url, ...told, audit: good.exit, tampered: bad.exit }
    io.stdout.write(`${JSON.stringify({ ...summary, leaves: good.report.leaves })}\n`)
    return ok ? 0 : 1
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    io.stdout.write(`${JSON.stringify({ ok: false, error: message })}\n`)
    return 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function playOnce(
  data: string,
  config: Config,
  tell: (text: string) => void,
): Promise<{ url: string; told: StoryTold }> {
  const { served, unions, desks } = await foundDemo(data, config)
  tell(`a node is founded and served at ${served.url}`)
  try {
    const server = { url: served.url, clock: systemClock }
    const told = await playStory(server, await signIn(server, desks), unions, tell)
    return { url: served.url, told }
  } finally {
    await served.close()
  }
}

/** Serves the demonstration until it is stopped; what is in `data` from before is kept. */
async function stay(io: Io, config: Config, data: string): Promise<number> {
  const server = { url: config.publicUrl ?? `http://localhost:${config.port}`, clock: systemClock }
  const database = join(data, 'symbolon.db')
  if (existsSync(database)) {
    migrateSqlite(database)
    const served = await serve(await openDeployment({ data, config }), {
      config,
      log: quiet(config),
    })
    io.stdout.write(`The demonstration of before is served at ${served.url}\n`)
    io.stdout.write(
      `Its clients and codes are in ${data}/demo.json; delete ${data} to begin anew.\n`,
    )
    return ended(served)
  }
  io.stdout.write(`Founding the demonstration node in ${data} …\n`)
  const { served, unions, desks, deployment } = await foundDemo(data, config)
  const added = await seedMembers(deployment, systemClock, unions, members)
  io.stdout.write(`${added} synthetic members in ${unions.length} unions\n`)
  const show = await prepareShow(server, await signIn(server, desks))
  const clients = [desks.maker, ...desks.approvers].map(({ name, clientId, key }) => ({
    name,
    client_id: clientId,
    private_jwk: key.privateJwk,
  }))
  const kept = JSON.stringify({ ...show, clients }, null, 2)
  await writeFile(join(data, 'demo.json'), `${kept}\n`, { mode: 0o600 })
  const invited = await inviteDesk(deployment, { url: served.url, now: systemClock() })
  const log = deployment.logs.name.split('/').slice(1).join('/')
  io.stdout.write(welcome(served.url, { data, show, invited, log }))
  return ended(served)
}

async function foundDemo(data: string, config: Config) {
  const host = `localhost:${config.port}`
  const url = config.publicUrl ?? `http://${host}`
  const passphrase = passphraseOf(config)
  await found({ data, databaseUrl: undefined, ...node, host, url, passphrase, now: systemClock() })
  const deployment = await openDeployment({ data, config })
  const unions = await seedTree(deployment, systemClock)
  const desks = await seedDesks(deployment, systemClock)
  const served = await serve(deployment, { config, log: quiet(config) })
  return { served, unions, desks, deployment }
}

function welcome(
  url: string,
  given: {
    readonly data: string
    readonly show: Show
    readonly invited: readonly Invited[]
    /** Path of the log. */
    readonly log: string
  },
): string {
  const { data, show, invited, log } = given
  const { member, join_url: joinUrl, batches, provisioning } = show
  return [
    '',
    `Symbolon is served at ${url}`,
    '',
    'Open, each in a window of its own (one tap sets it up):',
    `  a member's phone  ${url}/#/join?no=${member.member_no}&code=${member.activation_code}`,
    `  join the union    ${joinUrl}`,
    `  a shop's counter  ${url}/merchant/#token=${provisioning.token}`,
    `                    cashier ${provisioning.cashier}, PIN ${provisioning.pin}`,
    `  anybody's check   ${url}/verify/`,
    "  the union's desk  (each makes a passkey of their own)",
    ...invited.map(({ role, address }) => `    ${role.padEnd(16)}${address}`),
    '',
    `  API, readable     ${url}/docs`,
    `  API, for programs ${url}/openapi.json`,
    `  refusals          ${url}/docs/problems`,
    `  the log           ${url}/${log}/checkpoint`,
    `  metrics           ${url}/metrics`,
    '',
    ...batches.map(
      ({ name, issued }) => `  ${String(issued).padStart(6)} vouchers issued: ${name}`,
    ),
    '',
    `  clients, keys and codes for your own programs: ${data}/demo.json`,
    '  how to redeem a voucher with curl: docs/api.md',
    `  audit: npm run -s symbolon -- ledger policy --data ${data} > policy.txt`,
    `         npm run -s symbolon -- ledger verify --data ${data} --policy policy.txt`,
    '',
    'Ctrl-C ends it; the next start goes on where it was.',
    '',
  ].join('\n')
}

async function ended(served: Served): Promise<number> {
  await stopSignal()
  await served.close()
  return 0
}

/** The demonstration speaks to people: its log is silent but for trouble. */
function quiet(config: Config) {
  return pino({ level: config.logLevel === 'warn' ? 'error' : config.logLevel, base: null })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
