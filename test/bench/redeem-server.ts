// A server of the redeem benchmark, in a process of its own: ours, or the floor.
import { createPublicKey, type KeyObject, verify } from 'node:crypto'

import Database from 'better-sqlite3'
import Fastify from 'fastify'
import pg from 'pg'
import pino from 'pino'

import { openDeployment, serve } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import {
  readSignature,
  readSignatureInput,
  signatureBase,
} from '../../src/formats/http-signature.ts'
import { readCodeText } from '../../src/formats/voucher-code.ts'

type Insert = (row: readonly [string, string, number]) => Promise<void>

const keys = new Map<string, KeyObject>()
const keyOf = (spki: string) => {
  const known = keys.get(spki)
  if (known) return known
  const der = Buffer.from(spki, 'base64')
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  keys.set(spki, key)
  return key
}
const good = (spki: string, signed: Uint8Array, signature: Uint8Array) =>
  verify('sha256', signed, { key: keyOf(spki), dsaEncoding: 'ieee-p1363' }, signature)

process.on('disconnect', () => process.exit(0))
process.on('message', async (asked: Record<string, string>) => {
  const { kind, data = '', url = '', port, limit, terminals, devices } = asked
  if (kind === 'rss') {
    process.send?.({
      rss: process.memoryUsage().rss,
      cpu: process.cpuUsage(),
      main: process.threadCpuUsage(),
    })
    return
  }
  if (kind === 'ours' || kind === 'unlogged') {
    const config = readConfig({ DATABASE_URL: url, PORT: port, LOG_LEVEL: 'info' })
    const deployment = await openDeployment({ data, config }, { groupLimit: Number(limit) })
    if (kind === 'unlogged') deployment.store.beforeCommit(async () => {})
    // Requests are logged as they would be, to a place that takes them.
    const log = pino({ level: 'info', base: null }, pino.destination('/dev/null'))
    await serve(deployment, { config, log })
  } else await floor(Number(port), url, JSON.parse(terminals ?? ''), JSON.parse(devices ?? ''))
  process.send?.({ ready: true })
})

/** The same two signature checks, inline, and one hand-written insert that shares its commits. */
async function floor(
  port: number,
  url: string,
  terminals: Record<string, string>,
  devices: Record<string, string>,
): Promise<void> {
  const insert = url.startsWith('sqlite:') ? sqliteInsert(url.slice(7)) : await pgInsert(url)
  const app = Fastify()
  app.post<{ Body: { code: string } }>('/api/v1/redemptions', async (request, reply) => {
    const headers = request.headers as Record<string, string>
    const input = readSignatureInput(headers['signature-input'] ?? '')
    const signature = input && readSignature(headers.signature ?? '', input.label)
    const targetUri = `http://localhost:${port}${request.url}`
    const base = input && signatureBase({ method: 'POST', targetUri, headers }, input)
    const code = readCodeText(request.body.code)
    if (!input || !signature || !base || typeof code === 'string') return reply.code(400).send()
    const device = devices[code.voucher] ?? ''
    if (!good(terminals[input.keyId] ?? '', base, signature)) return reply.code(401).send()
    if (!good(device, code.signed, code.signature)) return reply.code(404).send()
    await insert([code.voucher, input.keyId, Date.now()])
    return reply.code(201).send({ redemption_id: code.voucher, state: 'committed' })
  })
  await app.listen({ port, host: '127.0.0.1' })
}

function sqliteInsert(path: string): Insert {
  const db = new Database(path.replace('symbolon.db', `floor-${process.pid}.db`))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('create table r(voucher text primary key, terminal text, at integer) strict')
  const add = db.prepare('insert into r values (?, ?, ?)')
  let waiting: { row: readonly unknown[]; done: () => void }[] = []
  const flush = () => {
    const group = waiting
    waiting = []
    db.exec('begin immediate')
    for (const { row } of group) add.run(...row)
    db.exec('commit')
    for (const { done } of group) done()
  }
  return (row) =>
    new Promise((done) => {
      if (waiting.push({ row, done }) === 1) setImmediate(flush)
    })
}

async function pgInsert(url: string): Promise<Insert> {
  const pool = new pg.Pool({ connectionString: url, max: 20 })
  const table = `floor_${process.pid}`
  await pool.query(`create table ${table}(voucher text primary key, terminal text, at bigint)`)
  const text = `insert into ${table} values ($1, $2, $3)`
  return async (row) => void (await pool.query({ name: 'add', text, values: [...row] }))
}
