import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { endDay } from '../../src/jobs/end-day.ts'
import type { Reconciliation } from '../../src/ledger/reconcile.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { answerOf, symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'
import { claim, desk } from '../support/union.ts'

describe.each(engines)('reconciliation on %s', (engine) => {
  let ground: Ground
  let auditor: Awaited<ReturnType<typeof desk>>

  const given = () => {
    const { store, deployment, clock } = ground.server
    return { store, node: deployment.node, clock, logs: deployment.logs }
  }
  const run = async () => {
    const { data, env } = ground.server.deployment
    const ran = await symbolon(['ledger', 'reconcile', '--data', data, '--json'], env)
    return { code: ran.code, found: answerOf(ran) as unknown as Reconciliation }
  }
  const verify = async () => {
    const { data, env } = ground.server.deployment
    const { out } = await symbolon(['ledger', 'policy', '--data', data], env)
    const { writeFileSync } = await import('node:fs')
    writeFileSync(`${data}/policy`, out)
    const args = ['ledger', 'verify', '--data', data, '--policy', `${data}/policy`]
    return symbolon(args, env)
  }
  const settled = async () => {
    for (let waits = 1; waits > 0; ) {
      const { pendingLeaves } = ground.server.store.read.tables
      waits = await ground.server.store.read.$count(pendingLeaves)
      await new Promise((resolve) => setTimeout(resolve, waits > 0 ? 50 : 0))
    }
  }

  beforeAll(async () => {
    ground = await openGround(engine)
    const { server, member, till, benefitId } = ground
    const shown = { code: member.code(await claim(member, benefitId)) }
    await must(till.ask('POST', '/redemptions', shown), 201)
    await settled()
    server.now += day
    auditor = await desk(server, { role: 'auditor' })
  })
  afterAll(() => ground.server.close())

  it('has both sides of every equation, and they agree', async () => {
    const { code, found } = await run()
    expect(code).toBe(0)
    expect(found.good).toBe(true)
    const names = new Set(found.equations.map(({ name }) => name))
    expect(names.size).toBe(14)
    for (const { left, right, good } of found.equations) {
      expect(good).toBe(true)
      expect(left.value).toBe(right.value)
    }
    const budget = found.equations.find(({ name }) => name === 'budget')
    expect(budget?.left.value).toBe(10_000_000)
  })

  it('is kept once a day, and told to auditors', async () => {
    expect((await auditor.ask('GET', '/audit/reconciliation')).status).toBe(404)
    await Promise.all([endDay(given()), endDay(given())])
    const latest = await must(auditor.ask('GET', '/audit/reconciliation'))
    expect(latest).toMatchObject({ good: true, at: ground.server.now })
    const on = new Date(ground.server.now).toISOString().slice(0, 10)
    expect(await must(auditor.ask('GET', `/audit/reconciliation?day=${on}`))).toEqual(latest)
    expect((await auditor.ask('GET', '/audit/reconciliation?day=2000-01-01')).status).toBe(404)
    expect((await ground.maker.ask('GET', '/audit/reconciliation')).status).not.toBe(500)
    expect((await auditor.ask('GET', '/audit/reconciliation?day=x')).status).toBe(400)
  })

  it('closes a day by one leaf whose trial balance the auditor recomputes', async () => {
    await settled()
    const { items } = await must(auditor.ask('GET', '/audit/events?limit=1000'))
    const closes = (items as { kind: string; leaf: string }[]).filter(
      ({ kind }) => kind === 'ledger.close',
    )
    expect(closes).toHaveLength(1)
    const leaf = JSON.parse(closes[0]!.leaf) as { b: [string, number][]; day: string }
    expect(Object.fromEntries(leaf.b)).toMatchObject({ fund_bank: 10_000_000 })
    expect(leaf.b.reduce((sum, [, fen]) => sum + fen, 0)).toBe(0)
    expect((await verify()).out).toMatch(/good\n$/)
  })

  it('pages through the log and its checkpoints', async () => {
    const first = await must(auditor.ask('GET', '/audit/events?limit=2'))
    expect(first).toMatchObject({ next: '1', items: [{ index: 0 }, { index: 1 }] })
    const second = await must(auditor.ask('GET', `/audit/events?limit=2&after=${first.next}`))
    expect(second).toMatchObject({ items: [{ index: 2 }, { index: 3 }] })
    const archived = await must(auditor.ask('GET', '/audit/checkpoints'))
    expect(archived.items).toEqual([])
    expect((await auditor.ask('GET', '/audit/events?after=x')).status).toBe(400)
  })

  it('turns red, says by how much, and raises the metric when a counter was touched', async () => {
    const { store, url } = ground.server
    await store.transaction(async (tx) => {
      await tx.rows(sql`update programmes set available = available + 5 returning 1`)
      await tx.rows(sql`update quotas set used = used + 1 where scope = 'total' returning 1`)
    })
    const { code, found } = await run()
    expect(code).toBe(1)
    const red = found.equations.filter(({ good }) => !good)
    expect(red.map(({ name, difference }) => [name, difference])).toEqual([
      ['available', 5],
      ['stock', 1],
    ])
    ground.server.now += day
    await endDay(given())
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(/^symbolon_reconciliation_differences 2$/m)
    expect((await symbolon(['ledger', 'reconcile', '--data', '/nowhere'])).code).toBe(2)
  })
})
