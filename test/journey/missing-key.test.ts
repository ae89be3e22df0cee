import { cpSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { minute, second } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { openDeployment, type Served, serve } from '../../src/compose.ts'
import { MissingKeyWatch } from '../../src/jobs/missing-key.ts'
import { nextKey, rollTo } from '../../src/jobs/roll-log.ts'
import { keyFolderOf } from '../../src/keys/keyring.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { expectAudited } from '../support/audited.ts'
import { engines } from '../support/engines.ts'
import { claim, desk } from '../support/union.ts'

const newLog = 'log.nx.test/2027'
const once = '5d0a3c51-9f7b-4a53-9d4f-3b1c2f6f0a11'

/** One with the year's key, and one whose key folder is a copy of before. */
describe.each(engines)('an instance without the key of the new log, on %s', (engine) => {
  let ground: Ground
  let other: Served
  let auditor: Awaited<ReturnType<typeof desk>>
  let copy: string
  let voucher: string
  const lines: string[] = []
  const told = (words: string) => lines.filter((line) => line.includes(words)).length
  const there = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${other.at}${path}`, init)
  const json = async (path: string) => (await (await there(path)).json()) as Record<string, unknown>
  const waiting = () => {
    const { read } = ground.server.store
    return read.$count(read.tables.pendingLeaves)
  }

  beforeAll(async () => {
    ground = await openGround(engine)
    const { server } = ground
    const { data, env } = server.deployment
    auditor = await desk(server, { role: 'auditor' })
    voucher = await claim(ground.member, ground.benefitId)
    copy = `${data}-copy`
    cpSync(data, copy, { recursive: true })
    const config = {
      ...{ databaseUrl: env.DATABASE_URL, port: 0, host: '127.0.0.1', publicUrl: server.url },
      ...{ anchorFile: undefined, logLevel: 'info', development: true },
      ...{ witnessPolicy: undefined, trustedProxies: [] },
    }
    const log = pino({ level: 'debug', base: null }, { write: (line) => lines.push(line) })
    const opened = await openDeployment({ data: copy, config, clock: server.clock })
    other = await serve(opened, { config, clock: server.clock, log })
    const keyFolder = () => keyFolderOf(data)
    nextKey({ keyFolder, logs: server.deployment.logs }, 2027)
    await rollTo(
      { ...server.deployment, store: server.store, clock: server.clock, keyFolder },
      2027,
    )
    const both = async () => {
      expect(await json('/readyz')).toMatchObject({ log: newLog })
      const own = await (await fetch(`${server.url}/readyz`)).json()
      expect(own).toMatchObject({ log: newLog, log_key: 'held' })
    }
    await vi.waitFor(both, { timeout: 10_000 })
  })
  afterAll(async () => {
    await other.close()
    rmSync(copy, { recursive: true, force: true })
    await ground.server.close()
  })

  it('answers from the database what needs no key, and says that it lacks one', async () => {
    const { url } = ground.server
    expect(await json('/readyz')).toMatchObject({ status: 'ready', log_key: 'missing' })
    expect(await (await there('/metrics')).text()).toMatch(/^symbolon_log_key_missing 1$/m)
    for (const path of ['/2027/checkpoint', '/2026/checkpoint', '/2027/promise-key']) {
      const answer = await there(path)
      expect(answer.status, path).toBe(200)
      expect(await answer.text()).toBe(await (await fetch(url + path)).text())
    }
    // It knows the new key as the old log announces it, under the old log's signature.
    const policy = await (await there('/log-policy')).text()
    expect(policy.match(/^log /gm)).toHaveLength(2)
    expect(policy).toBe(await (await fetch(`${url}/log-policy`)).text())
    const init = { headers: { authorization: `Bearer ${auditor.token}` } }
    const { vkey } = (await must(auditor.ask('GET', '/audit/checkpoint'))) as { vkey: string }
    const answer = await there('/api/v1/audit/checkpoint', init)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ log: newLog, vkey })
    expect(policy).toContain(vkey)
  })

  const suspend = (key: string) =>
    there(`/api/v1/admin/vouchers/${voucher}/suspend`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${ground.maker.token}`, 'idempotency-key': key },
        'content-type': 'application/json',
      },
      body: JSON.stringify({ reason: 'complaint' }),
    })

  it('leaves signing to the other, or asks to come back, and is whole once it has the key', async () => {
    const answer = await suspend(once)
    if (engine === 'postgres') {
      expect(answer.status).toBe(200)
      await vi.waitFor(async () => expect(await waiting()).toBe(0), 20_000) // by the one with the key
    } else {
      // One file, one commit with its checkpoint: nothing can be booked without the key.
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toBe('1')
      const problem = { code: 'TEMPORARILY_UNAVAILABLE', retry: 'same_key' }
      expect(await answer.json()).toMatchObject(problem)
    }
    await sleep(1500) // fifteen ticks
    expect(told('the key of this log is not in the key folder')).toBe(1)
    expect(told('job failed') + told('mistake')).toBe(0)

    cpSync(`${ground.server.deployment.data}/keys`, `${copy}/keys`, { recursive: true })
    const held = async () => expect(await json('/readyz')).toMatchObject({ log_key: 'held' })
    await vi.waitFor(held, { timeout: 20_000 })
    expect(told('the key of the log is in the key folder now')).toBe(1)
    expect(await (await there('/metrics')).text()).toMatch(/^symbolon_log_key_missing 0$/m)
    expect((await suspend(once)).status).toBe(200)
    await expectAudited({ ...ground.server.deployment, close: async () => {} })
  })
})

it('says that a key is missing at once, every ten minutes, and when it is there', () => {
  const told: [number, string | undefined][] = []
  let now = 0
  const watch = new MissingKeyWatch((log) => told.push([now / minute, log]))
  for (; now < 25 * minute; now += second) watch.look(now < 1000 ? undefined : newLog, now)
  watch.look('log.nx.test/2028', now)
  watch.look(undefined, now)
  watch.look(undefined, now)
  const first = second / minute
  expect(told).toEqual([
    ...[first, first + 10, first + 20].map((at) => [at, newLog]),
    [25, 'log.nx.test/2028'],
    [25, undefined],
  ])
})
