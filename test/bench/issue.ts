import { systemClock } from '../../src/base/clock.ts'
import { move } from '../../src/benefits/batches/batch.ts'
import { createBatch } from '../../src/benefits/batches/edit.ts'
import { openDeployment } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { runAllBatches } from '../../src/jobs/batch-runner.ts'
import { dryRunBatch } from '../../src/jobs/dry-run.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { benchDatabase, type Engine, median, quantile } from './database.ts'
import { rawInserter } from './issue-floor.ts'
import { addMembers, foundBench, publishCoupon } from './redeem-ground.ts'

const population = 1_000_000
const entitledShare = 10

const actor = { principalId: 'bench', personId: 'bench', orgPaths: [''] }

/**
 * Issues 100 000 vouchers by criteria among 1 000 000 members (the run alone, after its dry run)
 * against a raw INSERT … SELECT of as many voucher rows into the same table's copy.
 */
export async function benchIssue(engine: Engine, pairs: number) {
  const database = await benchDatabase(engine)
  const data = await foundBench(database.url)
  const config = readConfig({ DATABASE_URL: database.url })
  const deployment = await openDeployment({ data, config })
  const { store, node, logs } = deployment
  await addMembers(deployment, population, (i) => (i % entitledShare === 0 ? 'courier' : 'other'))
  const raw = await rawInserter(engine, database.url)

  const runs: { ours: number; floor: number; chunk: number }[] = []
  for (let i = 0; i < pairs; i++) {
    const benefitId = await publishCoupon(deployment, 1)
    const content = { orgCode: '000000', delivery: 'offer', note: '' } as const
    const batch = await store.transaction((tx) =>
      createBatch(tx, benefitId, content, actor, systemClock()),
    )
    await dryRunBatch({ store, batchId: batch.id, now: systemClock() })
    await store.transaction((tx) => move(tx, batch.id, ['ready'], 'running'))
    const begun = performance.now()
    await runAllBatches({ store, node, clock: systemClock })
    if (engine === 'postgres') {
      await store.transaction((tx) => integrate(tx, logs.keyOf, systemClock(), { shared: true }))
    }
    const ours = (performance.now() - begun) / 1000
    const { rows, seconds } = await raw.insert()
    runs.push({ ours: rows / ours, floor: rows / seconds, chunk: (ours / (rows / 2000)) * 1000 })
  }
  const rss = process.memoryUsage().rss
  await raw.close()
  await deployment.close()
  await database.stop()
  const round = (value: number) => Math.round(value * 100) / 100
  return {
    engine,
    ours: Math.round(median(runs.map((run) => run.ours))),
    floor: Math.round(median(runs.map((run) => run.floor))),
    ratio: round(median(runs.map((run) => run.ours / run.floor))),
    p50_ms: round(
      quantile(
        runs.map((run) => run.chunk),
        0.5,
      ),
    ),
    p99_ms: round(
      quantile(
        runs.map((run) => run.chunk),
        0.99,
      ),
    ),
    rss_mb: Math.round(rss / 1e6),
  }
}
