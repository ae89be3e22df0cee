import { setTimeout as sleep } from 'node:timers/promises'

import { sql } from 'drizzle-orm'
import pg from 'pg'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { keyAgent } from '../../src/cli/demo/agent.ts'
import { openDeployment } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { foundBench, redeemGround } from '../bench/redeem-ground.ts'
import { expectAudited } from '../support/audited.ts'
import { freshDatabase } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/process.ts'
import { codeOf, redeemAt } from '../support/shop-floor.ts'

const running: ServerProcess[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.kill()))
})

async function found(more: Record<string, string> = {}) {
  const location = await freshDatabase('postgres')
  if (location.engine !== 'postgres') throw new TypeError('not PostgreSQL')
  const { url } = location
  const data = await foundBench(url)
  const open = () => openDeployment({ data, config: readConfig({ DATABASE_URL: url }) })
  const serve = async () => {
    const one = await spawnServer(data, { DATABASE_URL: url, ...more }, await freePort())
    running.push(one)
    return one
  }
  const stop = () => Promise.all(running.splice(0).map((one) => one.kill()))
  return { url, open, serve, stop }
}

/** Vouchers that each of 64 phones holds. */
const each = process.env.EFFORT === 'full' ? 12 : 6

type Answer = Awaited<ReturnType<typeof redeemAt>>

/** Sends it again under the same key until something definite is answered. */
async function untilAnswered(ask: () => Promise<Answer>, seen: Map<number, number>) {
  for (let tries = 0; ; tries++) {
    if (tries > 500) throw new Error('nothing definite was answered')
    const answer = await ask().catch(() => undefined)
    const status = answer?.status ?? 0
    seen.set(status, (seen.get(status) ?? 0) + 1)
    if (answer && status !== 503) return answer
    await sleep(20)
  }
}

describe('two API processes and two sequencers on PostgreSQL', () => {
  it('lose nothing and leave no gap while their backends are terminated', async () => {
    const { url, open, serve, stop } = await found()
    const seeding = await open()
    const ground = await redeemGround(seeding, each)
    await seeding.close()
    const servers = [await serve(), await serve()]

    const killer = new pg.Client({ connectionString: url })
    await killer.connect()
    const made: string[] = []
    let terminated = 0
    let over = false
    const killing = (async () => {
      while (!over) {
        const { rowCount } = await killer.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()
           order by random() limit 2`,
        )
        terminated += rowCount ?? 0
        const enough = made.length + 4 // some get on in between, however slow the machine
        await sleep(60)
        while (!over && made.length < enough) await sleep(5)
      }
      await killer.end()
    })()

    const seen = new Map<number, number>()
    const started = Date.now()
    await Promise.all(
      ground.terminals.map(async (_, client) => {
        const server = servers[client % 2]!
        for (const voucher of ground.devices[client]?.vouchers ?? []) {
          const sell = (key: string) => {
            const body = { code: codeOf(ground, client, voucher) }
            return untilAnswered(() => redeemAt(ground, server, client, key, body), seen)
          }
          let answer = await sell(`sale-${voucher}`)
          // Nothing was answered for so long that the code has run out: the voucher is whole.
          for (let i = 1; answer.body.code === 'TOKEN_EXPIRED'; i++) {
            answer = await sell(`sale-${voucher}-${i}`)
          }
          const { status, body: told } = answer
          expect([voucher, status, told.code]).toEqual([voucher, 201, undefined])
          made.push(told.redemption_id)
        }
      }),
    )
    const tookMs = Date.now() - started
    over = true
    await killing
    await stop()

    expect(terminated).toBeGreaterThan(10)
    expect(seen.get(500) ?? 0).toBe(0)
    expect(new Set(made).size).toBe(64 * each)
    const deployment = await open()
    const { redemptions } = deployment.store.read.tables
    expect(await deployment.store.read.$count(redemptions)).toBe(64 * each)
    await expectAudited(deployment)
    const retries = (seen.get(503) ?? 0) + (seen.get(0) ?? 0)
    process.stdout.write(`terminated ${terminated} in ${tookMs} ms, ${retries} retries\n`)
  }, 120_000)

  it('redeem while too many leaves wait, and refuse what can wait as well', async () => {
    const { url, open, serve, stop } = await found({ MAX_PENDING_LEAVES: '40' })
    const seeding = await open()
    const ground = await redeemGround(seeding, 2)
    await seeding.close()
    const server = await serve()
    const waiting = async () => {
      const metrics = await (await fetch(`${server.url}/metrics`)).text()
      return Number(/^symbolon_pending_leaves (\d+)$/m.exec(metrics)?.[1])
    }
    while ((await waiting()) > 0) await sleep(50)
    const stranger = { member_no: 'B1', activation_code: '2222222222' }
    const phone = keyAgent({ url: server.url, clock: systemClock })
    const enrol = (key: string) => phone.ask('POST', '/devices', stranger, { key })

    const holder = new pg.Client({ connectionString: url })
    await holder.connect()
    await holder.query('begin')
    await holder.query('select size from log_state for update') // no sequencer gets on
    for (const [client] of ground.terminals.entries()) {
      for (const voucher of ground.devices[client]?.vouchers ?? []) {
        const body = { code: codeOf(ground, client, voucher) }
        expect(await redeemAt(ground, server, client, voucher, body)).toMatchObject({ status: 201 })
      }
    }
    expect(await waiting()).toBe(128)
    const busy = { status: 503, body: { code: 'TEMPORARILY_UNAVAILABLE', retry: 'same_key' } }
    // The server counts by itself, now and then: what it answers follows some time later.
    const looks = { timeout: 30_000, interval: 200 }
    await vi.waitFor(
      async () => expect(await enrol(crypto.randomUUID())).toMatchObject(busy),
      looks,
    )
    await holder.query('commit')
    await holder.end()
    while ((await waiting()) > 0) await sleep(50)
    const answered = { body: { code: 'ACTIVATION_INVALID' } }
    const key = 'enrol-under-pressure'
    await vi.waitFor(async () => expect(await enrol(key)).toMatchObject(answered), looks)

    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    const counted = Number(/^symbolon_log_inclusion_seconds_count (\d+)$/m.exec(metrics)?.[1])
    expect(counted).toBeGreaterThan(100)
    await stop()
    const deployment = await open()
    const [row] = await deployment.store.read.rows<{ n: number }>(
      sql`select count(*) as n from redemptions`,
    )
    expect(row?.n).toBe(128)
    await expectAudited(deployment)
  }, 120_000)
})
