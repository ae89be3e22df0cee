import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Ask, Reply } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, counties, desk, roster, sendRoster } from '../support/union.ts'
import { counts, type Ground, openGround } from './ground.ts'

const key = () => crypto.randomUUID()
const replayed = ({ headers }: Reply) => headers.get('idempotent-replayed')

describe.each(engines)('one key, one effect, on %s', (engine) => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(engine, { instances: engine === 'postgres' ? 2 : 1 })
  })
  afterAll(() => ground.server.close())

  const list = (name = 'A') => ({ name, org_code: counties[0] })

  it('gives the same answer to the same key and body, and says that it is the same', async () => {
    const { ask } = ground.maker
    const options = { key: key() }
    const first = await ask('POST', '/admin/lists', list(), options)
    const again = await ask('POST', '/admin/lists', list(), options)
    expect(first.status).toBe(201)
    expect(replayed(first)).toBeNull()
    expect([again.status, again.body, replayed(again)]).toEqual([201, first.body, 'true'])
  })

  it('gives refusals again, too, also when what they were about has changed', async () => {
    const { shop, member, benefitId } = ground
    const id = await claim(member, benefitId)
    const code = { code: member.code(id) }
    const made = await must(shop.ask('POST', '/redemptions', code), 201)
    const options = { key: key() }
    const second = { code: member.code(id, 1) }
    const no = await shop.ask('POST', '/redemptions', second, options)
    expect(no).toMatchObject({ status: 409, body: { code: 'ALREADY_REDEEMED' } })
    const undo = { reason: 'wrong_voucher' }
    await must(shop.ask('POST', `/redemptions/${made.redemption_id}/reverse`, undo))
    const again = await shop.ask('POST', '/redemptions', second, options)
    expect([again.status, again.body, replayed(again)]).toEqual([409, no.body, 'true'])
  })

  it('remembers both when the servers are others', async () => {
    const { server, maker } = ground
    const [good, bad] = [{ key: key() }, { key: key() }]
    const first = await maker.ask('POST', '/admin/lists', list(), good)
    const refused = await maker.ask('POST', '/admin/lists/none/members', { member_nos: ['1'] }, bad)
    await server.restart()
    const again = await maker.ask('POST', '/admin/lists', list(), good)
    expect([again.body, replayed(again)]).toEqual([first.body, 'true'])
    const no = await maker.ask('POST', '/admin/lists/none/members', { member_nos: ['1'] }, bad)
    expect([no.status, no.body, replayed(no)]).toEqual([404, refused.body, 'true'])
  })

  it('refuses IDEMPOTENCY_KEY_REUSED to another body, or another path, of the same route', async () => {
    const { ask } = ground.maker
    const options = { key: key() }
    await must(ask('POST', '/admin/lists', list('A'), options), 201)
    const other = await ask('POST', '/admin/lists', list('B'), options)
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })
    const paths = [{ key: key() }]
    await ask('POST', '/admin/lists/none/members', { member_nos: ['1'] }, paths[0])
    const path = await ask('POST', '/admin/lists/nobody/members', { member_nos: ['1'] }, paths[0])
    expect(path.body.code).toBe('IDEMPOTENCY_KEY_REUSED')
    const first = await ask('POST', '/admin/lists', list('A'), options)
    expect(replayed(first)).toBe('true')
  })

  it('keeps the keys of two principals apart', async () => {
    const other = await desk(ground.server)
    const options = { key: key() }
    const first = await must(ground.maker.ask('POST', '/admin/lists', list(), options), 201)
    const second = await must(other.ask('POST', '/admin/lists', list(), options), 201)
    expect(second.id).not.toBe(first.id)
  })

  it('refuses IDEMPOTENCY_KEY_REQUIRED without a key, or with one that is none', async () => {
    const { server, maker } = ground
    for (const given of [undefined, 'short', 'k'.repeat(129), 'has space']) {
      const answer = await fetch(`${server.url}/api/v1/admin/lists`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${maker.token}`,
          'content-type': 'application/json',
          ...(given && { 'idempotency-key': given }),
        },
        body: JSON.stringify(list()),
      })
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_REQUIRED' })
    }
  })

  it('has one effect of twenty twins at once, and one answer for all', async () => {
    const { server, shop, member, benefitId } = ground
    const id = await claim(member, await freshStock(ground))
    const cases: [Ask, string, object, object][] = [
      [member.ask, `/benefits/${await freshStock(ground)}/claims`, {}, { vouchers: 1, journal: 1 }],
      [shop.ask, '/redemptions', { code: member.code(id) }, { redemptions: 1, journal: 1 }],
      [member.ask, `/benefits/${benefitId}/claims`, {}, { vouchers: 0, journal: 0 }],
      [shop.ask, '/redemptions', { code: 'SY1:NO' }, { redemptions: 0, refused: 1 }],
    ]
    for (const [ask, path, body, effect] of cases) {
      const before = await counts(server)
      const options = { key: key() }
      const twins = await Promise.all(
        Array.from({ length: 20 }, () => ask('POST', path, body, options)),
      )
      const after = await counts(server)
      for (const twin of twins) {
        expect([twin.status, twin.body]).toEqual([twins[0]?.status, twins[0]?.body])
      }
      expect(twins.filter((twin) => replayed(twin) === 'true').length).toBe(19)
      for (const [name, by] of Object.entries({ answers: 1, ...effect })) {
        const counted = name as keyof typeof after
        expect([name, after[counted] - before[counted]]).toEqual([name, by])
      }
    }
  })

  it('tells a terminal what its redemption was answered when the answer was lost', async () => {
    const { shop, member } = ground
    const id = await claim(member, await freshStock(ground))
    const options = { key: key() }
    const lost = await shop.ask('POST', '/redemptions', { code: member.code(id) }, options)
    const learned = await must(shop.ask('GET', `/redemptions/by-key/${options.key}`))
    expect(learned).toEqual({ status: 201, answer: lost.body })
    const no = { key: key() }
    const refused = await shop.ask('POST', '/redemptions', { code: 'SY1:NO' }, no)
    const told = await must(shop.ask('GET', `/redemptions/by-key/${no.key}`))
    expect(told).toEqual({ status: refused.status, answer: refused.body })
    const none = await shop.ask('GET', `/redemptions/by-key/${key()}`)
    expect(none).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
  })

  it('imports a roster once, however often it is sent', async () => {
    const { maker, server } = ground
    const sent = { org: counties[1], file: roster(counties[1], 3).csv, key: key() }
    const first = await sendRoster(server, maker, sent)
    const again = await sendRoster(server, maker, sent)
    expect(await again.json()).toEqual(await first.json())
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    const other = await sendRoster(server, maker, { ...sent, file: roster(counties[1], 4).csv })
    expect(await other.json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  })
})

async function freshStock({ maker, programmeId }: Ground): Promise<string> {
  return benefit(maker.ask, programmeId, { stock: 5 })
}
