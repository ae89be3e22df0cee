import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { minute, second } from '../../src/base/clock.ts'
import { dpop } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { type Es256Key, newEs256Key, signJws } from '../../src/keys/sign-jws.ts'
import { benefit, counties, desk } from '../support/union.ts'
import { type Ground, openGround, submittedBatch } from './ground.ts'
import { at, send } from './proofs.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

describe('the token endpoint', () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround('sqlite')
  })
  afterAll(() => ground.server.close())

  const ask = (form: Record<string, string>, headers = {}) =>
    send(ground.server, {
      method: 'POST',
      path: '/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(form).toString(),
    })
  const claims = (subject: string, changes: object = {}) => {
    const now = Math.floor(ground.server.now / second)
    const aud = `${ground.server.url}/oauth/token`
    const times = { iat: now, exp: now + 60, jti: crypto.randomUUID() }
    return { iss: subject, sub: subject, aud, ...times, ...changes }
  }
  const asserted = (client_assertion: string) =>
    ask({
      grant_type: 'client_credentials',
      client_assertion_type: assertionType,
      client_assertion,
    })

  it('gives a client a bearer token for an assertion, once', async () => {
    const { clientId, key } = ground.maker
    const assertion = signJws(key, {}, claims(clientId))
    const given = await asserted(assertion)
    expect(given.body).toMatchObject({ token_type: 'Bearer', expires_in: 600 })
    expect(given.headers.get('cache-control')).toBe('no-store')
    expect(await asserted(assertion)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
  })

  it('refuses an assertion by another, about another, for another, too old or too long', async () => {
    const { clientId, key } = ground.maker
    const other = await desk(ground.server)
    const now = Math.floor(ground.server.now / second)
    const wrong: [Es256Key, object][] = [
      [newEs256Key(), claims(clientId)],
      [other.key, claims(clientId)],
      [key, claims(other.clientId)],
      [key, claims(clientId, { iss: other.clientId })],
      [key, claims(clientId, { aud: 'http://elsewhere/oauth/token' })],
      [key, claims(clientId, { exp: now - 6 })],
      [key, claims(clientId, { exp: now + 301 })],
      [key, claims(clientId, { exp: undefined })],
      [key, claims(clientId, { jti: undefined })],
      [key, claims('none')],
    ]
    for (const [by, about] of wrong) {
      const told = await asserted(signJws(by, {}, about))
      expect(told).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    }
    const good = signJws(key, {}, claims(clientId))
    const [, body = '', tail = ''] = good.split('.')
    for (const alg of ['none', 'HS256', 'RS256']) {
      const head = Buffer.from(JSON.stringify({ alg })).toString('base64url')
      for (const text of [`${head}.${body}.`, `${head}.${body}.${tail}`]) {
        expect((await asserted(text)).body.error).toBe('invalid_client')
      }
    }
  })

  it('gives a device a token for its assertion and proof, and neither alone', async () => {
    const { server, member } = ground
    const { key } = member
    const id = member.device.device_id
    const form = () => ({ grant_type: jwtBearer, assertion: signJws(key, {}, claims(id)) })
    const proof = () => dpop(server, key, 'POST', '/oauth/token')
    expect((await ask(form(), proof())).body.token_type).toBe('DPoP')
    const wrong: [Record<string, string>, object, string][] = [
      [form(), {}, 'invalid_dpop_proof'],
      [form(), dpop(server, newEs256Key(), 'POST', '/oauth/token'), 'invalid_dpop_proof'],
      [form(), dpop(at(server, -61 * second), key, 'POST', '/oauth/token'), 'invalid_dpop_proof'],
      [form(), dpop(server, key, 'GET', '/oauth/token'), 'invalid_dpop_proof'],
      [{ ...form(), assertion: signJws(newEs256Key(), {}, claims(id)) }, proof(), 'invalid_grant'],
      [{ grant_type: jwtBearer }, proof(), 'invalid_request'],
      [{ grant_type: 'password' }, {}, 'invalid_request'],
    ]
    for (const [given, headers, error] of wrong) {
      expect(await ask(given, headers)).toMatchObject({ status: 400, body: { error } })
    }
    const twice = [form(), proof()] as const
    await ask(...twice)
    expect((await ask(...twice)).body.error).toBe('invalid_grant')
  })

  it('lets a client with a secret read, but never approve', async () => {
    const { server, maker } = ground
    const grants = [{ role: 'admin', org_code: counties[0] }]
    const staff = await must(maker.ask('POST', '/admin/staff', { name: '李', grants }), 201)
    const given = { owner_id: staff.id, name: 'reader', grants }
    const made = await must(maker.ask('POST', '/admin/clients', given), 201)
    const basic = (secret: unknown) => ({
      authorization: `Basic ${Buffer.from(`${made.client_id}:${secret}`).toString('base64')}`,
    })
    const form = { grant_type: 'client_credentials' }
    for (const secret of ['', 'guess', `${made.client_secret}x`]) {
      expect(await ask(form, basic(secret))).toMatchObject({ body: { error: 'invalid_client' } })
    }
    const { body } = await ask(form, basic(made.client_secret))
    const authorization = `Bearer ${String(body.access_token)}`
    const get = { method: 'GET', path: '/api/v1/admin/batches', headers: { authorization } }
    expect((await send(server, get)).status).toBe(200)
    const { id, digest } = await submittedBatch(ground, await batchBenefit())
    const decided = await send(server, {
      method: 'POST',
      path: `/api/v1/admin/batches/${id}/decisions`,
      headers: {
        authorization,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify({ statement: maker.approval(id, digest) }),
    })
    expect(decided).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
  })

  it('lets nobody approve their own: not the maker, nor another client of the same person', async () => {
    const { server, maker } = ground
    const same = await desk(server, { personId: maker.personId })
    const other = await desk(server)
    const { id, digest } = await submittedBatch(ground, await batchBenefit())
    const decide = (by: typeof maker, statement: string) =>
      by.ask('POST', `/admin/batches/${id}/decisions`, { statement })
    for (const by of [maker, same]) {
      const told = await decide(by, by.approval(id, digest))
      expect(told).toMatchObject({ status: 403, body: { code: 'SELF_APPROVAL' } })
    }
    const wrong: [string, string][] = [
      [maker.approval(id, digest), 'PROOF_INVALID'],
      [other.approval('another', digest), 'PROOF_INVALID'],
      [other.approval(id, '00'.repeat(32)), 'DRY_RUN_STALE'],
      [(await desk(server)).approval(id, digest), 'PROOF_INVALID'],
    ]
    for (const [statement, code] of wrong) {
      expect((await decide(other, statement)).body.code).toBe(code)
    }
    const early = other.approval(id, digest)
    server.now += 6 * minute
    expect((await decide(other, early)).body.code).toBe('PROOF_INVALID')
    const done = await decide(other, other.approval(id, digest))
    expect(done).toMatchObject({ status: 200, body: { state: 'approved' } })
  })

  function batchBenefit() {
    const { maker, programmeId } = ground
    return benefit(maker.ask, programmeId, { supply: 'batch', stock: undefined })
  }
})
