import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'

import { systemClock } from '../../src/base/clock.ts'
import { signedRequest } from '../../src/cli/demo/agent.ts'
import { openDeployment } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import {
  codeText,
  encodeVoucherCode,
  signedOctets,
  stepAt,
} from '../../src/formats/voucher-code.ts'
import { benchDatabase, type Engine, median, quantile } from './database.ts'
import { foundBench, redeemGround } from './redeem-ground.ts'

const clients = 64
const perRound = 20 // redemptions by each client in one run
const path = '/api/v1/redemptions'

/**
 * Redemptions over HTTP by 64 terminals against the floor, in interleaved pairs, and against our
 * own path with group commit off (SQLite).
 */
export async function benchRedeem(engine: Engine, pairs: number) {
  const database = await benchDatabase(engine)
  const data = await foundBench(database.url)
  const config = readConfig({ DATABASE_URL: database.url })
  const deployment = await openDeployment({ data, config })
  const rounds = pairs + 3
  const ground = await redeemGround(deployment, perRound * rounds)
  await deployment.close()

  const work = makeWork(ground)
  const terminals = Object.fromEntries(ground.terminals.map(({ id, spki }) => [id, spki]))
  const devices = Object.fromEntries(
    ground.devices.flatMap(({ vouchers, spki }) => vouchers.map((id) => [id, spki])),
  )
  const keys = { terminals: JSON.stringify(terminals), devices: JSON.stringify(devices) }
  const ours = await start('ours', { data, url: database.url, port: '4701', limit: '256' })
  const floor = await start('floor', { url: database.url, port: '4702', ...keys })
  await fire(ours, work.next(ours.port))
  await fire(floor, work.again(floor.port))

  const runs: { ours: Run; floor: Run }[] = []
  for (let i = 0; i < pairs; i++) {
    const made = work.next(ours.port)
    runs.push({ ours: await fire(ours, made), floor: await fire(floor, work.again(floor.port)) })
  }
  const rss = await memoryOf(ours.child)
  await stop(ours)
  await stop(floor)
  const ungrouped = engine === 'sqlite' ? await withoutGroups(data, database.url, work) : undefined
  await database.stop()
  const oursRate = median(runs.map((run) => run.ours.rate))
  return {
    engine,
    ours: Math.round(oursRate),
    floor: Math.round(median(runs.map((run) => run.floor.rate))),
    ratio: round(median(runs.map((run) => run.ours.rate / run.floor.rate))),
    p50_ms: round(median(runs.map((run) => run.ours.p50))),
    p99_ms: round(median(runs.map((run) => run.ours.p99))),
    rss_mb: Math.round(rss / 1e6),
    ...(ungrouped && {
      ungrouped: Math.round(ungrouped),
      grouped_over_ungrouped: round(oursRate / ungrouped),
    }),
  }
}

async function withoutGroups(data: string, url: string, work: ReturnType<typeof makeWork>) {
  const alone = await start('ours', { data, url, port: '4703', limit: '1' })
  const { rate } = await fire(alone, work.next(alone.port))
  await stop(alone)
  return rate
}

interface Running {
  readonly child: ChildProcess
  readonly port: number
}

async function start(kind: string, given: Record<string, string>): Promise<Running> {
  const child = fork(new URL('redeem-server.ts', import.meta.url), { stdio: 'inherit' })
  child.send({ kind, ...given })
  await once(child, 'message')
  return { child, port: Number(given.port) }
}

async function stop({ child }: Running): Promise<void> {
  const gone = once(child, 'exit')
  child.disconnect()
  await gone
}

async function memoryOf(child: ChildProcess): Promise<number> {
  child.send({ kind: 'rss' })
  const [{ rss }] = (await once(child, 'message')) as [{ rss: number }]
  return rss
}

type Signed = ReturnType<typeof signedRequest>
type Ground = Awaited<ReturnType<typeof redeemGround>>

/** Signs requests beforehand: a client's work must not slow the server's run. */
function makeWork({ devices, deviceKeys, terminals }: Ground) {
  let used = 0
  const sign = (port: number, from: number): Signed[][] => {
    const server = { url: `http://localhost:${port}`, clock: systemClock }
    return terminals.map((terminal, client) =>
      Array.from({ length: perRound }, (_, i) => {
        const device = devices[client]
        const key = deviceKeys[client]
        const voucher = device?.vouchers[(from + i) % (device.vouchers.length || 1)]
        if (!device || !key || !voucher) throw new TypeError('no voucher')
        const content = { node: 64, voucher, keyTag: device.tag, step: stepAt(systemClock()) }
        const code = codeText(encodeVoucherCode(content, key.sign(signedOctets(content))))
        const who = { terminalId: terminal.id, key: terminal.key }
        return signedRequest(server, who, 'POST', path, { code })
      }),
    )
  }
  return {
    next(port: number) {
      used += perRound
      return sign(port, used - perRound)
    },
    again: (port: number) => sign(port, used - perRound),
  }
}

interface Run {
  readonly rate: number
  readonly p50: number
  readonly p99: number
}

/** Every client sends its requests one after the other over a connection of its own. */
async function fire({ port }: Running, work: Signed[][]): Promise<Run> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const times: number[] = []
  const refused = new Map<string, number>()
  const begun = performance.now()
  await Promise.all(
    work.map(async (mine) => {
      for (const one of mine) {
        const at = performance.now()
        const { status, text } = await send(agent, port, one)
        times.push(performance.now() - at)
        if (status !== 201) refused.set(text, (refused.get(text) ?? 0) + 1)
      }
    }),
  )
  const seconds = (performance.now() - begun) / 1000
  agent.destroy()
  if (refused.size > 0) process.stderr.write(`${[...refused.keys()][0]?.slice(0, 200)}\n`)
  return { rate: times.length / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

function send(agent: Agent, port: number, { method, headers, body }: Signed) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const type = { 'content-type': 'application/json' }
    const options = {
      agent,
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { ...type, ...headers },
    }
    const sent = request(options, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
