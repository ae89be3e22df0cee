import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hour, minute } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { Authenticator, type Wrong } from '../support/authenticator.ts'
import { deskPage, invited, staffed } from '../support/browser-session.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { counties, desk, plantTree } from '../support/union.ts'

describe.each(engines)('signing in with a passkey on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
  })
  afterAll(() => server.close())

  const options = async () =>
    (await deskPage(server).ask('POST', '/staff/sign-in/options', {})).body
  const told = ({ status, body }: { status: number; body: { code?: string } }) => [
    status,
    body.code,
  ]

  it('begins with an invitation, and a session that is told to one host over TLS alone', async () => {
    const { page, principalId } = await staffed(server, { name: '李主任' })
    expect(page.given).toMatch(
      /^__Host-symbolon-desk=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    )
    const who = await must(page.ask('GET', '/admin/session'))
    expect(who).toMatchObject({
      ...{ id: principalId, name: '李主任', kind: 'staff' },
      grants: [{ role: 'admin', org_code: '640000', org_name_zh: '宁夏回族自治区总工会' }],
      node: { number: 64, code: 'nx' },
      session: { fresh_until: server.now + 15 * minute, ends_at: server.now + 12 * hour },
    })
    expect(who.permissions).toContain('staff.write')
    expect((await page.ask('GET', '/audit/checkpoint')).status).toBe(200)
  })

  it('asks for nobody’s name, for a verified holder, and for a passkey of this host', async () => {
    const { rpId, userVerification, allowCredentials } = await options()
    expect([rpId, userVerification, allowCredentials]).toEqual(['localhost', 'required', []])
    const { token } = await invited(server, {})
    const page = deskPage(server)
    const { body } = await page.ask('POST', '/staff/invitation', { invitation: token })
    expect(body).toMatchObject({
      name: '王干事',
      options: {
        rp: { id: 'localhost' },
        attestation: 'none',
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      },
    })
  })

  it('lets an invitation be taken up once, for 72 hours, and tells wrong ones nothing', async () => {
    const { token } = await staffed(server)
    const page = deskPage(server)
    const open = (invitation: string) => page.ask('POST', '/staff/invitation', { invitation })
    expect(told(await open(token))).toEqual([401, 'ACTIVATION_INVALID'])
    expect(told(await open('A'.repeat(43)))).toEqual([401, 'ACTIVATION_INVALID'])
    const late = await invited(server, {})
    const { options: asked } = (await open(late.token)).body
    const twice = [0, 1].map(() => ({
      invitation: late.token,
      response: new Authenticator(server.url).create(asked),
    }))
    const answers = await Promise.all(
      twice.map((body) => deskPage(server).ask('POST', '/staff/passkeys', body)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401])
    const old = await invited(server, {})
    server.now += 72 * hour
    expect(told(await open(old.token))).toEqual([401, 'ACTIVATION_INVALID'])
  })

  it('signs in again on another page, and out', async () => {
    const { signIn, page } = await staffed(server)
    const other = deskPage(server)
    expect((await signIn(other)).status).toBe(200)
    expect(other.cookie).not.toBe(page.cookie)
    await must(other.ask('POST', '/admin/session/end', {}))
    expect(other.given).toContain('Max-Age=0')
    other.cookie = ''
    expect(told(await other.ask('GET', '/admin/session'))).toEqual([401, 'AUTH_REQUIRED'])
    expect((await page.ask('GET', '/admin/session')).status).toBe(200)
  })

  it('ends a session for good when its holder signs out, whoever kept the cookie', async () => {
    const { page } = await staffed(server)
    const kept = page.cookie
    await must(page.ask('POST', '/admin/session/end', {}))
    page.cookie = kept
    expect(told(await page.ask('GET', '/admin/session'))).toEqual([401, 'AUTH_REQUIRED'])
  })

  it('ends a session after 30 idle minutes, and after 12 hours of work', async () => {
    const { page, signIn } = await staffed(server)
    server.now += 30 * minute
    expect(told(await page.ask('GET', '/admin/session'))).toEqual([401, 'AUTH_REQUIRED'])
    await signIn()
    for (let i = 0; i < 35; i++) {
      server.now += 20 * minute
      expect((await page.ask('GET', '/admin/session')).status).toBe(200)
    }
    server.now += 20 * minute
    expect(told(await page.ask('GET', '/admin/session'))).toEqual([401, 'AUTH_REQUIRED'])
  })

  it('never takes up a session that was put into the browser before (fixation)', async () => {
    const thief = await staffed(server)
    const victim = await staffed(server)
    for (const planted of [thief.page.cookie, `__Host-symbolon-desk=${'B'.repeat(43)}`]) {
      const page = deskPage(server)
      page.cookie = planted
      expect((await victim.signIn(page)).status).toBe(200)
      expect(page.cookie).not.toBe(planted)
      const old = deskPage(server)
      old.cookie = planted
      expect((await old.ask('GET', '/admin/session')).status).toBe(401)
      const { id } = await must(page.ask('GET', '/admin/session'))
      expect(id).toBe(victim.principalId)
    }
  })

  it('takes an assertion once (replay)', async () => {
    const { authenticator } = await staffed(server)
    authenticator.counter = 0
    const still = await staffed(server)
    const response = still.authenticator.get(await options())
    const page = deskPage(server)
    expect((await page.ask('POST', '/staff/sign-in', { response })).status).toBe(200)
    const again = await page.ask('POST', '/staff/sign-in', { response })
    expect(again.status).toBe(401)
    expect(['PROOF_REPLAYED', 'PROOF_INVALID']).toContain(again.body.code)
  })

  it('takes a challenge once, also from a passkey that does not count', async () => {
    const { token } = await invited(server, {})
    const page = deskPage(server)
    const uncounted = new Authenticator(server.url, { counter: 0 })
    const opened = await page.ask('POST', '/staff/invitation', { invitation: token })
    const made = { invitation: token, response: uncounted.create(opened.body.options) }
    expect((await page.ask('POST', '/staff/passkeys', made)).status).toBe(201)
    const asked = await options()
    const first = { response: uncounted.get(asked) }
    const second = { response: uncounted.get(asked) }
    expect((await page.ask('POST', '/staff/sign-in', first)).status).toBe(200)
    expect(told(await page.ask('POST', '/staff/sign-in', second))).toEqual([401, 'PROOF_REPLAYED'])
  })

  it('refuses a challenge after five minutes, another’s, and another ceremony’s', async () => {
    const { authenticator } = await staffed(server)
    const page = deskPage(server)
    const show = (response: object) => page.ask('POST', '/staff/sign-in', { response })
    const old = await options()
    server.now += 5 * minute
    expect(told(await show(authenticator.get(old)))).toEqual([401, 'PROOF_INVALID'])
    const made = Buffer.alloc(38, 1).toString('base64url')
    const own = authenticator.get(await options(), { challenge: made })
    expect(told(await show(own))).toEqual([401, 'PROOF_INVALID'])
    const { token } = await invited(server, {})
    const opened = await page.ask('POST', '/staff/invitation', { invitation: token })
    const { challenge } = opened.body.options as { challenge: string }
    const foreign = authenticator.get(await options(), { challenge })
    expect(told(await show(foreign))).toEqual([401, 'PROOF_INVALID'])
  })

  const wrongs: readonly [name: string, wrong: Wrong][] = [
    ['the wrong origin', { origin: 'https://phishing.example' }],
    ['the wrong RP ID', { rpId: 'phishing.example' }],
    ['a holder who was not verified', { unverified: true }],
    ['another ceremony’s type', { type: 'webauthn.create' }],
    ['a counter that goes back: a cloned authenticator', { counter: 1 }],
    ['another’s user handle', { userHandle: Buffer.from('somebody').toString('base64url') }],
  ]
  it.each(wrongs)('refuses %s', async (_name, wrong) => {
    const { authenticator, signIn } = await staffed(server)
    expect((await signIn()).status).toBe(200)
    const page = deskPage(server)
    const response = authenticator.get(await options(), wrong)
    expect(told(await page.ask('POST', '/staff/sign-in', { response }))).toEqual([
      ...[401, 'PROOF_INVALID'],
    ])
    expect(page.given).toBe('')
  })

  it('refuses to register by the wrong origin, RP ID, or without verification', async () => {
    const { token } = await invited(server, {})
    const page = deskPage(server)
    for (const [, wrong] of wrongs.slice(0, 3)) {
      const opened = await page.ask('POST', '/staff/invitation', { invitation: token })
      const response = new Authenticator(server.url).create(opened.body.options, wrong)
      const answer = await page.ask('POST', '/staff/passkeys', { invitation: token, response })
      expect(told(answer)).toEqual([401, 'PROOF_INVALID'])
    }
  })

  it('refuses another’s signature, and a passkey that nobody knows, alike', async () => {
    const { authenticator } = await staffed(server)
    const stranger = new Authenticator(server.url)
    const page = deskPage(server)
    const forged = { ...stranger.get(await options()), id: authenticator.id }
    const response = { ...forged, rawId: authenticator.id }
    expect(told(await page.ask('POST', '/staff/sign-in', { response }))).toEqual([
      ...[401, 'PROOF_INVALID'],
    ])
    const unknown = { response: stranger.get(await options()) }
    expect(told(await page.ask('POST', '/staff/sign-in', unknown))).toEqual([401, 'PROOF_INVALID'])
  })

  it('ends every session of a principal that is revoked, and lets nobody in as it', async () => {
    const boss = await staffed(server)
    const fired = await staffed(server, { role: 'maker', org: counties[0] })
    const fresh = await invited(server, { role: 'maker', org: counties[0] })
    await must(boss.ask('DELETE', `/admin/principals/${fired.principalId}`))
    await must(boss.ask('DELETE', `/admin/principals/${fresh.principalId}`))
    expect(told(await fired.ask('GET', '/admin/session'))).toEqual([401, 'AUTH_REQUIRED'])
    expect(told(await fired.signIn(deskPage(server)))).toEqual([401, 'AUTH_REQUIRED'])
    const late = { invitation: fresh.token }
    expect(told(await boss.ask('POST', '/staff/invitation', late))).toEqual([
      ...[401, 'ACTIVATION_INVALID'],
    ])
  })

  it('takes a write by cookie from its own pages alone', async () => {
    const { page } = await staffed(server)
    const list = { name: 'x', org_code: '640000' }
    const from = (headers: Record<string, string>) =>
      page.ask('POST', '/admin/lists', list, headers)
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: '' },
      { origin: `${server.url}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expect(told(await from(headers))).toEqual([403, 'FORBIDDEN'])
    }
    expect((await from({})).status).toBe(201)
    const stranger = { origin: 'https://evil.example' }
    const { authenticator } = await staffed(server)
    const body = { response: authenticator.get(await options()) }
    const answer = await deskPage(server).ask('POST', '/staff/sign-in', body, stranger)
    expect(told(answer)).toEqual([403, 'FORBIDDEN'])
  })

  it('asks for the passkey again before what weighs, a quarter of an hour later', async () => {
    const { ask, signIn } = await staffed(server)
    server.now += 15 * minute
    const given = { name: '新人', role: 'maker', org_code: counties[0] }
    expect(told(await ask('POST', '/admin/invitations', given))).toEqual([403, 'STEP_UP_REQUIRED'])
    expect(told(await ask('POST', '/admin/passkeys/options', {}))).toEqual([
      ...[403, 'STEP_UP_REQUIRED'],
    ])
    expect((await ask('POST', '/admin/lists', { name: 'y', org_code: '640000' })).status).toBe(201)
    expect((await signIn()).status).toBe(200)
    expect((await ask('POST', '/admin/invitations', given)).status).toBe(201)
  })

  it('goes on taking bearer tokens, which never are asked for a passkey', async () => {
    const { ask } = await desk(server)
    const { kind, session } = await must(ask('GET', '/admin/session'))
    expect([kind, session]).toEqual(['client', undefined])
    expect(told(await ask('POST', '/admin/passkeys/options', {}))).toEqual([403, 'FORBIDDEN'])
  })
})
