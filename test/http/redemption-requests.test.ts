import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { sha256 } from '../../src/base/sha256.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { createOffer, offerLink } from '../../src/credentials/issuance/offers.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { memberByNo } from '../../src/identity/devices.ts'
import { databaseSource } from '../../src/ledger/log-source.ts'
import { verifyLog } from '../../src/ledger/verify.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import { planAnswer, sendAnswer } from '../../src/wallet/answer.ts'
import { exchangeCode, obtain } from '../../src/wallet/obtain.ts'
import { readIssuer, resolveOffer } from '../../src/wallet/offer.ts'
import type { HeldCredential } from '../../src/wallet/platform.ts'
import { resolveRequest } from '../../src/wallet/request.ts'
import { platformOf, trusting } from '../credentials/presentation/ground.ts'
import { newKey } from '../formats/es256.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, phone, till } from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'

describe.each(engines)('a redemption that the member confirms, on %s', (engine) => {
  let ground: Ground
  let held: HeldCredential[]
  beforeAll(async () => {
    ground = await openGround(engine)
    held = await cardsOf(ground.people[0]!.memberNo, 2)
  })
  afterAll(() => ground.server.close())

  /** Membership credentials, obtained as any wallet does. */
  async function cardsOf(memberNo: string, count: number) {
    const { server } = ground
    const { store, deployment, now, url } = server
    const made = await store.transaction(async (tx) => {
      const member = await memberByNo(tx, memberNo)
      return createOffer(tx, deployment.node, { memberId: member!.id, createdBy: 'test', now })
    })
    const platform = platformOf(server)
    const offer = await resolveOffer(platform, offerLink(url, made.id))
    const endpoints = await readIssuer(platform, offer.issuer)
    const txCode = String(made.txCode)
    const session = await exchangeCode(platform, { offer, endpoints, txCode, key: newKey() })
    const keys = Array.from({ length: count }, newKey)
    const [configurationId = ''] = offer.configurationIds
    const obtained = await obtain(platform, session, { configurationId, keys })
    if (!('credentials' in obtained)) throw new TypeError('it has to wait')
    return [...obtained.credentials]
  }

  async function request(body: object = { benefit_id: ground.benefitId }) {
    const made = await must(ground.till.ask('POST', '/redemption-requests', body), 201)
    return { id: String(made.id), qr: String(made.qr) }
  }

  async function resolved(qr: string) {
    const { server } = ground
    return resolveRequest(
      platformOf(server),
      qr,
      trusting(server, () => server.now),
    )
  }

  async function confirm(qr: string, cards = held) {
    const platform = platformOf(ground.server)
    await sendAnswer(platform, planAnswer(platform, await resolved(qr), cards))
  }

  const redeem = (request_id: string, more: object = {}) =>
    ground.till.ask('POST', '/redemptions', { request_id, ...more })

  it('shows the member what, where and how much, and is booked with their signature', async () => {
    const voucher = await claim(ground.member, ground.benefitId)
    const { id, qr } = await request()
    const { transactionData } = await resolved(qr)
    expect(transactionData.map(({ members }) => members)).toMatchObject([
      {
        ...{ type: 'urn:symbolon:redemption:1', amount: 1000, nonce: expect.any(String) },
        benefit: { id: ground.benefitId, name: { zh: '洗车券' } },
        merchant: { name: '面馆' },
        store: { id: ground.shop.storeId },
      },
    ])
    await confirm(qr)
    const state = await must(ground.till.ask('GET', `/redemption-requests/${id}`))
    expect(state).toEqual({ id, state: 'verified', expires_at: expect.any(Number) })
    const { status, body } = await redeem(id)
    expect([status, body.code]).toEqual([201, undefined])
    expect(body).toMatchObject({ voucher_id: voucher, uses_left: 0, amount: 1000 })
  })

  it('is booked once: a confirmation is worth one redemption', async () => {
    const twice = await benefit(ground.maker.ask, ground.programmeId, { uses: 2 })
    await claim(ground.member, twice)
    const { id, qr } = await request({ benefit_id: twice })
    await confirm(qr)
    const all = await Promise.all([1, 2, 3].map(() => redeem(id)))
    expect(all.map(({ status }) => status).toSorted()).toEqual([201, 409, 409])
    expect((await redeem(id)).body.code).toBe('TOKEN_ALREADY_USED')
  })

  it('is refused before the member has confirmed, and after it is too late', async () => {
    const { id, qr } = await request()
    expect((await redeem(id)).body).toMatchObject({
      ...{ code: 'CONFIRMATION_REQUIRED', needs: ['member'] },
    })
    await confirm(qr)
    const before = ground.server.now
    ground.server.now += 11 * 60_000
    try {
      expect((await redeem(id)).body.code).toBe('TOKEN_EXPIRED')
    } finally {
      ground.server.now = before
    }
  })

  it('is refused at another terminal', async () => {
    const { id, qr } = await request()
    await confirm(qr)
    const other = await till(ground.server, ground.maker.ask, ground.shop.storeId)
    const { body } = await other.ask('POST', '/redemptions', { request_id: id })
    expect(body.code).toBe('NOT_FOUND')
  })

  it('is refused for another amount than the member has seen', async () => {
    const details = { kind: 'coupon', face_value: 1000, minimum_spend: 3000 }
    const coupon = await benefit(ground.maker.ask, ground.programmeId, { details })
    await claim(ground.member, coupon)
    const ask = (body: object) => ground.till.ask('POST', '/redemption-requests', body)
    const missing = await ask({ benefit_id: coupon })
    expect(missing.body).toMatchObject({ code: 'CONFIRMATION_REQUIRED', needs: ['order_amount'] })
    const little = await ask({ benefit_id: coupon, order_amount: 2999 })
    expect(little.body.code).toBe('MIN_SPEND_NOT_MET')
    const { id, qr } = await request({ benefit_id: coupon, order_amount: 5000 })
    await confirm(qr)
    for (const more of [{}, { order_amount: 9000 }]) {
      expect((await redeem(id, more)).body.code).toBe('CONFIRMATION_REQUIRED')
    }
    expect((await redeem(id, { order_amount: 5000 })).status).toBe(201)
  })

  it('says why there is no voucher: none, or used', async () => {
    const { memberNo } = ground.people[3]!
    const cards = await cardsOf(memberNo, 1)
    const none = await request()
    await confirm(none.qr, cards)
    expect((await redeem(none.id)).body.code).toBe('VOUCHER_NOT_FOUND')
    const other = await phone(ground.server, ground.maker.ask, memberNo)
    const voucher = await claim(other, ground.benefitId)
    const { code } = { code: other.code(voucher) }
    await must(ground.till.ask('POST', '/redemptions', { code }), 201)
    const used = await request()
    await confirm(used.qr, cards)
    expect((await redeem(used.id)).body.code).toBe('ALREADY_REDEEMED')
  })

  it('leaves books that the auditor finds whole', async () => {
    const { logKey, location, store } = ground.server.deployment
    const waits = async () => (await store.read.$count(store.read.tables.pendingLeaves)) > 0
    while (await waits()) await new Promise((resolve) => setTimeout(resolve, 50))
    const policy = parsePolicy(sha256, Buffer.from(`log ${logKey.vkey}\nquorum none\n`))
    const report = await readSnapshot(location, (reader) =>
      verifyLog(databaseSource(reader, logKey.name), policy, { database: reader }),
    )
    expect(report.findings).toEqual([])
  })
})
