import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { loggerOf } from '../compose.ts'
import { readConfig } from '../config.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { createKeyFolder } from '../keys/key-folder.ts'
import { keyFolderOf } from '../keys/keyring.ts'
import { passphraseOf } from '../keys/passphrase.ts'
import { readWitnessKey, type WitnessKey, writeWitnessKey } from '../keys/witness-key.ts'
import { trustLog, witnessedLogs } from '../ledger/witness.ts'
import { locate, openStore } from '../store/open.ts'
import { createSqlite } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import type { Environment, Io } from './io.ts'
import { stopSignal } from './serve.ts'

/** What `--help` prints. */
export const usage = `usage:
  symbolon witness init --data DIR --name NAME [--json]
  symbolon witness trust-log --data DIR --vkey VKEY [--json]
  symbolon witness show --data DIR [--json]
  symbolon witness serve --data DIR [--port N] [--json]

A witness cosigns the checkpoints of the logs it believes, and never two that contradict each other.
init makes a stand-alone one in DIR, or gives a node without a witness key its own. A node serves
its witness itself, below /witness; serve is for a stand-alone one. NAME is a schema-less URL of
yours, such as audit.example.org/witness. HOST and KEYS_PASSPHRASE are read as for a node.
`

/** The SQLite file of a witness that is nothing else. */
const ownFile = 'witness.db'

/** `symbolon witness …`: being a witness of others' logs. */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const [command, ...rest] = argv
  const { values } = parseArgs({
    args: rest,
    options: {
      data: { type: 'string' },
      name: { type: 'string' },
      vkey: { type: 'string' },
      port: { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
    },
  })
  const { data, name, vkey, json } = values
  const tell = (told: object, words: string) =>
    io.stdout.write(`${json ? JSON.stringify(told) : words}\n`)
  if (data && command === 'init' && name) {
    const key = init(data, name, passphraseOf(readConfig(env)))
    tell({ vkey: key.vkey }, key.vkey)
  } else if (data && command === 'trust-log' && vkey) {
    const origin = await working(data, env, (store) => believe(store, vkey))
    tell({ origin }, `believes ${origin}`)
  } else if (data && command === 'show') {
    await working(data, env, (store) => show(store, keyOf(data, env), tell))
  } else if (data && command === 'serve' && /^\d{1,5}$/.test(values.port)) {
    await serve(data, Number(values.port), { env, tell })
  } else {
    io.stderr.write(usage)
    return 2
  }
  return 0
}

/** A new folder gets a seal, a key and a database; a node's gets the key alone. */
function init(data: string, name: string, passphrase: string | undefined): WitnessKey {
  if (existsSync(join(data, 'keys', 'master.key'))) {
    return writeWitnessKey(keyFolderOf(data, passphrase), name)
  }
  const folder = createKeyFolder(join(data, 'keys'), passphrase)
  try {
    const key = writeWitnessKey(folder, name)
    createSqlite(join(data, ownFile))
    return key
  } catch (error) {
    folder.discard()
    throw error
  }
}

async function believe(store: Store, vkey: string): Promise<string> {
  try {
    return await store.transaction((tx) => trustLog(tx, vkey, systemClock()))
  } catch (error) {
    const wrong = error instanceof TlogError || error instanceof TypeError
    throw wrong ? new Error(`not the verifier key of a log: ${error.message}`) : error
  }
}

async function show(
  store: Store,
  key: WitnessKey,
  tell: (told: object, words: string) => unknown,
): Promise<void> {
  const logs = (await witnessedLogs(store.read)).map(({ origin, size }) => ({ origin, size }))
  const words = logs.map(({ origin, size }) => `${origin} at ${size}`)
  tell({ vkey: key.vkey, logs }, [key.vkey, ...words].join('\n'))
}

async function serve(
  data: string,
  port: number,
  { env, tell }: { env: Environment; tell: (told: object, words: string) => unknown },
): Promise<void> {
  if (!existsSync(join(data, ownFile)))
    throw new Error('no stand-alone witness: a node has its own')
  const { buildWitnessServer } = await import('../http/witness-server.ts')
  const config = readConfig(env)
  await working(data, env, async (store) => {
    const context = { store, clock: systemClock, witness: keyOf(data, env) }
    const app = await buildWitnessServer(context, { logger: loggerOf(config) })
    const url = await app.listen({ port, host: config.host })
    tell({ url: `${url}/witness` }, `witnessing at ${url}/witness`)
    await stopSignal()
    await app.close()
  })
}

function keyOf(data: string, env: Environment): WitnessKey {
  const key = readWitnessKey(keyFolderOf(data, passphraseOf(readConfig(env))))
  if (!key) throw new Error('there is no witness key: symbolon witness init makes one')
  return key
}

/** Opens the database: its own of a stand-alone witness, else the node's. */
async function working<T>(
  data: string,
  env: Environment,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const own = join(data, ownFile)
  const location = existsSync(own)
    ? { engine: 'sqlite' as const, path: own }
    : locate(readConfig(env).databaseUrl, data)
  const store = await openStore(location)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
