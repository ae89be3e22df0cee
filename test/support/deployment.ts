import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Authority, makeRoleKeys, makeRoot, pkcs8Of } from '../../src/keys/certificates.ts'
import { createKeyring, type Keyring, type LogKey } from '../../src/keys/keyring.ts'
import { foundNode, readNode, type ThisNode } from '../../src/keys/this-node.ts'
import { openLog } from '../../src/ledger/log-state.ts'
import { Logs } from '../../src/ledger/logs.ts'
import { type Location, openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { type Engine, freshDatabase } from './engines.ts'

/** The instant at which every test's deployment was founded: 2026-06-01T00:00:00+08:00. */
export const foundedAt = Date.UTC(2026, 4, 31, 16)

export interface Deployment {
  readonly store: Store
  readonly node: ThisNode
  readonly keyring: Keyring
  /** Of the log that it was founded with. */
  readonly logKey: LogKey
  readonly logs: Logs
  /** The data folder, with its keys. The database is where `location` and `env` say. */
  readonly data: string
  readonly location: Location
  /** What the command line must find in its environment to open the same database. */
  readonly env: Readonly<Record<string, string>>
  /** Closes the store and removes the data folder. */
  close(): Promise<void>
}

/** Who a deployment is, and another's root where it has none. */
export interface Founded {
  readonly number?: number
  readonly code?: string
  readonly nameZh?: string
  readonly root?: Authority
}

/**
 * A founded deployment of its own: node 64 ('nx'), an empty log, no organisations.
 * `location` is another database to found it in, empty and migrated; `publicUrl` is the address that
 * its certificates name. It is its own root, unless `as` says whose it is, and who it is.
 */
export async function freshDeployment(
  engine: Engine,
  location?: Location,
  publicUrl = usualUrl,
  as: Founded = {},
): Promise<Deployment> {
  const { number = 64, code = 'nx', nameZh = '宁夏回族自治区总工会', root } = as
  const data = mkdtempSync(join(tmpdir(), 'symbolon-data-'))
  const where = location ?? (await freshDatabase(engine))
  const keyring = createKeyring(data, `log.${code}.test/2026`, await certified(publicUrl, root))
  const logKey = keyring.logs[0]
  if (!logKey) throw new TypeError('a new keyring has no log key')
  const store = await openStore(where)
  await store.transaction(async (tx) => {
    await foundNode(tx, { number, code, nameZh }, keyring.master, foundedAt)
    await openLog(tx, logKey, foundedAt)
  })
  const node = await readNode(store, keyring.master)
  const logs = await Logs.read(keyring, store.read)
  const url = where.engine === 'sqlite' ? `sqlite:${where.path}` : where.url
  return {
    store,
    node,
    keyring,
    logKey,
    logs,
    data,
    location: where,
    env: { DATABASE_URL: url },
    async close() {
      await store.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

const usualUrl = 'https://nx.test'

/** The root of every deployment that is given none, and the keys of those at the usual address. */
const usualRoot = makeRoot('test root', foundedAt)
const usualKeys = usualRoot.then((root) => roleKeysAt(usualUrl, root))

/** Certified keys for every role, and the root that certified them. */
async function certified(url: string, given: Authority | undefined) {
  const root = given ?? (await usualRoot)
  const usual = !given && url === usualUrl
  const roleKeys = await (usual ? usualKeys : roleKeysAt(url, root))
  return { roleKeys, root: root.certificate, ...(!given && { rootKey: pkcs8Of(root.key) }) }
}

function roleKeysAt(url: string, root: Authority) {
  return makeRoleKeys(root, { name: 'nx', url, now: foundedAt })
}
