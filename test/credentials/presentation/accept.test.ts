import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authorityKeysOf } from '../../../src/formats/certificate.ts'
import { declineRequest, planAnswer, sendAnswer } from '../../../src/wallet/answer.ts'
import { resolveRequest } from '../../../src/wallet/request.ts'
import { engines } from '../../support/engines.ts'
import { desk } from '../../support/union.ts'
import {
  asked,
  nameQuery,
  newCredential,
  openVerifier,
  platformOf,
  presentTo,
  refusalOf,
  result,
  roleKey,
  trusting,
  type VerifierTest,
} from './ground.ts'

describe.each(engines)('a verification on %s', (engine) => {
  let ground: VerifierTest
  beforeAll(async () => {
    ground = await openVerifier(engine)
  })
  afterAll(() => ground.close())

  it('shows who asked what a wallet has shown, and nothing that was not asked for', async () => {
    const { id, link } = await asked(ground)
    expect(await result(ground, id)).toMatchObject({ state: 'pending' })
    await presentTo(ground, link, [await newCredential(ground)])
    const { state, credentials } = await result(ground, id)
    expect(state).toBe('verified')
    expect(credentials).toEqual({
      card: [
        {
          issuer: ground.server.url,
          type: ground.vct,
          expires: expect.any(Number),
          claims: { name: '李雷', standing: 'active' },
        },
      ],
    })
  })

  it('works with x509_san_dns as with x509_hash', async () => {
    const { id, link } = await asked(ground, { client_id_prefix: 'x509_san_dns' })
    expect(link).toContain('client_id=x509_san_dns:localhost')
    await presentTo(ground, link, [await newCredential(ground)])
    expect(await result(ground, id)).toMatchObject({ state: 'verified' })
  })

  it('lets a wallet fetch the request three times, by POST and by GET, and succeed', async () => {
    const { id, link } = await asked(ground)
    const platform = platformOf(ground.server)
    const policy = trusting(ground.server, () => ground.server.now)
    const once = await resolveRequest(platform, link, policy)
    const twice = await resolveRequest(platform, link, policy)
    const byGet = link.replace('&request_uri_method=post', '')
    const thrice = await resolveRequest(platform, byGet, policy)
    expect([twice.nonce, thrice.nonce]).toEqual([once.nonce, once.nonce])
    await presentTo(ground, link, [await newCredential(ground)])
    expect(await result(ground, id)).toMatchObject({ state: 'verified' })
  })

  it('accepts one presentation; a second is told that there was one', async () => {
    const { id, link } = await asked(ground)
    const credential = await newCredential(ground)
    const platform = platformOf(ground.server)
    const policy = trusting(ground.server, () => ground.server.now)
    const request = await resolveRequest(platform, link, policy)
    const plan = planAnswer(platform, request, [credential])
    const all = await Promise.all([1, 2, 3].map(() => refusalOf(sendAnswer(platform, plan))))
    expect(all.toSorted()).toEqual(['REQUEST_ANSWERED', 'REQUEST_ANSWERED', 'accepted'])
    expect(await refusalOf(sendAnswer(platform, plan))).toBe('REQUEST_ANSWERED')
    expect(await result(ground, id)).toMatchObject({ state: 'verified' })
  })

  it('tells who asked that a member has declined, and goes on waiting', async () => {
    const { id, link } = await asked(ground)
    const platform = platformOf(ground.server)
    const policy = trusting(ground.server, () => ground.server.now)
    const request = await resolveRequest(platform, link, policy)
    await declineRequest(platform, request)
    expect(await result(ground, id)).toMatchObject({ state: 'pending', refused: 'WALLET_DECLINED' })
    await presentTo(ground, link, [await newCredential(ground)])
    expect(await result(ground, id)).not.toHaveProperty('refused')
  })

  it('asks for credentials of an authority by its key', async () => {
    const aki = authorityKeysOf([Buffer.from(roleKey(ground.server, 'issuer').x5c[0]!, 'base64')])
    const query = (values: readonly string[]) =>
      nameQuery(ground, { trusted_authorities: [{ type: 'aki', values }] })
    const held = [await newCredential(ground)]
    const ours = await asked(ground, { dcql_query: query(aki) })
    await presentTo(ground, ours.link, held)
    expect(await result(ground, ours.id)).toMatchObject({ state: 'verified' })
    const other = await asked(ground, { dcql_query: query(['x']) })
    expect(await refusalOf(presentTo(ground, other.link, held))).toBe('DCQL_UNSATISFIED')
  })

  it('is not asked for by what is no query, or hangs on nothing', async () => {
    const bodies = [
      { dcql_query: { credentials: [] } },
      { dcql_query: { ...nameQuery(ground), credential_sets: [{ options: [['x']] }] } },
      {
        dcql_query: nameQuery(ground),
        transaction_data: [{ type: 'x', credential_ids: ['other'] }],
      },
      { dcql_query: nameQuery(ground), webhook: 'http://10.0.0.1/x' },
      { dcql_query: nameQuery(ground), redirect_uri: 'ftp://x.test/' },
      { dcql_query: nameQuery(ground), expires_in_seconds: 5 },
    ]
    for (const body of bodies) {
      const answer = await ground.ask('POST', '/verifications', body)
      expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED'])
    }
  })

  it('gives the result of a redirection to the response code alone', async () => {
    const redirect_uri = `${ground.server.url}/done`
    const { id, link } = await asked(ground, { redirect_uri })
    const { redirectUri } = await presentTo(ground, link, [await newCredential(ground)])
    const code = redirectUri?.match(/#response_code=([\w-]{22})$/)?.[1]
    expect(code).toBeTypeOf('string')
    expect(await result(ground, id)).not.toHaveProperty('credentials')
    expect(await result(ground, id, '?response_code=x')).not.toHaveProperty('credentials')
    expect(await result(ground, id, `?response_code=${code}`)).toHaveProperty('credentials')
  })

  it('shows nobody else’s', async () => {
    const { id } = await asked(ground)
    const other = await desk(ground.server, { role: 'verifier' })
    expect((await other.ask('GET', `/verifications/${id}`)).body.code).toBe('NOT_FOUND')
    const maker = await desk(ground.server, { role: 'maker' })
    const body = { dcql_query: nameQuery(ground) }
    expect((await maker.ask('POST', '/verifications', body)).body.code).toBe('FORBIDDEN')
  })
})
