import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import type { TrustList } from '../formats/trust-list.ts'
import { ownEntry } from '../jobs/own-list.ts'
import { takeTrustList } from '../jobs/trust-refresh.ts'
import { fromPem } from '../keys/role-keys.ts'
import { openRoot } from '../keys/root.ts'
import { fetchTrustList } from '../trust/fetch-list.ts'
import { nextTrustList, signTrustList, trustEntry } from '../trust/publish-list.ts'
import { keptTrustLists, readSignedList } from '../trust/trust-lists.ts'
import { type Environment, type Io, UsageError } from './io.ts'
import { publishOwn } from './trust-own.ts'

/** What `--help` prints. */
export const usage = `usage:
  symbolon trust entry --data DIR --out FILE
  symbolon trust publish --root DIR --operator NAME [--previous FILE] [--node FILE]...
                         [--withdraw URL]... [--days N] --out FILE [--json]
  symbolon trust publish --data DIR [--node FILE]... [--withdraw URL]... [--days N] [--json]
  symbolon trust accept --data DIR (--file FILE | --url URL) [--json]
  symbolon trust show (--data DIR | --file FILE --root FILE) [--json]

publish --root signs offline with ROOT_PASSPHRASE; publish --data is for a node that is its own
root. TRUST_LIST_URL lets a server fetch its list by itself.
`

const options = {
  data: { type: 'string' },
  root: { type: 'string' },
  operator: { type: 'string' },
  previous: { type: 'string' },
  node: { type: 'string', multiple: true, default: [] as string[] },
  withdraw: { type: 'string', multiple: true, default: [] as string[] },
  days: { type: 'string', default: '30' },
  out: { type: 'string' },
  file: { type: 'string' },
  url: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof read>

/** `symbolon trust …`: the list of nodes that a root recognises. */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const [command, ...rest] = argv
  const values = read(rest)
  try {
    if (command === 'entry') return await entry(values, io, env)
    if (command === 'publish') return await publish(values, io, env)
    if (command === 'accept') return await accept(values, io, env)
    if (command === 'show') return await show(values, io, env)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
  }
  io.stderr.write(usage)
  return 2
}

function read(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options }).values
}

async function entry({ data, out }: Values, io: Io, env: Environment): Promise<number> {
  if (!data || !out) throw new UsageError('entry needs --data and --out')
  const deployment = await openDeployment({ data, config: readConfig(env) })
  try {
    const text = JSON.stringify(ownEntry(deployment), null, 2)
    writeFileSync(out, `${text}\n`, { flag: 'wx' })
  } finally {
    await deployment.close()
  }
  io.stdout.write(`the entry is in ${out}: give it to the keeper of the root\n`)
  return 0
}

async function publish(values: Values, io: Io, env: Environment): Promise<number> {
  const { data, root, operator, previous, out } = values
  const change = changeOf(values)
  if (data) {
    tell(values, io, await publishOwn(data, readConfig(env), change))
    return 0
  }
  if (!root || !operator || !out) throw new UsageError('publish needs --root, --operator, --out')
  const authority = openRoot(root, env.ROOT_PASSPHRASE)
  const before = previous
    ? await readSignedList(readFileSync(previous, 'utf8').trim(), authority.certificate)
    : undefined
  const list = nextTrustList(authority, { ...change, operator, previous: before })
  writeFileSync(out, `${await signTrustList(authority, list)}\n`, { flag: 'wx' })
  tell(values, io, list)
  return 0
}

async function accept(values: Values, io: Io, env: Environment): Promise<number> {
  const { data, file, url, json } = values
  if (!data || (!file && !url)) throw new UsageError('accept needs --data and --file or --url')
  const token = file ? readFileSync(file, 'utf8').trim() : await fetchTrustList(url ?? '')
  const deployment = await openDeployment({ data, config: readConfig(env) })
  try {
    const { store, trustRoots: roots } = deployment
    const fresh = await takeTrustList(store, { token, roots }, systemClock())
    const words = fresh ? 'the list is in force' : 'the list was in force already'
    io.stdout.write(`${json ? JSON.stringify({ new: fresh }) : words}\n`)
  } finally {
    await deployment.close()
  }
  return 0
}

async function show(values: Values, io: Io, env: Environment): Promise<number> {
  const { data, file, root } = values
  if (file && root) {
    const [certificate] = fromPem(readFileSync(root, 'utf8'))
    const token = readFileSync(file, 'utf8').trim()
    tell(values, io, await readSignedList(token, certificate ?? new Uint8Array(0)))
    return 0
  }
  if (!data) throw new UsageError('show needs --data, or --file and --root')
  const deployment = await openDeployment({ data, config: readConfig(env) })
  try {
    const kept = await keptTrustLists(deployment.store.read, deployment.trustRoots)
    if (kept.length === 0) throw new Error('there is no trust list: symbolon trust accept')
    for (const { list } of kept) tell(values, io, list)
  } finally {
    await deployment.close()
  }
  return 0
}

function changeOf({ node, withdraw, days }: Values) {
  const number = Number(days)
  if (!Number.isInteger(number) || number < 1 || number > 366) throw new UsageError('--days')
  const entries = node.map((file) => trustEntry.parse(JSON.parse(readFileSync(file, 'utf8'))))
  return { entries, withdrawn: withdraw, days: number, now: systemClock() }
}

/** What a list says, without the certificates. */
function tell({ json }: Values, io: Io, list: TrustList): void {
  const { sequence, issued, nextUpdate } = list
  const nodes = list.nodes.map(({ url, number, services }) => ({
    url,
    number,
    services: services.map(({ role, status, since, types, keys }) => {
      return { role, status, since, types, keys: keys.length }
    }),
  }))
  if (json) {
    io.stdout.write(`${JSON.stringify({ sequence, issued, next_update: nextUpdate, nodes })}\n`)
    return
  }
  const until = new Date(nextUpdate).toISOString()
  io.stdout.write(`list ${sequence}, until ${until}, ${nodes.length} nodes\n`)
  for (const { url, number, services } of nodes) {
    const said = services.map(({ role, status }) => (status === 'granted' ? role : `-${role}`))
    io.stdout.write(`  ${String(number).padStart(5)} ${url}: ${said.join(' ')}\n`)
  }
}
