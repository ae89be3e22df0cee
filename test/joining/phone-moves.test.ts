import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { minute } from '../../src/base/clock.ts'
import { deviceAgent, type EnrolledDevice, keyAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { engines } from '../support/engines.ts'
import { claim, phone } from '../support/union.ts'
import { expectGoodBooks } from './applicant.ts'

describe.each(engines)('a new phone, on %s', (engine) => {
  let ground: Ground
  let next = 1
  beforeAll(async () => {
    ground = await openGround(engine)
  })
  afterAll(async () => {
    await expectGoodBooks(ground.server)
    await ground.server.close()
  })

  async function shown() {
    const { server, maker, people } = ground
    const old = await phone(server, maker.ask, people[next++]!.memberNo)
    const { id, url } = await must(old.ask('POST', '/me/phone-moves', {}), 201)
    const token = String(url).split('/phone/')[1]!
    return { old, id: String(id), token }
  }

  it('takes over with one scan and one tap; the old one is useless, vouchers are kept', async () => {
    const { server, benefitId } = ground
    const { old, id, token } = await shown()
    const voucher = await claim(old, benefitId)
    const fresh = keyAgent(server)
    const taken = await must(fresh.ask('POST', '/phone-moves', { token, name: '新手机' }), 201)
    const seen = await must(old.ask('GET', `/me/phone-moves/${id}`))
    expect(seen).toMatchObject({ state: 'taken', name: '新手机', check: taken.check })
    expect(await must(fresh.ask('GET', '/phone-moves/mine'))).toMatchObject({ state: 'taken' })
    const done = await must(old.ask('POST', `/me/phone-moves/${id}/confirm`, {}))
    expect(done.state).toBe('done')
    const { device } = await must(fresh.ask('GET', '/phone-moves/mine'))
    const agent = await deviceAgent(server, device as unknown as EnrolledDevice, fresh.key)
    const { items } = await must(agent.ask('GET', '/me/vouchers'))
    expect((items as unknown as { id: string }[]).map((one) => one.id)).toEqual([voucher])
    expect((await old.ask('GET', '/me')).body.code).toBe('AUTH_REQUIRED')
    const stale = await ground.till.ask('POST', '/redemptions/prepare', { code: old.code(voucher) })
    expect(stale.body.code).toBe('VOUCHER_NOT_FOUND')
    await must(ground.till.ask('POST', '/redemptions/prepare', { code: agent.code(voucher) }), 201)
    const leaves = await server.deployment.store.read.rows<{ kind: string }>(
      sql`select kind from journal_entries where kind like 'device.%' order by id desc limit 2`,
    )
    expect(leaves.map(({ kind }) => kind).toSorted()).toEqual(['device.enrol', 'device.revoke'])
  })

  it('is taken by one key, however many scan at once', async () => {
    const { server } = ground
    const { token } = await shown()
    const all = await Promise.all(
      Array.from({ length: 6 }, () => keyAgent(server).ask('POST', '/phone-moves', { token })),
    )
    expect(all.map(({ status }) => status).toSorted()).toEqual([201, 401, 401, 401, 401, 401])
  })

  it('moves once, however often the old phone confirms at once', async () => {
    const { server } = ground
    const { old, id, token } = await shown()
    const before = await old.ask('POST', `/me/phone-moves/${id}/confirm`, {})
    expect(before.body).toMatchObject({ code: 'VERSION_CONFLICT', state: 'open' })
    await must(keyAgent(server).ask('POST', '/phone-moves', { token }), 201)
    const all = await Promise.all(
      Array.from({ length: 5 }, () => old.ask('POST', `/me/phone-moves/${id}/confirm`, {})),
    )
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    const active = await server.deployment.store.read.rows<{ n: number }>(
      sql`select count(*) as n from devices
        where member_id = ${old.memberId} and revoked_at is null`,
    )
    expect(Number(active[0]?.n)).toBe(1)
  })

  it('is nobody else’s to see or to confirm, and ends after five minutes', async () => {
    const { server, member } = ground
    const { old, id, token } = await shown()
    await must(keyAgent(server).ask('POST', '/phone-moves', { token }), 201)
    for (const [method, path] of [
      ['GET', `/me/phone-moves/${id}`],
      ['POST', `/me/phone-moves/${id}/confirm`],
    ] as const) {
      const other = await member.ask(method, path, method === 'POST' ? {} : undefined)
      expect(other.body.code).toBe('NOT_FOUND')
    }
    expect((await keyAgent(server).ask('GET', '/phone-moves/mine')).body.code).toBe('NOT_FOUND')
    const late = await must(old.ask('POST', '/me/phone-moves', {}), 201)
    server.now += 5 * minute
    const confirm = await old.ask('POST', `/me/phone-moves/${id}/confirm`, {})
    expect(confirm).toMatchObject({ status: 410, body: { code: 'TOKEN_EXPIRED' } })
    const scan = { token: String(late.url).split('/phone/')[1] }
    const refused = await keyAgent(server).ask('POST', '/phone-moves', scan)
    expect(refused).toMatchObject({ status: 401, body: { code: 'ACTIVATION_INVALID' } })
  })
})
