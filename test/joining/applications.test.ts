import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hour, minute } from '../../src/base/clock.ts'
import { deviceAgent, type EnrolledDevice, keyAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import {
  applicationsPerNetwork,
  countApplication,
  networkScope,
} from '../../src/identity/application-tries.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { counties, type Desk, desk, importRoster, plantTree, roster } from '../support/union.ts'
import { said } from './applicant.ts'

describe.each(engines)('applying to a union with its printed code, on %s', (engine) => {
  let server: TestServer
  let staff: Desk
  let other: Desk
  const members = roster(counties[0], 4)
  const elsewhere = roster(counties[1], 2)
  const strangers = roster(counties[0], 40, 'S').people.slice(20)
  let next = 0
  const stranger = () => strangers[next++]!

  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    const all = await desk(server)
    for (const [i, { csv }] of [members, elsewhere].entries()) {
      await importRoster(server, all, { org: counties[i]!, file: csv })
    }
    staff = await desk(server, { role: 'registrar', org: counties[0] })
    other = await desk(server, { role: 'registrar', org: counties[1] })
  })
  afterAll(() => server.close())

  /** Another time, at which the desks sign in anew. */
  async function later(ms: number) {
    server.now += ms
    staff = { ...staff, ...(await staff.signIn()) }
    other = { ...other, ...(await other.signIn()) }
  }
  async function printed(more: object = {}): Promise<{ id: string; code: string; url: string }> {
    const given = { org_code: counties[0], ...more }
    return (await must(staff.ask('POST', '/admin/join-codes', given), 201)) as never
  }
  async function applied(person = stranger(), code?: string) {
    const phone = keyAgent(server)
    const body = { code: code ?? (await printed()).code, ...said(person) }
    await must(phone.ask('POST', '/applications', body), 201)
    const list = `/admin/applications?org_code=${counties[0]}&limit=200`
    const { items } = await must(staff.ask('GET', list))
    const row = (items as unknown as { id: string; version: number }[]).at(-1)!
    return { phone, person, ...row }
  }
  const decide = (
    { id, version }: { id: string; version: number },
    decision: 'approve' | 'reject' | 'ask',
    by = staff,
  ) =>
    by.ask('POST', `/admin/applications/${id}/decisions`, {
      ...{ decision, version },
      ...(decision !== 'approve' && { reason: '请补充单位名称' }),
    })

  it('names the union and nothing else, until it ends or is revoked', async () => {
    const { code, id, url } = await printed({ ends_at: server.now + hour })
    expect(url).toBe(`${server.url}/#/join/${code}`)
    const { ask } = keyAgent(server)
    const told = await must(ask('GET', `/join-codes/${code}`))
    expect(Object.keys(told).toSorted()).toEqual(['node', 'organisation', 'server_time'])
    const list = `/admin/join-codes?org_code=${counties[0]}`
    expect(JSON.stringify(await must(staff.ask('GET', list)))).not.toContain(code)
    const stored = await server.deployment.store.read
      .select()
      .from(server.deployment.store.read.tables.joinCodes)
    expect(JSON.stringify(stored)).not.toContain(code)
    const unknown = await ask('GET', `/join-codes/${'A'.repeat(22)}`)
    expect(unknown).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    await later(hour)
    expect((await ask('GET', `/join-codes/${code}`)).body).toEqual(unknown.body)
    const revoked = await printed()
    const path = `/admin/join-codes/${revoked.id}/revoke`
    expect((await other.ask('POST', path, {})).status).toBe(404)
    await must(staff.ask('POST', path, {}))
    const late = await keyAgent(server).ask('POST', '/applications', {
      ...{ code: revoked.code, ...said(strangers[19]!) },
    })
    expect(late.body).toEqual(unknown.body)
    expect(id).not.toBe(revoked.id)
  })

  it('tells a stranger the same about anybody', async () => {
    const { code } = await printed()
    const answers = []
    for (const person of [stranger(), members.people[1]!, elsewhere.people[0]!]) {
      const { ask } = keyAgent(server)
      const { status, body } = await ask('POST', '/applications', { code, ...said(person) })
      const mine = await must(ask('GET', '/applications/mine'))
      answers.push({ status, body, mine })
    }
    expect(answers[0]).toMatchObject({ status: 201, body: { state: 'waiting' } })
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
  })

  it('says what is wrong with what was typed, and quotes nothing', async () => {
    const { code } = await printed()
    const person = stranger()
    const wrong = { ...said(person), id_number: person.idNumber.replace(/.$/, 'Z') }
    const { status, body } = await keyAgent(server).ask('POST', '/applications', { code, ...wrong })
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' })
    expect(body.issues).toEqual(['id_number: id_number_characters'])
    expect(JSON.stringify(body)).not.toContain(person.idNumber.slice(0, 12))
  })

  it('keeps what was said sealed, and shows staff no number', async () => {
    const { person, id } = await applied()
    const [row] = await server.deployment.store.read.rows<{ sealed: Uint8Array }>(
      sql`select sealed from applications where id = ${id}`,
    )
    const bytes = Buffer.from(row!.sealed)
    for (const text of [person.name, person.idNumber, person.mobile]) {
      expect(bytes.includes(text)).toBe(false)
    }
    const seen = await must(staff.ask('GET', `/admin/applications/${id}`))
    expect(seen).toMatchObject({ applicant: { name: person.name }, known_as: 'unknown' })
    expect(JSON.stringify(seen)).not.toContain(person.idNumber)
    expect(server.lines.join('')).not.toContain(person.idNumber)
    expect((await other.ask('GET', `/admin/applications/${id}`)).status).toBe(404)
    expect((await decide({ id, version: 1 }, 'approve', other)).status).toBe(404)
  })

  it('signs the approved applicant in with the key that applied, and no other', async () => {
    const application = await applied()
    const { phone } = application
    expect(await must(phone.ask('GET', '/applications/mine'))).toMatchObject({ state: 'waiting' })
    const done = await must(decide(application, 'approve'))
    expect(done).toMatchObject({ state: 'approved', member_id: expect.any(String) })
    expect(done.applicant).toBeUndefined()
    const { device } = await must(phone.ask('GET', '/applications/mine'))
    const agent = await deviceAgent(server, device as unknown as EnrolledDevice, phone.key)
    const me = await must(agent.ask('GET', '/me'))
    expect(me).toMatchObject({ name: application.person.name, standing: 'active' })
    const thief = keyAgent(server)
    expect((await thief.ask('GET', '/applications/mine')).status).toBe(404)
    await expect(
      deviceAgent(server, device as unknown as EnrolledDevice, thief.key),
    ).rejects.toThrow(/no token/)
    const kinds = await server.deployment.store.read.rows<{ kind: string }>(
      sql`select kind from journal_entries where kind = 'device.enrol'`,
    )
    expect(kinds.length).toBeGreaterThan(0)
  })

  it('is decided once, however many decide at once, on the version that was read', async () => {
    const application = await applied()
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, i) => decide(application, i % 2 ? 'approve' : 'reject')),
    )
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    const lost = all.filter(({ status }) => status !== 200).map(({ body }) => body.code)
    expect(new Set(lost)).toEqual(new Set(['VERSION_CONFLICT']))
  })

  it('makes one member of two applications by one person, approved at once', async () => {
    const person = stranger()
    const { code } = await printed()
    const two = [await applied(person, code), await applied(person, code)]
    const done = await Promise.all(two.map((one) => decide(one, 'approve')))
    expect(done.map(({ status }) => status)).toEqual([200, 200])
    const [a, b] = done.map(({ body }) => body.member_id)
    expect(a).toBe(b)
  })

  it('sends who belongs to another union to be transferred', async () => {
    const application = await applied(elsewhere.people[1]!)
    const seen = await must(staff.ask('GET', `/admin/applications/${application.id}`))
    expect(seen.known_as).toBe('member_elsewhere')
    const { status, body } = await decide(application, 'approve')
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'TRANSFER_NEEDED' })
    await must(decide(application, 'reject'))
    const mine = await must(application.phone.ask('GET', '/applications/mine'))
    expect(mine).toMatchObject({ state: 'rejected', reason: '请补充单位名称' })
  })

  it('gives who is a member already another device and changes nothing else', async () => {
    const person = members.people[2]!
    const application = await applied({ ...person, name: '冒名' })
    const done = await must(decide(application, 'approve'))
    const member = await must(staff.ask('GET', `/admin/members/${done.member_id}`))
    expect(member).toMatchObject({ member_no: person.memberNo, name: person.name })
  })

  it('is sent again when staff ask for more, and only then', async () => {
    const application = await applied()
    const { phone, person } = application
    const amend = () => phone.ask('POST', '/applications/mine/amendments', said(person))
    expect((await amend()).body.code).toBe('VERSION_CONFLICT')
    await must(decide(application, 'ask'))
    const asked = await must(phone.ask('GET', '/applications/mine'))
    expect(asked).toMatchObject({ state: 'more_needed', reason: '请补充单位名称' })
    await must(amend(), 201)
    expect((await decide(application, 'approve')).body.code).toBe('VERSION_CONFLICT')
    await must(decide({ ...application, version: 3 }, 'approve'))
  })

  it('is never decided by the applicant', async () => {
    const person = members.people[3]!
    const search = { member_no: person.memberNo }
    const { id } = await must(staff.ask('POST', '/admin/members/search', search))
    const [row] = await server.deployment.store.read.rows<{ person_id: string }>(
      sql`select person_id from members where id = ${id}`,
    )
    const own = await desk(server, {
      ...{ role: 'registrar', org: counties[0], personId: row!.person_id },
    })
    const application = await applied(person)
    for (const decision of ['approve', 'reject', 'ask'] as const) {
      expect((await decide(application, decision, own)).body.code).toBe('SELF_APPROVAL')
    }
  })

  it('takes one application by a key, and no more from a network than it may send', async () => {
    const { code } = await printed()
    const phone = keyAgent(server)
    const send = (by = phone) => by.ask('POST', '/applications', { code, ...said(strangers[18]!) })
    await must(send(), 201)
    expect((await send()).body.code).toBe('ALREADY_EXISTS')
    await later(11 * minute)
    const { now } = server
    const { node } = server.deployment
    const scope = networkScope(node, '127.0.0.1')
    const tries = await Promise.all(
      Array.from({ length: applicationsPerNetwork + 5 }, () =>
        server.store.transaction((tx) =>
          countApplication(tx, { scope, limit: applicationsPerNetwork, now }),
        ),
      ),
    )
    expect(tries.filter(Boolean)).toHaveLength(applicationsPerNetwork)
    const full = await send(keyAgent(server))
    expect(full).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } })
    await later(10 * minute)
    await must(send(keyAgent(server)), 201)
  })
})
