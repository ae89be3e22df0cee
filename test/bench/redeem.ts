import { systemClock } from '../../src/base/clock.ts'
import { openDeployment } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { rollUp } from '../../src/jobs/roll-up.ts'
import { benchDatabase, type Engine, median } from './database.ts'
import { fire, makeWork, memoryOf, perRound, type Run, start, stop } from './redeem-clients.ts'
import { foundBench, redeemGround } from './redeem-ground.ts'

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
  // A server that is up has counted what was issued long ago.
  while (await rollUp({ store: deployment.store, clock: systemClock }));
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

function round(value: number): number {
  return Math.round(value * 100) / 100
}
