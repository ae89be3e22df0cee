import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { createKeyring } from '../keys/keyring.ts'
import { foundNode } from '../keys/this-node.ts'
import { openLog } from '../ledger/log-state.ts'
import { locate, openStore } from '../store/open.ts'
import { migratePostgres } from '../store/postgres.ts'
import { createSqlite } from '../store/sqlite.ts'
import type { Environment, Io } from './io.ts'

const usage =
  'usage: symbolon found --data DIR --node CODE --name NAME [--number N] [--host HOST] [--json]\n'

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
  readonly now: number
}

/**
 * Founds a deployment: keys in the data folder, a database with its schema, the node's row, an
 * empty log of this year. The only command that makes a database; one that is there is an error.
 */
export async function found(given: Founding): Promise<{ origin: string; vkey: string }> {
  const { data, databaseUrl, code, nameZh, number, host, now } = given
  const year = new Intl.DateTimeFormat('en', { year: 'numeric', timeZone: 'Asia/Shanghai' })
  const origin = `${host}/log/${code}/${year.format(now)}`
  const { master, logs } = createKeyring(data, origin)
  const [log] = logs
  if (!log) throw new Error('the keyring has no log key')
  const location = locate(databaseUrl, data)
  if (location.engine === 'sqlite') createSqlite(location.path)
  else await migratePostgres(location.url)
  const store = await openStore(location)
  try {
    await store.transaction(async (tx) => {
      await foundNode(tx, { number, code, nameZh }, master, now)
      await openLog(tx, log, now)
    })
  } finally {
    await store.close()
  }
  return { origin, vkey: log.vkey }
}

/** `symbolon found`. */
export async function runFound(
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
  const databaseUrl = env.DATABASE_URL
  const made = await found({
    data,
    databaseUrl,
    code: node,
    nameZh: name,
    number,
    host,
    now: systemClock(),
  })
  if (values.json) io.stdout.write(`${JSON.stringify({ node, ...made })}\n`)
  else io.stdout.write(`founded ${node}, log ${made.origin}\nverifier key ${made.vkey}\n`)
  return 0
}
