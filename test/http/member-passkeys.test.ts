import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day, minute } from '../../src/base/clock.ts'
import { deviceAgent, type EnrolledDevice, keyAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { Authenticator, type Wrong } from '../support/authenticator.ts'
import { deskPage } from '../support/browser-session.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  counties,
  type Desk,
  desk,
  importRoster,
  type Phone,
  phone,
  plantTree,
  roster,
} from '../support/union.ts'

describe.each(engines)('a member’s passkey on %s', (engine) => {
  let server: TestServer
  let clerk: Desk
  let numbers: string[]
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    clerk = await desk(server)
    const { people, csv } = roster(counties[0], 12)
    await importRoster(server, clerk, { org: counties[0], file: csv })
    numbers = people.map(({ memberNo }) => memberNo)
  })
  afterAll(() => server.close())

  const told = ({ status, body }: { status: number; body: { code?: string } }) => [
    status,
    body.code,
  ]
  /** A member who has added a passkey on the phone. */
  async function keyed() {
    clerk = { ...clerk, ...(await clerk.signIn()) }
    const member = await phone(server, clerk.ask, numbers.pop()!)
    const authenticator = new Authenticator(server.url)
    const options = await must(member.ask('GET', '/me/passkeys/options'))
    const given = { name: '我的手机', response: authenticator.create(options) }
    await must(member.ask('POST', '/me/passkeys', given), 201)
    return { member, authenticator, options }
  }
  async function enter(authenticator: Authenticator, wrong: Wrong = {}) {
    const { ask, key } = keyAgent(server)
    const options = await must(ask('POST', '/devices/passkey-options', {}))
    const response = authenticator.get(options, wrong)
    return { key, answer: await ask('POST', '/devices/by-passkey', { name: '新浏览器', response }) }
  }
  const back = async (member: Phone) => {
    member.token = (await deviceAgent(server, member.device, member.key)).token
  }

  it('makes a new browser the member’s, with the leaf that an enrolment by code has', async () => {
    const { member, authenticator } = await keyed()
    const { key, answer } = await enter(authenticator)
    expect(answer.status).toBe(201)
    expect(answer.body.member_id).toBe(member.memberId)
    const browser = await deviceAgent(server, answer.body as unknown as EnrolledDevice, key)
    const mine = await must(browser.ask('GET', '/me'))
    expect(mine.member_no).toBe(member.memberNo)
    const { items } = await must(member.ask('GET', '/me/devices'))
    expect((items as { name: string }[]).map(({ name }) => name)).toContain('新浏览器')
    const { read } = server.store
    const { journalEntries: j, devices: d } = read.tables
    const [row] = await read
      .select()
      .from(d)
      .where(eq(d.id, String(answer.body.device_id)))
    const enrolments = and(eq(j.kind, 'device.enrol'), eq(j.bucket, row!.bucket))
    expect(await read.$count(j, enrolments)).toBeGreaterThanOrEqual(2)
  })

  it('is listed, and removed, and then lets nobody in', async () => {
    const { member, authenticator } = await keyed()
    await must(
      enter(authenticator).then(({ answer }) => answer),
      201,
    )
    const { items } = await must(member.ask('GET', '/me/passkeys'))
    expect(items).toMatchObject([
      { id: authenticator.id, name: '我的手机', last_used_at: server.now },
    ])
    const { member: other } = await keyed()
    const path = `/me/passkeys/${authenticator.id}`
    expect(told(await other.ask('DELETE', path))).toEqual([404, 'NOT_FOUND'])
    await must(member.ask('DELETE', path))
    const { answer } = await enter(authenticator)
    expect(told(answer)).toEqual([401, 'PROOF_INVALID'])
  })

  it('says nothing personal to the phone that keeps it', async () => {
    const { member, options } = await keyed()
    const { user } = options as { user: { name: string; displayName: string } }
    expect([user.name, user.displayName]).toEqual(Array(2).fill('宁夏回族自治区总工会'))
    expect(JSON.stringify(options)).not.toContain(member.memberNo)
  })

  it('signs for one key: another browser cannot take an assertion that it has seen', async () => {
    const { authenticator } = await keyed()
    const [own, thief] = [keyAgent(server), keyAgent(server)]
    const options = await must(own.ask('POST', '/devices/passkey-options', {}))
    const response = authenticator.get(options)
    expect(told(await thief.ask('POST', '/devices/by-passkey', { response }))).toEqual([
      ...[401, 'PROOF_INVALID'],
    ])
    expect((await own.ask('POST', '/devices/by-passkey', { response })).status).toBe(201)
    expect((await own.ask('POST', '/devices/by-passkey', { response })).status).toBe(401)
  })

  it.each<[string, Wrong]>([
    ['the wrong origin', { origin: 'https://phishing.example' }],
    ['the wrong RP ID', { rpId: 'phishing.example' }],
    ['an unverified holder', { unverified: true }],
    ['a counter that goes back', { counter: 1 }],
    ['another’s user handle', { userHandle: 'AAAA' }],
  ])('is refused for %s', async (_name, wrong) => {
    const member = await phone(server, clerk.ask, numbers[0]!)
    const authenticator = new Authenticator(server.url)
    const options = await must(member.ask('GET', '/me/passkeys/options'))
    const response = authenticator.create(options)
    await must(member.ask('POST', '/me/passkeys', { response }), 201)
    const { answer } = await enter(authenticator, wrong)
    expect(told(answer)).toEqual([401, 'PROOF_INVALID'])
  })

  it('enrols five devices a day, also when six ask at once', async () => {
    const { member, authenticator } = await keyed()
    authenticator.counter = 0
    const { passkeys } = server.store.read.tables
    await server.store.transaction((tx) =>
      tx.update(passkeys).set({ counter: 0 }).where(eq(passkeys.id, authenticator.id)),
    )
    const answers = await Promise.all(Array.from({ length: 6 }, () => enter(authenticator)))
    const codes = answers.map(({ answer }) => answer.body.code ?? answer.status).sort()
    expect(codes).toEqual([...Array(5).fill(201), 'TOO_MANY_CODE_ATTEMPTS'])
    server.now += day
    await must(
      enter(authenticator).then(({ answer }) => answer),
      201,
    )
    await back(member)
  })

  it('opens the member’s door alone: not the desk’s', async () => {
    const { authenticator } = await keyed()
    const page = deskPage(server)
    const { body } = await page.ask('POST', '/staff/sign-in/options', {})
    const response = authenticator.get(body)
    expect(told(await page.ask('POST', '/staff/sign-in', { response }))).toEqual([
      ...[401, 'PROOF_INVALID'],
    ])
  })

  it('goes with the devices that staff revoke for a lost phone', async () => {
    const { member, authenticator } = await keyed()
    await must(clerk.ask('POST', `/admin/members/${member.memberId}/devices/revoke`, {}))
    const { answer } = await enter(authenticator)
    expect(told(answer)).toEqual([401, 'PROOF_INVALID'])
  })

  it('is added within five minutes, once', async () => {
    clerk = { ...clerk, ...(await clerk.signIn()) }
    const member = await phone(server, clerk.ask, numbers.pop()!)
    const options = await must(member.ask('GET', '/me/passkeys/options'))
    const add = (response: object) => member.ask('POST', '/me/passkeys', { response })
    await must(add(new Authenticator(server.url).create(options)), 201)
    expect(told(await add(new Authenticator(server.url).create(options)))).toEqual([
      ...[401, 'PROOF_REPLAYED'],
    ])
    const late = await must(member.ask('GET', '/me/passkeys/options'))
    server.now += 5 * minute
    expect(told(await add(new Authenticator(server.url).create(late)))).toEqual([
      ...[401, 'PROOF_INVALID'],
    ])
  })
})
