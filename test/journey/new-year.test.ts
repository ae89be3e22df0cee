import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { endDay } from '../../src/jobs/end-day.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { answerOf, symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'
import { claim, desk, type Phone, phone, type Till, till } from '../support/union.ts'

const wrong = { reason: 'wrong_voucher' }

describe.each(engines)('New Year, while members redeem, on %s', (engine) => {
  let ground: Ground
  let counter: Till
  let phones: Phone[]
  let vouchers: string[]
  let before: Record<string, unknown>
  let oldPolicy: string
  const ledger = (...args: string[]) => {
    const { data, env } = ground.server.deployment
    return symbolon(['ledger', ...args], { ...env, DATA: data })
  }
  const here = (...args: string[]) => ledger(...args, '--data', ground.server.deployment.data)
  const file = (name: string, text: string) => {
    const path = `${ground.server.deployment.data}/${name}`
    writeFileSync(path, text)
    return path
  }
  const get = (path: string, init?: RequestInit) => fetch(`${ground.server.url}${path}`, init)
  const redeem = (i: number) =>
    must(counter.ask('POST', '/redemptions', { code: phones[i]!.code(vouchers[i]!) }), 201)
  /** The receipt of a redemption, once its leaf has its index. */
  const receipt = async (made: Record<string, unknown>) => {
    for (;;) {
      const told = await must(counter.ask('GET', `/redemptions/${made.redemption_id}/receipt`))
      if (told.level !== 'promise') return told
      await sleep(20)
    }
  }
  const settled = async () => {
    const { pendingLeaves } = ground.server.store.read.tables
    while ((await ground.server.store.read.$count(pendingLeaves)) > 0) await sleep(20)
  }

  beforeAll(async () => {
    ground = await openGround(engine, { instances: engine === 'postgres' ? 2 : 1 })
    const { server, shop, people, benefitId } = ground
    server.now = Date.now() // the command line looks at the machine's clock
    const { ask } = await ground.maker.signIn()
    counter = await till(server, ask, shop.storeId)
    phones = []
    for (const { memberNo } of people) phones.push(await phone(server, ask, memberNo))
    vouchers = await Promise.all(phones.map((each) => claim(each, benefitId)))
    before = await redeem(0)
    oldPolicy = (await here('policy')).out
  })
  afterAll(() => ground.server.close())

  it('comes by one command, and nothing that is redeemed meanwhile is lost', async () => {
    if (engine === 'postgres') {
      const refused = await here('roll', '--year', '2027')
      expect(refused).toMatchObject({
        code: 2,
        err: expect.stringMatching(/does not hold the key/),
      })
      const { vkey } = answerOf(await here('next-key', '--json'))
      expect(answerOf(await here('next-key', '--json')).vkey).toBe(vkey)
    }
    const [ran, ...made] = await Promise.all([
      here('roll', '--year', '2027', '--json'),
      ...phones.slice(1, -1).map((_, i) => redeem(i + 1)),
    ])
    expect(ran).toMatchObject({ code: 0 })
    expect(answerOf(ran)).toMatchObject({ closed: 'log.nx.test/2026', opened: 'log.nx.test/2027' })
    expect(made).toHaveLength(10)
    await settled()
    const [logged] = await ground.server.store.read.rows<{ n: number; entries: number }>(
      sql`select count(*) as n, count(distinct entry_id) as entries from log_leaves
        where entry_id in (select entry_id from redemptions)`,
    )
    expect(logged).toEqual({ n: 11, entries: 11 })
    expect(await here('roll', '--year', '2027')).toMatchObject({ code: 2 })
  })

  it('is followed by servers that run: both logs are served, the new one is written', async () => {
    // They look once a second, each by itself; connections are dealt out to them in turn.
    const ready = async () => {
      const answer = await get('/readyz', { headers: { connection: 'close' } })
      return ((await answer.json()) as { log: string }).log
    }
    for (let inTurn = 0; inTurn < 4; ) {
      inTurn = (await ready()) === 'log.nx.test/2027' ? inTurn + 1 : 0
      await sleep(20)
    }
    const size = async (year: number) =>
      Number((await (await get(`/${year}/checkpoint`)).text()).split('\n')[1])
    const ended = await size(2026)
    const began = await size(2027)
    await redeem(phones.length - 1) // issued last year
    await must(counter.ask('POST', `/redemptions/${before.redemption_id}/reverse`, wrong))
    await settled()
    expect(await size(2026)).toBe(ended)
    expect(await size(2027)).toBe(began + 2)
    expect((await get('/2026/tile/entries/000.p/3')).status).toBe(200)
    expect(await (await get('/2026/promise-key')).text()).toBe(
      await (await get('/2027/promise-key')).text(),
    )
    for (const path of ['/2028/checkpoint', '/2028/promise-key', '/2028/tile/0/000.p/1']) {
      expect((await get(path)).status).toBe(404)
    }
    const metrics = await (await get('/metrics')).text()
    expect(metrics).toMatch(new RegExp(`^symbolon_log_size ${began + 2}$`, 'm'))
  })

  it('leaves receipts of both years good', async () => {
    phones[0]!.code(vouchers[0]!)
    ground.server.now += 31_000
    const after = await redeem(0) // reversed a moment ago
    const policy = file('both', await (await get('/log-policy')).text())
    const key = (await (await get('/2027/promise-key')).text()).trim()
    const files: string[] = []
    const origins: unknown[] = []
    for (const [i, made] of [before, after].entries()) {
      const told = await receipt(made)
      files.push(file(`${i}.tlog-proof`, String(told.receipt)))
      files.push(file(`${i}.promise`, String(made.promise)))
      expect(told.promise).toBe(made.promise)
    }
    const args = ['receipt', 'verify', '--policy', policy, '--promise-key', key, '--json', ...files]
    const ran = await symbolon(args)
    expect(ran.code).toBe(0)
    for (const one of answerOf(ran).receipts as { origin: string }[]) origins.push(one.origin)
    expect(origins).toEqual([2026, 2026, 2027, 2027].map((year) => `log.nx.test/${year}`))
  })

  it('is one history for the auditor, and the log goes on as before', async () => {
    const policies = [oldPolicy, (await here('policy')).out]
    expect(policies[1]!.match(/^log /gm)).toHaveLength(2)
    for (const [i, text] of policies.entries()) {
      const policy = file(`policy-${i}`, text)
      expect(await here('verify', '--policy', policy)).toMatchObject({ code: 0 })
      const url = (year: number) => ['--url', `${ground.server.url}/${year}`]
      const both = await ledger('verify', '--policy', policy, ...url(2026), ...url(2027))
      expect(both).toMatchObject({ code: 0, err: '' })
      if (i === 0) continue
      const alone = await ledger('verify', '--policy', policy, ...url(2027))
      expect(alone).toMatchObject({ code: 2, err: expect.stringMatching(/give that one too/) })
      const tree = await ledger('verify', '--policy', policy, ...url(2027), '--tree-only')
      expect(tree).toMatchObject({ code: 0 })
    }
    const { server } = ground
    const { deployment, store, clock } = server
    await deployment.logs.look(store.read)
    await endDay({ store, node: deployment.node, clock, logs: deployment.logs })
    expect(await here('rotate-key')).toMatchObject({ code: 0 })
    expect(await here('verify', '--policy', file('policy', policies[1]!))).toMatchObject({
      code: 0,
    })
    const auditor = await desk(server, { role: 'auditor' })
    const first = await must(auditor.ask('GET', '/audit/events?limit=1000'))
    const items = first.items as { log: string; index: number; kind: string }[]
    const turn = items.findIndex(({ kind }) => kind === 'log.close')
    expect(items[turn + 1]).toMatchObject({ kind: 'log.open', index: 0, log: 'log.nx.test/2027' })
    const on = await must(auditor.ask('GET', `/audit/events?limit=1&after=${turn}`))
    expect(on).toMatchObject({ items: [{ kind: 'log.open' }], next: String(turn + 1) })
  })
})
