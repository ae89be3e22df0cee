import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { Weather } from '../base/refusal.ts'
import { readConfig } from '../config.ts'
import { invitationPath } from '../identity/invitations.ts'
import { inviteStaff } from '../identity/staff.ts'
import type { Authority } from '../keys/certificates.ts'
import { createKeyring } from '../keys/keyring.ts'
import { passphraseOf } from '../keys/passphrase.ts'
import type { RoleKeys } from '../keys/role-keys.ts'
import { foundNode, readNode } from '../keys/this-node.ts'
import { openLog } from '../ledger/log-state.ts'
import { type Location, locate, openStore } from '../store/open.ts'
import { migratePostgres } from '../store/postgres.ts'
import { createSqlite } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = `usage: symbolon found --data DIR --node CODE --name NAME [--number N] [--host HOST]
                      [--url URL] [--root DIR] [--admin NAME] [--org CODE] [--json]

--node    the node's short name, two to eight letters and digits: nx
--name    the union's name: 宁夏回族自治区总工会
--number  the node's number, 0 to 65535, different from every other node's (1)
--host    what the log is called by (localhost)
--url     where it will be served: PUBLIC_URL when that is set, else the host
--root    a folder of symbolon root that certifies the node; without it, it is its own root
--admin   who is invited as the first administrator of --org (000000)
`

/** A new deployment, before anything is in it. */
export interface Founding {
  readonly data: string
  readonly databaseUrl: string | undefined
  /** Short name of the node: two to eight letters and digits. */
  readonly code: string
  readonly nameZh: string
  /** Two octets in every voucher code. */
  readonly number: number
  /** Host under which the log will be known for ever. */
  readonly host: string
  /** The node's public address, which its certificates name. */
  readonly url: string
  /** Seals the private keys. */
  readonly passphrase?: string | undefined
  /** The folder of the root that certifies the node, and what opens it; none: its own root. */
  readonly root?: { readonly folder: string; readonly passphrase: string | undefined } | undefined
  /** The first of the staff, an administrator of everything below an organisation. */
  readonly admin?: { readonly name: string; readonly orgCode: string } | undefined
  readonly now: number
}

/** What only the founding tells. */
export interface Founded {
  /** Of the log. */
  readonly origin: string
  readonly vkey: string
  /** Where the first administrator makes a passkey; for 72 hours. */
  readonly invitation?: string
}

/**
 * Founds a deployment: keys in the data folder, a database with its schema, the node's row, an
 * empty log of this year. The only command that makes a database; one that is there is an error.
 * What fails leaves no keys and no file behind that it has made, unless the database may have been
 * founded all the same: nobody could open that one without its keys.
 */
export async function found(given: Founding): Promise<Founded> {
  const { data, databaseUrl, code, nameZh, number, host, now } = given
  const year = new Intl.DateTimeFormat('en', { year: 'numeric', timeZone: 'Asia/Shanghai' })
  const origin = `${host}/log/${code}/${year.format(now)}`
  const location = locate(databaseUrl, data)
  const { authority, ...keys } = await nodeKeys(given)
  const { master, logs, roles, discard } = createKeyring(data, origin, keys)
  let founded: 'no' | 'perhaps' | 'yes' = 'no'
  try {
    const [log] = logs
    if (!log) throw new Error('the keyring has no log key')
    const store = await newStore(location)
    let invitation: string | undefined
    try {
      await store.transaction(async (tx) => {
        await foundNode(tx, { number, code, nameZh }, master, now)
        await openLog(tx, log, now)
      })
      founded = 'yes'
      if (!given.root) await listItself(store, { master, vkeys: [log.vkey], roles, authority, now })
      invitation = given.admin && (await inviteFirst(store, master, { ...given, ...given.admin }))
    } catch (error) {
      if (error instanceof Weather) founded = 'perhaps'
      throw error
    } finally {
      await store.close()
      if (founded === 'no') unmake(location)
    }
    return { origin, vkey: log.vkey, ...(invitation && { invitation }) }
  } catch (error) {
    if (founded === 'no') discard()
    throw error
  }
}

/** Certified keys for every role, by the root that was named or by a new one of the node's own. */
async function nodeKeys({ code, nameZh, url, now, passphrase, root }: Founding) {
  // Loaded here, because a demonstration's other commands have no use for certificates.
  const { makeRoleKeys, makeRoot, pkcs8Of } = await import('../keys/certificates.ts')
  const { openRoot } = await import('../keys/root.ts')
  const authority = root
    ? openRoot(root.folder, root.passphrase)
    : await makeRoot(`${nameZh} root`, now)
  const roleKeys = await makeRoleKeys(authority, { name: code, url, now })
  const own = root ? {} : { rootKey: pkcs8Of(authority.key) }
  return { passphrase, roleKeys, root: authority.certificate, ...own, authority }
}

/** A node that is its own root publishes the first trust list, with itself on it. */
async function listItself(
  store: Store,
  given: {
    readonly master: Uint8Array
    readonly vkeys: readonly string[]
    readonly roles: RoleKeys
    readonly authority: Authority
    readonly now: number
  },
): Promise<void> {
  const { master, vkeys, roles, authority, now } = given
  const { ownListDays, publishOwnList } = await import('../jobs/own-list.ts')
  const node = await readNode(store, master)
  const change = { entries: [], withdrawn: [], days: ownListDays, now }
  await publishOwnList({ store, node, roles, logs: { vkeys } }, authority, change)
}

/**
 * Registers the first administrator and answers the address of the invitation. The organisation may
 * come later: the role counts from then on.
 */
async function inviteFirst(
  store: Store,
  master: Uint8Array,
  { name, orgCode, url, now }: { name: string; orgCode: string; url: string; now: number },
): Promise<string> {
  const node = await readNode(store, master)
  const { token } = await store.transaction(async (tx) => {
    const made = await inviteStaff(tx, node, { name, grants: [], now })
    const { principalId } = made
    await tx.insert(tx.tables.grants).values({ principalId, role: 'admin', orgCode })
    return made
  })
  return `${url}${invitationPath(token)}`
}

async function newStore(location: Location): Promise<Store> {
  try {
    if (location.engine === 'sqlite') createSqlite(location.path)
    else await migratePostgres(location.url)
    return await openStore(location)
  } catch (error) {
    const there = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (!there) unmake(location)
    throw error
  }
}

/** Removes a file that this founding has made. What is on a server stays: a schema without rows. */
function unmake(location: Location): void {
  if (location.engine !== 'sqlite') return
  for (const end of ['', '-wal', '-shm']) rmSync(`${location.path}${end}`, { force: true })
}

/** `symbolon found`. */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      node: { type: 'string' },
      name: { type: 'string' },
      number: { type: 'string', default: '1' },
      host: { type: 'string', default: 'localhost' },
      url: { type: 'string' },
      root: { type: 'string' },
      admin: { type: 'string', default: '管理员' },
      org: { type: 'string', default: '000000' },
      json: { type: 'boolean', default: false },
    },
  })
  const { data, node, name, host } = values
  const number = Number(values.number)
  const fits = /^[a-z0-9]{2,8}$/.test(node ?? '') && /^[A-Za-z0-9.:-]+$/.test(host)
  if (
    !data ||
    !node ||
    !name ||
    !fits ||
    !Number.isInteger(number) ||
    number < 0 ||
    number > 65535
  ) {
    io.stderr.write(usage)
    return 2
  }
  const config = readConfig(env)
  const given = values.url ?? config.publicUrl ?? addressOf(host, config.port)
  const url = given.replace(/\/+$/, '')
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    io.stderr.write(usage)
    return 2
  }
  const made = await found({
    ...{ data, code: node, nameZh: name, number, host, url },
    databaseUrl: config.databaseUrl,
    passphrase: passphraseOf(config),
    root: values.root ? { folder: values.root, passphrase: env.ROOT_PASSPHRASE } : undefined,
    admin: { name: values.admin, orgCode: values.org },
    now: systemClock(),
  })
  if (values.json) io.stdout.write(`${JSON.stringify({ node, ...made })}\n`)
  else {
    io.stdout.write(`founded ${node}, log ${made.origin}\nverifier key ${made.vkey}\n`)
    io.stdout.write(`first administrator ${made.invitation}\n`)
  }
  return 0
}

/** Where a node of that host is, unless it is said: what `serve` listens on by itself. */
function addressOf(host: string, port: number): string {
  if (!/^localhost(:|$)/.test(host)) return `https://${host}`
  return host.includes(':') ? `http://${host}` : `http://${host}:${port}`
}
