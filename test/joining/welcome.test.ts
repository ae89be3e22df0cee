import { setTimeout as sleep } from 'node:timers/promises'

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { welcomeMembers } from '../../src/jobs/welcomes.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  benefit,
  counties,
  type Desk,
  desk,
  plantTree,
  programme,
  roster,
} from '../support/union.ts'
import { expectGoodBooks, newcomer } from './applicant.ts'

const [here, there] = counties
const onJoin = { supply: 'batch', stock: undefined, on_join: true }

describe.each(engines)('what a benefit gives on joining, on %s', (engine) => {
  let server: TestServer
  let maker: Desk
  let registrar: Desk
  const { people } = roster(here, 12)
  let next = 0
  const benefits: Record<string, string> = {}

  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    maker = await desk(server)
    registrar = await desk(server, { role: 'registrar' })
    const at = async (org: string) => programme(server, maker.ask, org)
    const money = await at(here)
    benefits.coupon = await benefit(maker.ask, money, onJoin)
    const miners = { fact: 'occupation', op: 'eq', value: 'construction' }
    benefits.miners = await benefit(maker.ask, money, { ...onJoin, criteria: miners })
    benefits.dear = await benefit(maker.ask, money, { ...onJoin, amount: 99_000_000 })
    benefits.quota = await benefit(maker.ask, money, {
      ...{ ...onJoin, sub_quotas: { organisations: [{ org_code: here, units: 1 }] } },
    })
    benefits.elsewhere = await benefit(maker.ask, await at(there), onJoin)
  })
  afterAll(async () => {
    await expectGoodBooks(server)
    await server.close()
  })

  async function joined(by: Desk = registrar) {
    const member = await newcomer(server, by, { person: people[next++]!, org: here })
    const { rows } = server.deployment.store.read
    const open = () =>
      rows<{ n: number }>(
        sql`select count(*) as n from joinings
          where welcomed_at is null and member_id = ${member.memberId}`,
      )
    for (let i = 0; i < 200 && Number((await open())[0]?.n) > 0; i++) await sleep(50)
    const path = `/admin/applications/${member.applicationId}`
    const { welcomes } = await must(registrar.ask('GET', path))
    const given = new Map(
      (welcomes as { benefit_id: string; refused?: string }[]).map((one) => [
        one.benefit_id,
        one.refused ?? 'given',
      ]),
    )
    const { items } = await must(member.ask('GET', '/me/vouchers'))
    return { member, given, vouchers: items as unknown as Record<string, string>[] }
  }

  it('is offered by itself, where criteria, scope and budget allow, and the rest is on record', async () => {
    const { member, given, vouchers } = await joined()
    expect(given.get(benefits.coupon!)).toBe('given')
    expect(given.get(benefits.miners!)).toBe('NOT_ELIGIBLE')
    expect(given.get(benefits.dear!)).toBe('BUDGET_EXHAUSTED')
    expect(given.get(benefits.elsewhere!)).toBe('NOT_ELIGIBLE')
    expect(given.get(benefits.quota!)).toBe('given')
    expect((await joined()).given.get(benefits.quota!)).toBe('QUOTA_EXHAUSTED')
    const coupon = vouchers.find(({ benefit_id }) => benefit_id === benefits.coupon)
    expect(coupon).toMatchObject({ state: 'offered' })
    const claimed = await must(member.ask('POST', `/me/vouchers/${coupon!.id}/claim`, {}))
    expect(claimed).toMatchObject({ state: 'active' })
  })

  it('is given once, however many follow at once', async () => {
    const { store, deployment, clock } = server
    const { memberId } = await newcomer(server, registrar, { person: people[next++]!, org: here })
    const running = { store, node: deployment.node, clock }
    await Promise.all(Array.from({ length: 5 }, () => welcomeMembers(running)))
    await store.transaction((tx) => {
      const { joinings } = tx.tables
      return tx.update(joinings).set({ welcomedAt: null })
    })
    await welcomeMembers(running)
    const [row] = await deployment.store.read.rows<{ n: number }>(
      sql`select count(*) as n from vouchers
        where member_id = ${memberId} and benefit_id = ${benefits.coupon}`,
    )
    expect(Number(row?.n)).toBe(1)
  })

  it('has two persons behind it: who wrote the benefit can not let the member in', async () => {
    const { given, vouchers } = await joined(maker)
    expect(new Set(given.values())).toEqual(new Set(['SELF_APPROVAL']))
    expect(vouchers).toEqual([])
  })

  it('has a proof of issue like any voucher of a batch', async () => {
    const { member, vouchers } = await joined()
    await expectGoodBooks(server)
    const id = vouchers.find(({ benefit_id }) => benefit_id === benefits.coupon)!.id
    const all = await must(member.ask('GET', `/me/vouchers/${id}/receipts`))
    expect(JSON.stringify(all)).toContain('batch.issue')
  })

  it('is never open stock', async () => {
    const money = await programme(server, maker.ask, here)
    const refused = await benefit(maker.ask, money, { on_join: true }).catch(String)
    expect(refused).toMatch(/on_join/)
  })
})
