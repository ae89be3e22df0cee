import { openDeployment } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { benchDatabase, type Engine, median } from './database.ts'
import { fire, makeWork, perRound, type Running, start, stop } from './redeem-clients.ts'
import { foundBench, redeemGround } from './redeem-ground.ts'

/**
 * What the log costs a redemption on SQLite: our server against the same one that leaves its leaves
 * waiting, so that tree, tiles and signed checkpoint are missing; each on a database of its own, in
 * interleaved pairs.
 */
export async function benchAppend(_engine: Engine, pairs: number) {
  const logging = await side('ours', 4711, pairs)
  const silent = await side('unlogged', 4712, pairs)
  for (const one of [logging, silent]) await one.run() // warm
  const runs: { ours: number; floor: number }[] = []
  for (let i = 0; i < pairs; i++) {
    runs.push({ ours: (await logging.run()).rate, floor: (await silent.run()).rate })
  }
  for (const one of [logging, silent]) await one.end()
  const ratio = median(runs.map(({ ours, floor }) => ours / floor))
  return {
    ours: Math.round(median(runs.map(({ ours }) => ours))),
    floor: Math.round(median(runs.map(({ floor }) => floor))),
    ratio: Math.round(ratio * 100) / 100,
    cost_percent: Math.round((1 - ratio) * 100),
  }
}

async function side(kind: 'ours' | 'unlogged', port: number, pairs: number) {
  const database = await benchDatabase('sqlite')
  const data = await foundBench(database.url)
  const config = readConfig({ DATABASE_URL: database.url })
  const deployment = await openDeployment({ data, config })
  const ground = await redeemGround(deployment, perRound * (pairs + 1))
  await deployment.close()
  const work = makeWork(ground)
  const given = { data, url: database.url, port: String(port), limit: '256' }
  const server: Running = await start(kind, given)
  const run = () => fire(server, work.next(server.port))
  const end = async () => {
    await stop(server)
    await database.stop()
  }
  return { run, end }
}
