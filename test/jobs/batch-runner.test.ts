import { setTimeout as sleep } from 'node:timers/promises'

import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'

import { readBatch } from '../../src/benefits/batches/batch.ts'
import { runAllBatches } from '../../src/jobs/batch-runner.ts'
import { redeem } from '../../src/vouchers/redeem.ts'
import { recallBatch } from '../../src/vouchers/run-batch.ts'
import { enrol } from '../support/device.ts'
import { audit, benefit, members, requestDigest, show, staff, tellStory } from '../support/story.ts'
import { allVouchers, countStates, running, startedBatch } from '../vouchers/batches.ts'

it('goes on with a recall whose chunk was overtaken by a redemption', async () => {
  // One that is slow to commit: on SQLite nobody can be overtaken so.
  const story = await tellStory('postgres')
  const { store, node, now } = story
  const people = await members(story, 3)
  const { benefitId } = await benefit(story)
  const { id } = await startedBatch(story, benefitId)
  await runAllBatches(running(story, 100))
  const voucher = (await allVouchers(story)).find(
    ({ memberId }) => memberId === people[0]!.memberId,
  )!
  const shown = await show(story, await enrol(story, people[0]!), voucher)
  await store.transaction((tx) => recallBatch(tx, id, staff))

  const done = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { terminalId } = story.counter
  const request = { by: { shown }, terminalId, requestDigest, details: {}, now }
  const spending = store.transaction(async (tx) => {
    await redeem(tx, node, request)
    done.resolve()
    await goOn.promise
  })
  await done.promise
  const recalling = runAllBatches(running(story, 100))
  const waiting = sql`select count(*) as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  while ((await store.read.rows<{ n: number }>(waiting))[0]?.n === 0) await sleep(5)
  goOn.resolve()
  await Promise.all([spending, recalling])

  expect(await readBatch(store.read, id)).toMatchObject({ state: 'recalled', recalled: 2 })
  expect(countStates(await allVouchers(story))).toEqual({ used: 1, void: 2 })
  await audit(story)
  await story.close()
})
