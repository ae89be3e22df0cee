import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { keyAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { createStaff } from '../../src/identity/principals.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  benefit,
  claim,
  counties,
  type Desk,
  desk,
  importRoster,
  type Phone,
  phone,
  plantTree,
  programme,
  roster,
} from '../support/union.ts'
import { said } from './applicant.ts'

const [from, to] = counties
type Side = 'release' | 'receive'

describe.each(engines)('a transfer between two unions, on %s', (engine) => {
  let server: TestServer
  let all: Desk
  let old: Desk
  let next: Desk
  const { people, csv } = roster(from, 12)
  let used = 0

  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    all = await desk(server)
    await importRoster(server, all, { org: from, file: csv })
    old = await desk(server, { role: 'registrar', org: from })
    next = await desk(server, { role: 'registrar', org: to })
  })
  afterAll(() => server.close())

  const somebody = () => phone(server, all.ask, people[used++]!.memberNo)
  const decide = (by: Desk, id: unknown, side: Side, more: object = { decision: 'consent' }) =>
    by.ask('POST', `/admin/transfers/${id}/decisions`, { side, ...more })
  const unionOf = async ({ ask }: Phone) => (await must(ask('GET', '/me'))).organisation

  async function asked(member: Phone) {
    return String((await must(member.ask('POST', '/me/transfers', { org_code: to }), 201)).id)
  }

  it('moves the member when both have consented, and keeps the vouchers', async () => {
    const member = await somebody()
    const stock = await benefit(all.ask, await programme(server, all.ask))
    const voucher = await claim(member, stock)
    const id = await asked(member)
    expect(await must(decide(next, id, 'receive'))).toMatchObject({ state: 'waiting' })
    expect(await unionOf(member)).toMatchObject({ code: from })
    expect(await must(decide(old, id, 'release'))).toMatchObject({ state: 'done' })
    expect(await unionOf(member)).toMatchObject({ code: to })
    const { items } = await must(member.ask('GET', '/me/vouchers'))
    expect(items).toMatchObject([{ id: voucher, state: 'active' }])
    const stays = server.store.read.tables.memberships
    const rows = await server.store.read
      .select()
      .from(stays)
      .where(eq(stays.memberId, member.memberId))
    const [first, second] = rows.toSorted((a, b) => a.seq - b.seq)
    expect(first).toMatchObject({ orgCode: from, until: second!.from })
    expect(second).toMatchObject({ orgCode: to, until: null })
    const mine = await must(member.ask('GET', '/me/transfers'))
    expect(mine.items).toMatchObject([
      { id, state: 'done', asked_by: 'member', from: { code: from }, to: { code: to } },
    ])
    expect((await decide(old, id, 'release')).body).toMatchObject({
      ...{ code: 'VERSION_CONFLICT', state: 'done' },
    })
  })

  it('is refused with a reason that the member reads, and may be asked for again', async () => {
    const member = await somebody()
    const id = await asked(member)
    const without = await decide(old, id, 'release', { decision: 'refuse' })
    expect(without).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    const refusal = { decision: 'refuse', reason: '有未结清的互助金' }
    await must(decide(old, id, 'release', refusal))
    const late = await decide(next, id, 'receive')
    expect(late).toMatchObject({ status: 409, body: { state: 'refused' } })
    const mine = await must(member.ask('GET', '/me/transfers'))
    expect(mine.items).toMatchObject([
      { state: 'refused', refused_by: 'release', reason: refusal.reason },
    ])
    const again = await asked(member)
    await must(member.ask('POST', `/me/transfers/${again}/withdraw`, {}))
    const twice = await member.ask('POST', `/me/transfers/${again}/withdraw`, {})
    expect(twice.body).toMatchObject({ code: 'VERSION_CONFLICT', state: 'withdrawn' })
    expect(server.lines.join('')).not.toContain(refusal.reason)
  })

  it('needs two persons, neither of whom is the member', async () => {
    const member = await somebody()
    const id = await asked(member)
    await must(decide(all, id, 'release'))
    const same = await decide(all, id, 'receive')
    expect(same).toMatchObject({ status: 403, body: { code: 'SELF_APPROVAL' } })
    const program = await desk(server, { personId: all.personId })
    expect((await decide(program, id, 'receive')).body).toMatchObject({ code: 'SELF_APPROVAL' })
    const { members } = server.store.read.tables
    const [row] = await server.store.read
      .select()
      .from(members)
      .where(eq(members.id, member.memberId))
    const self = await desk(server, { personId: row!.personId })
    expect((await decide(self, id, 'receive')).body).toMatchObject({ code: 'SELF_APPROVAL' })
    await must(decide(next, id, 'receive'))
    expect(await unionOf(member)).toMatchObject({ code: to })
  })

  it('lets each union speak for itself alone, and shows others nothing', async () => {
    const member = await somebody()
    const id = await asked(member)
    const unknown = await decide(old, '01989d10-0000-7000-8000-000000000000', 'release')
    expect(unknown.status).toBe(404)
    expect((await decide(old, id, 'receive')).body).toEqual(unknown.body)
    expect((await decide(next, id, 'release')).body).toEqual(unknown.body)
    const stranger = await desk(server, { role: 'registrar', org: '640105' })
    expect((await decide(stranger, id, 'release')).body).toEqual(unknown.body)
    expect((await must(stranger.ask('GET', '/admin/transfers'))).items).toEqual([])
    const seen = async (by: Desk) => {
      const { items } = await must(by.ask('GET', '/admin/transfers?state=waiting'))
      return (items as unknown as { id: string }[]).find((one) => one.id === id)
    }
    expect(await seen(old)).toMatchObject({ sides: ['release'], member_no: member.memberNo })
    expect(await seen(next)).toMatchObject({ sides: ['receive'] })
    const other = await somebody()
    const path = `/me/transfers/${id}/withdraw`
    expect((await other.ask('POST', path, {})).body).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('waits once for a member, and not to where they are or to nowhere', async () => {
    const member = await somebody()
    const ask = (org_code: string) => member.ask('POST', '/me/transfers', { org_code })
    expect((await ask(from)).body).toMatchObject({ code: 'ALREADY_EXISTS', what: 'membership' })
    expect((await ask('999999')).body).toMatchObject({ code: 'NOT_FOUND' })
    const both = await Promise.all([ask(to), ask(to), ask(to)])
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409, 409])
  })

  it('is asked for by the old union, which has consented by that', async () => {
    const member = await somebody()
    const body = { member_id: member.memberId, to_org_code: to }
    expect((await next.ask('POST', '/admin/transfers', body)).status).toBe(404)
    const made = await must(old.ask('POST', '/admin/transfers', body), 201)
    expect(made).toMatchObject({ asked_by: 'union', released_at: server.now })
    expect(await must(decide(next, made.id, 'receive'))).toMatchObject({ state: 'done' })
  })

  it('is asked for by the new union for somebody who applies to it', async () => {
    const person = people[used]!
    const member = await somebody()
    const { code } = await must(next.ask('POST', '/admin/join-codes', { org_code: to }), 201)
    const applicant = keyAgent(server)
    await must(applicant.ask('POST', '/applications', { code, ...said(person) }), 201)
    const list = `/admin/applications?org_code=${to}`
    const [application] = (await must(next.ask('GET', list))).items as unknown as {
      id: string
      version: number
    }[]
    const { id, version } = application!
    const path = `/admin/applications/${id}/decisions`
    const approve = () => next.ask('POST', path, { decision: 'approve', version })
    expect((await approve()).body).toMatchObject({ code: 'TRANSFER_NEEDED' })
    const wish = { application_id: id }
    expect((await old.ask('POST', '/admin/transfers', wish)).status).toBe(404)
    const made = await must(next.ask('POST', '/admin/transfers', wish), 201)
    await must(decide(old, made.id, 'release'))
    expect(await unionOf(member)).toMatchObject({ code: to })
    expect((await approve()).body).toMatchObject({ state: 'approved' })
  })

  it('is done once, however many consent at the same moment', async () => {
    const member = await somebody()
    const id = await asked(member)
    const staff = await Promise.all(
      [from, from, to, to].map((org) => desk(server, { role: 'registrar', org })),
    )
    const told = await Promise.all(
      staff.map((by, i) => decide(by, id, i < 2 ? 'release' : 'receive')),
    )
    expect(told.map(({ status }) => status).toSorted()).toEqual([200, 200, 409, 409])
    expect(await unionOf(member)).toMatchObject({ code: to })
  })

  it('moves nobody who is elsewhere by now', async () => {
    const member = await somebody()
    const id = await asked(member)
    await must(decide(old, id, 'release'))
    const path = `/admin/members/${member.memberId}/transfer`
    await must(all.ask('POST', path, { org_code: '640105' }))
    const late = await decide(next, id, 'receive')
    expect(late.body).toMatchObject({ code: 'VERSION_CONFLICT', standing: 'elsewhere' })
    expect(await unionOf(member)).toMatchObject({ code: '640105' })
    await must(decide(next, id, 'receive', { decision: 'refuse', reason: '人已不在' }))
  })

  it('does not let a client stand for a second person', async () => {
    const owner = await server.store.transaction((tx) =>
      createStaff(tx, { name: '李', grants: [], now: server.now }),
    )
    const one = await desk(server, { personId: owner.personId, org: from })
    const two = await desk(server, { personId: owner.personId, org: to })
    const id = await asked(await somebody())
    await must(decide(one, id, 'release'))
    expect((await decide(two, id, 'receive')).body).toMatchObject({ code: 'SELF_APPROVAL' })
  })
})
