import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { sha256 } from '../../../src/base/sha256.ts'
import { must } from '../../../src/cli/demo/desk.ts'
import { readCredential } from '../../../src/formats/sd-jwt/present.ts'
import { newEs256Key } from '../../../src/keys/sign-jws.ts'
import { engines } from '../../support/engines.ts'
import {
  configuration,
  copiesOf,
  offer,
  openUnion,
  signedIn,
  type Union,
  walletAgent,
} from '../../support/wallet-agent.ts'

const refused = (error: string, status = 400) => ({ status, body: { error } })

describe.each(engines)('the credential issuer on %s', (engine) => {
  let union: Union
  let people: readonly string[]
  beforeAll(async () => {
    union = await openUnion(engine)
    people = union.people
  })
  afterAll(() => union.server.close())

  it('hands out three copies with keys and statuses of their own', async () => {
    const wallet = await signedIn(union, people[0]!)
    const told = await wallet.credentials(wallet.token, 3)
    expect(told.status).toBe(200)
    expect(told.headers.get('cache-control')).toBe('no-store')
    const copies = copiesOf(told).map((each) => readCredential(sha256, each).claims)
    expect(copies).toHaveLength(3)
    for (const name of ['cnf', 'status']) {
      const values = copies.map((claims) => JSON.stringify(claims[name]))
      expect(new Set(values).size, name).toBe(3)
    }
    expect(copies[0]).toMatchObject({
      iss: union.server.url,
      vct: `${union.server.url}/vct/union-membership/1`,
      membership_number: people[0],
      name_masked: '欧阳**',
      organisation: { code: '640104', level: 'county' },
      occupation_group: 'courier',
      new_employment_form: true,
      standing: 'active',
    })
    expect(JSON.stringify(copies)).not.toMatch(/id_number|mobile|address/)
  })

  it('shows an offer as often as it is asked for', async () => {
    const made = await offer(union.staff, people[0]!)
    const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(made.uri)).text()))
    expect(new Set(answers).size).toBe(1)
    expect((await walletAgent(union.server).exchange(made)).status).toBe(200)
  })

  it('refuses a code that was exchanged', async () => {
    const made = await offer(union.staff, people[0]!)
    const wallet = walletAgent(union.server)
    expect((await wallet.exchange(made)).status).toBe(200)
    expect(await wallet.exchange(made)).toMatchObject(refused('invalid_grant'))
  })

  it('lets one of twenty exchanges of one code win', async () => {
    const made = await offer(union.staff, people[0]!)
    const wallets = Array.from({ length: 20 }, () => walletAgent(union.server))
    const told = await Promise.all(wallets.map((wallet) => wallet.exchange(made)))
    expect(told.filter(({ status }) => status === 200)).toHaveLength(1)
    const others = told.filter(({ status }) => status !== 200)
    for (const other of others) expect(other).toMatchObject(refused('invalid_grant'))
  })

  it('ends an offer at the fifth wrong transaction code, and refuses the right one then', async () => {
    const made = await offer(union.staff, people[0]!)
    const wallet = walletAgent(union.server)
    const wrong = made.txCode === '000000' ? '000001' : '000000'
    for (let i = 0; i < 5; i++) {
      const told = await wallet.exchange({ ...made, txCode: wrong })
      expect(told).toMatchObject(refused('invalid_grant'))
    }
    expect(await wallet.exchange(made)).toMatchObject(refused('invalid_grant'))
  })

  it('counts every one of many wrong codes that come at once', async () => {
    const made = await offer(union.staff, people[0]!)
    const wrong = made.txCode === '000000' ? '000001' : '000000'
    const tries = Array.from({ length: 4 }, () => walletAgent(union.server))
    await Promise.all(tries.map((wallet) => wallet.exchange({ ...made, txCode: wrong })))
    const { credentialOffers } = union.server.store.read.tables
    const rows = await union.server.store.read.select().from(credentialOffers)
    expect(rows.find(({ id }) => id === made.id)?.triesLeft).toBe(1)
  })

  it('asks for a transaction code that is missing', async () => {
    const made = await offer(union.staff, people[0]!)
    const told = await walletAgent(union.server).tokens({
      grant_type: 'urn:ietf:params:oauth:grant-type:pre-authorized_code',
      'pre-authorized_code': made.code,
    })
    expect(told).toMatchObject(refused('invalid_request'))
  })

  it('refuses a code that nobody made', async () => {
    const made = await offer(union.staff, people[0]!)
    const code = `${made.code.slice(0, -3)}AAA`
    const told = await walletAgent(union.server).exchange({ ...made, code })
    expect(told).toMatchObject(refused('invalid_grant'))
  })

  it('refuses an offer that has expired', async () => {
    const made = await offer(union.staff, people[0]!)
    union.server.now += 73 * 3600 * 1000
    const told = await walletAgent(union.server).exchange(made)
    expect(told).toMatchObject(refused('invalid_grant'))
    expect((await fetch(made.uri)).status).toBe(404)
    union.staff = { ...union.staff, ...(await union.staff.signIn()) }
  })

  it('refreshes tokens once, for the same key', async () => {
    const wallet = await signedIn(union, people[0]!)
    const form = { grant_type: 'refresh_token', refresh_token: wallet.refreshToken }
    const stranger = walletAgent(union.server)
    expect(await stranger.tokens(form)).toMatchObject(refused('invalid_grant'))
    const told = await wallet.tokens(form)
    expect(told.status).toBe(200)
    expect(await wallet.tokens(form)).toMatchObject(refused('invalid_grant'))
    expect(await wallet.credentials(wallet.token)).toMatchObject(refused('invalid_token', 401))
    expect((await wallet.credentials(String(told.body.access_token))).status).toBe(200)
  })

  it('lets one of ten refreshes, and one of ten uses of a nonce, win', async () => {
    const wallet = await signedIn(union, people[3]!)
    const ten = Array.from({ length: 10 })
    const nonce = await wallet.nonceOf()
    const ask = () => {
      const proofs = { jwt: [wallet.keyProof(nonce)] }
      const body = { credential_configuration_id: configuration, proofs }
      return wallet.post('credential', wallet.token, body)
    }
    const used = await Promise.all(ten.map(ask))
    expect(used.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(used.filter(({ body }) => body.error === 'invalid_nonce')).toHaveLength(9)
    const form = { grant_type: 'refresh_token', refresh_token: wallet.refreshToken }
    const refreshed = await Promise.all(ten.map(() => wallet.tokens(form)))
    expect(refreshed.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(refreshed.filter(({ body }) => body.error === 'invalid_grant')).toHaveLength(9)
  })

  it('hands out what was deferred once, to one of ten that ask at once', async () => {
    const wallet = await signedIn(union, people[3]!, true)
    const told = await wallet.credentials(wallet.token, 2)
    expect(told).toMatchObject({ status: 202, body: { interval: 5 } })
    const { transaction_id } = told.body
    const ask = () => wallet.post('deferred-credential', wallet.token, { transaction_id })
    const stranger = await signedIn(union, people[4]!)
    const other = await stranger.post('deferred-credential', stranger.token, { transaction_id })
    expect(other).toMatchObject(refused('invalid_transaction_id'))
    expect((await ask()).status).toBe(202)
    const approve = `/admin/credential-offers/${wallet.offerId}/approve`
    await must(union.staff.ask('POST', approve, {}))
    const all = await Promise.all(Array.from({ length: 10 }, ask))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    const late = all.filter(({ body }) => body.error === 'invalid_transaction_id')
    expect(late).toHaveLength(9)
  })

  it('lets pages of other origins ask', async () => {
    const at = `${union.server.url}/openid4vci/credential`
    const answer = await fetch(at, { method: 'OPTIONS' })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-headers')).toContain('DPoP')
  })

  describe('refuses', () => {
    let wallet: Awaited<ReturnType<typeof signedIn>>
    const request = (proofs: object) => ({ credential_configuration_id: configuration, proofs })
    const ask = async (payload: object, header: object = {}) => {
      const jwt = [wallet.keyProof(await wallet.nonceOf(), payload, header)]
      return wallet.post('credential', wallet.token, request({ jwt }))
    }
    beforeAll(async () => {
      wallet = await signedIn(union, people[1]!)
    })

    it('a key proof whose nonce was used', async () => {
      const nonce = await wallet.nonceOf()
      const once = () =>
        wallet.post('credential', wallet.token, request({ jwt: [wallet.keyProof(nonce)] }))
      expect((await once()).status).toBe(200)
      expect(await once()).toMatchObject(refused('invalid_nonce'))
    })
    it('a nonce that is not ours', async () => {
      const told = await ask({ nonce: 'A'.repeat(43) })
      expect(told).toMatchObject(refused('invalid_nonce'))
    })
    it('a nonce meant for DPoP', async () => {
      const answer = await fetch(`${union.server.url}/openid4vci/nonce`, { method: 'POST' })
      const told = await ask({ nonce: answer.headers.get('dpop-nonce') })
      expect(told).toMatchObject(refused('invalid_nonce'))
    })
    it('a key proof without a nonce', async () => {
      expect(await ask({ nonce: undefined })).toMatchObject(refused('invalid_proof'))
    })
    it('a stale key proof', async () => {
      const iat = union.server.now / 1000 - 61
      expect(await ask({ iat })).toMatchObject(refused('invalid_proof'))
    })
    it('a key proof from the future', async () => {
      const iat = union.server.now / 1000 + 61
      expect(await ask({ iat })).toMatchObject(refused('invalid_proof'))
    })
    it('a key proof for another issuer', async () => {
      expect(await ask({ aud: 'https://x.test' })).toMatchObject(refused('invalid_proof'))
    })
    it('a key proof of another type', async () => {
      expect(await ask({}, { typ: 'JWT' })).toMatchObject(refused('invalid_proof'))
    })
    it('a key proof by another key than it names', async () => {
      const told = await ask({}, { jwk: newEs256Key().jwk })
      expect(told).toMatchObject(refused('invalid_proof'))
    })
    it('two proofs by one key', async () => {
      const nonce = await wallet.nonceOf()
      const key = newEs256Key()
      const jwt = [1, 2].map(() => wallet.keyProof(nonce, {}, {}, key))
      const told = await wallet.post('credential', wallet.token, request({ jwt }))
      expect(told).toMatchObject(refused('invalid_proof'))
    })
    it('eleven proofs', async () => {
      expect(await wallet.credentials(wallet.token, 11)).toMatchObject(refused('invalid_proof'))
    })
    it('a request without proofs', async () => {
      const body = { credential_configuration_id: configuration }
      const told = await wallet.post('credential', wallet.token, body)
      expect(told).toMatchObject(refused('invalid_proof'))
    })
    it('an unknown configuration', async () => {
      const body = { credential_configuration_id: 'driving-licence' }
      const told = await wallet.post('credential', wallet.token, body)
      expect(told).toMatchObject(refused('unknown_credential_configuration'))
    })
    it('an unknown identifier', async () => {
      const told = await wallet.post('credential', wallet.token, { credential_identifier: 'x' })
      expect(told).toMatchObject(refused('unknown_credential_identifier'))
    })
    it('a configuration and an identifier at once', async () => {
      const body = { credential_configuration_id: configuration, credential_identifier: 'x' }
      const told = await wallet.post('credential', wallet.token, body)
      expect(told).toMatchObject(refused('invalid_credential_request'))
    })
    it('encryption, which is not supported', async () => {
      const body = { ...request({ jwt: [] }), credential_response_encryption: { enc: 'A128GCM' } }
      const told = await wallet.post('credential', wallet.token, body)
      expect(told).toMatchObject(refused('invalid_encryption_parameters'))
    })
    it('a body that is no object', async () => {
      const told = await wallet.post('credential', wallet.token, {}, { body: 'x' })
      expect(told).toMatchObject(refused('invalid_credential_request'))
    })
    it('a token in the query', async () => {
      const path = `/openid4vci/credential?access_token=${wallet.token}`
      const told = await wallet.post('credential', wallet.token, {}, { path })
      expect(told).toMatchObject(refused('invalid_request'))
    })
    it('a token as a bearer', async () => {
      const headers = { authorization: `Bearer ${wallet.token}` }
      const told = await wallet.post('credential', wallet.token, {}, { headers })
      expect(told).toMatchObject(refused('invalid_token', 401))
      expect(told.headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_token"/)
    })
    it('a token with the proof of another key', async () => {
      const told = await walletAgent(union.server).credentials(wallet.token)
      expect(told).toMatchObject(refused('invalid_token', 401))
    })
    it('a DPoP proof that was used', async () => {
      const jti = crypto.randomUUID()
      const told = [1, 2].map(() => wallet.credentials(wallet.token, 1, { dpop: { jti } }))
      const [first, second] = (await Promise.all(told)).toSorted((a, b) => a.status - b.status)
      expect(first?.status).toBe(200)
      expect(second).toMatchObject(refused('invalid_dpop_proof', 401))
    })
    it('a stale DPoP proof', async () => {
      const iat = union.server.now / 1000 - 61
      const told = await wallet.credentials(wallet.token, 1, { dpop: { iat } })
      expect(told).toMatchObject(refused('invalid_dpop_proof', 401))
    })
    it('a DPoP proof over another token', async () => {
      const told = await wallet.credentials(wallet.token, 1, { dpop: { ath: 'x' } })
      expect(told).toMatchObject(refused('invalid_dpop_proof', 401))
    })
    it('a DPoP proof without a nonce of ours, and gives one', async () => {
      const told = await wallet.credentials(wallet.token, 1, { dpop: { nonce: 'x' } })
      expect(told).toMatchObject(refused('use_dpop_nonce', 401))
      expect(told.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/)
    })
    it('a token whose ten minutes are over', async () => {
      const { now } = union.server
      union.server.now += 601_000
      const told = await wallet.credentials(wallet.token)
      expect(told).toMatchObject(refused('invalid_token', 401))
      union.server.now = now
    })
    it('a notification of nothing', async () => {
      const body = { notification_id: 'x', event: 'credential_accepted' }
      const told = await wallet.post('notification', wallet.token, body)
      expect(told).toMatchObject(refused('invalid_notification_id'))
    })
    it('a notification without a known event', async () => {
      const told = await wallet.post('notification', wallet.token, { notification_id: 'x' })
      expect(told).toMatchObject(refused('invalid_notification_request'))
    })
    it('an unknown transaction', async () => {
      const told = await wallet.post('deferred-credential', wallet.token, { transaction_id: 'x' })
      expect(told).toMatchObject(refused('invalid_transaction_id'))
    })
  })

  it('replays no DPoP proof at the token endpoint', async () => {
    const jti = crypto.randomUUID()
    const key = newEs256Key()
    const [one, two] = [await offer(union.staff, people[2]!), await offer(union.staff, people[2]!)]
    const wallet = walletAgent(union.server, key)
    await wallet.nonceOf()
    expect((await wallet.exchange(one, { dpop: { jti } })).status).toBe(200)
    const told = await wallet.exchange(two, { dpop: { jti } })
    expect(told).toMatchObject(refused('invalid_dpop_proof'))
    expect((await wallet.exchange(two)).status).toBe(200)
  })
})
