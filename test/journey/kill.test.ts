import { setTimeout as sleep } from 'node:timers/promises'

import { sql } from 'drizzle-orm'
import { afterEach, describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { move, readBatch } from '../../src/benefits/batches/batch.ts'
import { createBatch } from '../../src/benefits/batches/edit.ts'
import { type Deployment as Opened, openDeployment } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { dryRunBatch } from '../../src/jobs/dry-run.ts'
import { addMembers, foundBench, publishCoupon, redeemGround } from '../bench/redeem-ground.ts'
import { expectAudited } from '../support/audited.ts'
import { engines, freshDatabase } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/process.ts'
import { codeOf, redeemAt } from '../support/shop-floor.ts'

/** Vouchers of each of the 64. */
const rounds = 6

const running: ServerProcess[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.kill()))
})

describe.each(engines)('kill -9 on %s', (engine) => {
  async function found() {
    const location = await freshDatabase(engine)
    const url = location.engine === 'sqlite' ? `sqlite:${location.path}` : location.url
    const env = { DATABASE_URL: url }
    const data = await foundBench(url)
    const open = () => openDeployment({ data, config: readConfig(env) })
    const serve = async (port: number) => {
      const one = await spawnServer(data, env, port)
      running.push(one)
      return one
    }
    const kill = async (one: ServerProcess) => {
      running.splice(running.indexOf(one), 1)
      await one.kill()
    }
    return { open, serve, kill }
  }

  it('loses nothing that was acknowledged and does nothing twice under load', async () => {
    const { open, serve, kill } = await found()
    const seeding = await open()
    const ground = await redeemGround(seeding, rounds)
    await seeding.close()
    const port = await freePort()
    const server = await serve(port)

    const acknowledged = new Map<string, string>()
    const sent = new Map<string, { client: number; body: object }>()
    const clients = ground.terminals.map(async (_, client) => {
      for (const voucher of ground.devices[client]?.vouchers ?? []) {
        const key = `sale-${voucher}`
        const body = { code: codeOf(ground, client, voucher) }
        sent.set(key, { client, body })
        const answer = await redeemAt(ground, server, client, key, body).catch(() => undefined)
        if (!answer) return // the server is gone
        if (answer.status === 201) acknowledged.set(key, answer.body.redemption_id)
      }
    })
    while (acknowledged.size < 150) await sleep(5)
    await kill(server)
    await Promise.all(clients)
    expect(acknowledged.size).toBeLessThan(ground.devices.length * rounds)

    const again = await serve(port)
    for (const [key, { client, body }] of sent) {
      const answer = await redeemAt(ground, again, client, key, body)
      const before = acknowledged.get(key)
      if (before) expect(answer.body.redemption_id).toBe(before)
      if (answer.status === 201) continue
      // It never arrived, and its code has expired while the server was away: the voucher is whole.
      expect([before, answer.body.code]).toEqual([undefined, 'TOKEN_EXPIRED'])
      const voucher = key.slice('sale-'.length)
      const fresh = { code: codeOf(ground, client, voucher) }
      const second = await redeemAt(ground, again, client, `${key}-again`, fresh)
      expect(second.status).toBe(201)
    }
    await kill(again)
    const deployment = await open()
    const [made] = await deployment.store.read.rows<{ n: number; vouchers: number }>(
      sql`select count(*) as n, count(distinct voucher_id) as vouchers from redemptions`,
    )
    expect(made).toEqual({ n: sent.size, vouchers: sent.size })
    await expectAudited(deployment)
  }, 120_000)

  it('goes on with a batch where it was, and gives nobody two', async () => {
    const { open, serve, kill } = await found()
    const seeding = await open()
    const people = 16_000
    await addMembers(seeding, people, (i) => (i % 2 === 0 ? 'courier' : 'other'))
    const batchId = await startBatch(seeding)
    await seeding.close()

    const port = await freePort()
    const server = await serve(port)
    const watching = await open()
    for (;;) {
      const { chunks, state } = await readBatch(watching.store.read, batchId)
      if (chunks >= 2 || state !== 'running') break
      await sleep(2)
    }
    await kill(server)
    const halfway = await readBatch(watching.store.read, batchId)
    expect(halfway.state).toBe('running')
    const again = await serve(port)
    while ((await readBatch(watching.store.read, batchId)).state === 'running') await sleep(20)
    await kill(again)
    const done = await readBatch(watching.store.read, batchId)
    expect(done).toMatchObject({ state: 'completed', issued: people / 2, dropped: 0 })
    const [made] = await watching.store.read.rows<{ n: number; people: number }>(
      sql`select count(*) as n, count(distinct person_id) as people from vouchers`,
    )
    expect(made).toEqual({ n: people / 2, people: people / 2 })
    await expectAudited(watching)
  }, 120_000)
})

async function startBatch(deployment: Opened): Promise<string> {
  const { store } = deployment
  const benefitId = await publishCoupon(deployment, 1)
  const actor = { principalId: 'test', personId: 'test', orgPaths: [''] }
  const content = { orgCode: '000000', delivery: 'offer', note: '' } as const
  const batch = await store.transaction((tx) =>
    createBatch(tx, benefitId, content, actor, systemClock()),
  )
  await dryRunBatch({ store, batchId: batch.id, now: systemClock() })
  await store.transaction((tx) => move(tx, batch.id, ['ready'], 'running'))
  return batch.id
}
