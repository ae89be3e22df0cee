import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { openDeployment } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { benchDatabase, type Engine, quantile } from './database.ts'
import { fire, makeWork, perRound, type Running, send, start, stop } from './redeem-clients.ts'
import { foundBench, redeemGround } from './redeem-ground.ts'

const share = 0.6
const rounds = 2
const metric = /^symbolon_log_inclusion_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm

/**
 * How long a leaf waits for the signed log while redemptions come at 60 % of the most that this run
 * could take: `p99_under_ms` is the bound of the histogram's class in which the 99th percentile
 * lies, `within_300_ms` the share of leaves that waited less.
 */
export async function benchInclusion(engine: Engine) {
  const database = await benchDatabase(engine)
  const data = await foundBench(database.url)
  const config = readConfig({ DATABASE_URL: database.url })
  const deployment = await openDeployment({ data, config })
  const ground = await redeemGround(deployment, perRound * (rounds + 1))
  await deployment.close()
  const work = makeWork(ground)
  const server = await start('ours', { data, url: database.url, port: '4721', limit: '256' })
  await fire(server, work.next(server.port))
  const { rate: most } = await fire(server, work.next(server.port))
  await sleep(1000)
  const before = await classes(server)
  const times = await atPace(server, work.next(server.port).flat(), most * share)
  await sleep(1000)
  const after = await classes(server)
  await stop(server)
  await database.stop()
  const counted = [...after].map(([bound, n]) => [bound, n - (before.get(bound) ?? 0)] as const)
  const all = counted.at(-1)?.[1] ?? 0
  const [p99] = counted.find(([, n]) => n >= all * 0.99) ?? [Number.NaN]
  const soon = counted.find(([bound]) => bound === 0.3)?.[1] ?? 0
  return {
    engine,
    most: Math.round(most),
    pace: Math.round(most * share),
    leaves: all,
    p99_under_ms: Math.round(p99 * 1000),
    within_300_ms: Math.round((soon / all) * 10_000) / 10_000,
    answer_p50_ms: Math.round(quantile(times, 0.5)),
    answer_p99_ms: Math.round(quantile(times, 0.99)),
  }
}

/** The histogram's classes: upper bound in seconds, and how many leaves up to it. */
async function classes({ port }: Running): Promise<Map<number, number>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const found = [...text.matchAll(metric)]
  return new Map(
    found.map(([, bound, n]) => [
      bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound),
      Number(n),
    ]),
  )
}

/** Sends so many a second, whether they were answered or not. */
async function atPace(
  { port }: Running,
  work: Parameters<typeof send>[2][],
  perSecond: number,
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const begun = performance.now()
  const times = await Promise.all(
    work.map(async (one, i) => {
      await sleep(Math.max(0, begun + (i / perSecond) * 1000 - performance.now()))
      const at = performance.now()
      const { status } = await send(agent, port, one)
      if (status !== 201) throw new Error(`a redemption was answered ${status}`)
      return performance.now() - at
    }),
  )
  agent.destroy()
  return times
}
