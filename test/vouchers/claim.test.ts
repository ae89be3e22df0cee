import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import type { BenefitVersion } from '../../src/benefits/versions.ts'
import { claimOffer, claimStock } from '../../src/vouchers/claim.ts'
import type { Voucher } from '../../src/vouchers/states.ts'
import { enrol } from '../support/device.ts'
import { engines } from '../support/engines.ts'
import {
  audit,
  benefit,
  change,
  issue,
  kinds,
  members,
  reread,
  type Story,
  type StoryMember,
  secondAccount,
  tellStory,
} from '../support/story.ts'
import { holding, spend } from './support.ts'

describe.each(engines)('claiming on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(async () => {
    await audit(story)
    await story.close()
  })

  const claim = ({ memberId, bucket }: StoryMember, { id: voucherId }: Pick<Voucher, 'id'>) => {
    const { store, node, now } = story
    return store.transaction((tx) => claimOffer(tx, node, { memberId, bucket, voucherId, now }))
  }
  const take = (version: BenefitVersion, to: StoryMember) => {
    const { store, node, now } = story
    return store.transaction((tx) => claimStock(tx, node, { benefit: version, to, now }))
  }
  const quota = async () => {
    const { quotas } = story.store.read.tables
    return (await story.store.read.select().from(quotas))[0]
  }

  it('makes an offer active, and its days count from then', async () => {
    const { member, device, voucher } = await holding(story, {}, { delivery: 'offer' })
    expect(voucher).toMatchObject({ state: 'offered', claimedAt: null })
    story.now += 3 * day
    expect(await claim(member, voucher)).toMatchObject({
      state: 'active',
      version: 2,
      claimedAt: story.now,
      validFrom: story.now,
      validTo: story.now + 30 * day,
    })
    expect(await spend(story, { device, voucher })).toMatchObject({ usesLeft: 0 })
  })

  it('refuses OFFER_LAPSED from the instant it ends', async () => {
    const { member, voucher } = await holding(story, { offer_days: 2 }, { delivery: 'offer' })
    story.now += 2 * day - 1
    const { voucher: other, member: late } = await holding(story, {}, { delivery: 'offer' })
    story.now += 1
    await expect(claim(member, voucher)).rejects.toMatchObject({ code: 'OFFER_LAPSED' })
    await claim(late, other)
  })

  it('refuses ALREADY_CLAIMED, and to all but one at once', async () => {
    const { member, voucher } = await holding(story, {}, { delivery: 'offer' })
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => claim(member, voucher)))
    const codes = all.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(codes).toEqual(Array(7).fill('ALREADY_CLAIMED'))
  })

  it('does not find another member’s offer, or one that is not there', async () => {
    const { voucher } = await holding(story, {}, { delivery: 'offer' })
    const [stranger] = await members(story, 1)
    const at = { ...stranger!, bucket: voucher.bucket }
    for (const [who, what] of [
      [at, voucher],
      [at, { id: '0'.repeat(32) }],
    ] as const) {
      await expect(claim(who, what)).rejects.toMatchObject({ code: 'VOUCHER_NOT_FOUND' })
    }
  })

  it('refuses MEMBERSHIP_SUSPENDED', async () => {
    const { member, voucher } = await holding(story, {}, { delivery: 'offer' })
    await change(story, member, { standing: 'suspended' })
    await expect(claim(member, voucher)).rejects.toMatchObject({ code: 'MEMBERSHIP_SUSPENDED' })
  })

  it('takes a unit of open stock, which can be redeemed at once', async () => {
    const version = await benefit(story, kinds.stock)
    const [member] = await members(story, 1)
    const device = await enrol(story, member!)
    const voucher = await take(version, member!)
    expect(voucher).toMatchObject({ state: 'active', origin: 'stock', batchId: null })
    expect(await quota()).toMatchObject({ used: 1, total: 5 })
    expect(await reread(story, voucher)).toEqual({ ...voucher, lastLeaf: expect.anything() })
    expect(await spend(story, { device, voucher })).toMatchObject({ usesLeft: 0 })
  })

  it('refuses QUOTA_EXHAUSTED when nothing is left, and no claim stays behind', async () => {
    const version = await benefit(story, { ...kinds.stock, stock: 2 })
    const three = await members(story, 3)
    for (const member of three.slice(0, 2)) await take(version, member)
    await expect(take(version, three[2]!)).rejects.toMatchObject({ code: 'QUOTA_EXHAUSTED' })
    expect(await quota()).toMatchObject({ used: 2, total: 2 })
  })

  it('refuses PERSON_CAP_REACHED the second time, also on a second account', async () => {
    const version = await benefit(story, kinds.stock)
    const [member] = await members(story, 1)
    await take(version, member!)
    const second = await secondAccount(story, member!)
    for (const who of [member!, second]) {
      await expect(take(version, who)).rejects.toMatchObject({ code: 'PERSON_CAP_REACHED' })
    }
    expect(await quota()).toMatchObject({ used: 1 })
  })

  it('counts a cap by months of the programme’s time zone', async () => {
    const cap = { count: 2, per: 'month' }
    const version = await benefit(story, { ...kinds.stock, cap })
    const [member] = await members(story, 1)
    await take(version, member!)
    await take(version, member!)
    await expect(take(version, member!)).rejects.toMatchObject({ code: 'PERSON_CAP_REACHED' })
    story.now = Date.parse('2026-06-30T15:59:59.999Z')
    await expect(take(version, member!)).rejects.toMatchObject({ code: 'PERSON_CAP_REACHED' })
    story.now += 1 // 1 July in Shanghai
    expect(await take(version, member!)).toMatchObject({ state: 'active' })
  })

  it('issues to one of two accounts of a person, whatever the delivery', async () => {
    const version = await benefit(story)
    const [member] = await members(story, 1)
    const second = await secondAccount(story, member!)
    expect(await issue(story, version, [member!, second])).toHaveLength(1)
    expect(await issue(story, version, [second])).toHaveLength(0)
  })

  it('refuses BUDGET_EXHAUSTED and issues nothing when the money is short by one fen', async () => {
    const version = await benefit(story, { amount: 400_000 })
    const three = await members(story, 3)
    await expect(issue(story, version, three)).rejects.toMatchObject({
      code: 'BUDGET_EXHAUSTED',
      detail: { available: 1_000_000 },
    })
    const { claims, vouchers } = story.store.read.tables
    expect(await story.store.read.$count(claims)).toBe(0)
    expect(await story.store.read.$count(vouchers)).toBe(0)
    expect(await issue(story, version, three.slice(0, 2))).toHaveLength(2)
  })
})
