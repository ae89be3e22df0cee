import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { must } from '../../src/cli/demo/desk.ts'
import { approveOffer, createOffer, offerLink } from '../../src/credentials/issuance/offers.ts'
import { memberByNo } from '../../src/identity/devices.ts'
import { planAnswer, sendAnswer } from '../../src/wallet/answer.ts'
import {
  exchangeCode,
  notify,
  type Obtained,
  obtain,
  obtainDeferred,
  refresh,
} from '../../src/wallet/obtain.ts'
import { readIssuer, resolveOffer } from '../../src/wallet/offer.ts'
import { resolveRequest } from '../../src/wallet/request.ts'
import { platformOf, trusting } from '../credentials/presentation/ground.ts'
import { newKey } from '../formats/es256.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { engines } from '../support/engines.ts'
import { type Desk, desk } from '../support/union.ts'

describe.each(engines)('our own wallet on %s', (engine) => {
  let ground: Ground
  let verifier: Desk
  beforeAll(async () => {
    ground = await openGround(engine)
    verifier = await desk(ground.server, { role: 'verifier' })
  })
  afterAll(() => ground.server.close())

  async function offered(waits = false) {
    const { store, deployment, now, url } = ground.server
    const made = await store.transaction(async (tx) => {
      const member = await memberByNo(tx, ground.people[2]!.memberNo)
      const given = { memberId: member!.id, waits, createdBy: 'test', now }
      return createOffer(tx, deployment.node, given)
    })
    return { ...made, link: offerLink(url, made.id), txCode: String(made.txCode) }
  }

  async function signIn(link: string, txCode: string) {
    const platform = platformOf(ground.server)
    const offer = await resolveOffer(platform, link)
    const endpoints = await readIssuer(platform, offer.issuer)
    const given = { offer, endpoints, txCode, key: newKey() }
    const session = await exchangeCode(platform, given)
    return { platform, offer, endpoints, session }
  }

  function credentialsOf(obtained: Obtained) {
    if (!('credentials' in obtained)) throw new TypeError('it has to wait')
    return obtained.credentials
  }

  it('obtains a batch by a code that it was offered, and shows one of them', async () => {
    const { link, txCode } = await offered()
    const { platform, offer, endpoints, session } = await signIn(link, txCode)
    expect(offer.txCode).toMatchObject({ length: 6 })
    expect(endpoints.batchSize).toBe(10)
    const keys = [newKey(), newKey(), newKey()]
    const [configurationId = ''] = offer.configurationIds
    const obtained = await obtain(platform, session, { configurationId, keys })
    const held = credentialsOf(obtained)
    expect(held.map(({ key }) => key)).toEqual(keys)
    const { notificationId = '' } = obtained as { notificationId?: string }
    await notify(platform, session, { notificationId, event: 'credential_accepted' })

    const dcql_query = {
      credentials: [
        {
          ...{ id: 'card', format: 'dc+sd-jwt' },
          meta: { vct_values: [`${ground.server.url}/vct/union-membership/1`] },
          claims: [{ path: ['name'] }, { path: ['organisation', 'code'] }],
        },
      ],
    }
    const asked = await must(verifier.ask('POST', '/verifications', { dcql_query }), 201)
    const policy = trusting(ground.server, () => ground.server.now)
    const request = await resolveRequest(platform, String(asked.link), policy)
    const plan = planAnswer(platform, request, held)
    expect(plan.showings.map(({ claims }) => claims.map(({ path }) => path))).toEqual([
      [['name'], ['organisation', 'code']],
    ])
    await sendAnswer(platform, plan)
    const result = await must(verifier.ask('GET', `/verifications/${asked.id}`))
    expect(result).toMatchObject({
      state: 'verified',
      credentials: {
        card: [{ claims: { name: ground.people[2]!.name, organisation: { code: '640104' } } }],
      },
    })
  })

  it('fetches the offer three times, and exchanges its code once', async () => {
    const { link, txCode } = await offered()
    const platform = platformOf(ground.server)
    for (let i = 0; i < 3; i++) await resolveOffer(platform, link)
    await signIn(link, txCode)
    await expect(signIn(link, txCode)).rejects.toMatchObject({
      ...{ code: 'TOKEN_REFUSED', reason: 'invalid_grant' },
    })
  })

  it('is told that its transaction code is wrong', async () => {
    const { link, txCode } = await offered()
    const wrong = txCode === '000000' ? '000001' : '000000'
    const refused = { code: 'TOKEN_REFUSED', reason: 'invalid_grant' }
    await expect(signIn(link, wrong)).rejects.toMatchObject(refused)
    await signIn(link, txCode)
  })

  it('waits for what has to be approved, and gets it then', async () => {
    const { link, txCode, id } = await offered(true)
    const { platform, offer, session } = await signIn(link, txCode)
    const keys = [newKey()]
    const [configurationId = ''] = offer.configurationIds
    const first = await obtain(platform, session, { configurationId, keys })
    if (!('transactionId' in first)) throw new TypeError('it did not have to wait')
    const { transactionId } = first
    const again = await obtainDeferred(platform, session, { transactionId, keys })
    expect(again).toMatchObject({ transactionId, intervalSeconds: expect.any(Number) })
    const { store, now } = ground.server
    const approval = { offerId: id, approvedBy: 'x', now }
    await store.transaction((tx) => approveOffer(tx, approval))
    const obtained = await obtainDeferred(platform, session, { transactionId, keys })
    expect(credentialsOf(obtained).length).toBe(1)
  })

  it('renews its session, and the old token is worth nothing', async () => {
    const { link, txCode } = await offered()
    const { platform, offer, session } = await signIn(link, txCode)
    const renewed = await refresh(platform, session)
    const [configurationId = ''] = offer.configurationIds
    const wish = () => ({ configurationId, keys: [newKey()] })
    expect(credentialsOf(await obtain(platform, renewed, wish())).length).toBe(1)
    await expect(obtain(platform, session, wish())).rejects.toMatchObject({
      ...{ code: 'CREDENTIAL_REFUSED', reason: 'invalid_token' },
    })
  })
})
