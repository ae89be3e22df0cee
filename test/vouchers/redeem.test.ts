import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { day, minute, second } from '../../src/base/clock.ts'
import { redemptionsOf, timelineOf } from '../../src/vouchers/wallet.ts'
import { openCounter } from '../support/counter.ts'
import { engines } from '../support/engines.ts'
import { audit, kinds, reread, type Story, show, tellStory } from '../support/story.ts'
import { type Holding, holding, prepareAt, redeemBy, spend, undo } from './support.ts'

describe.each(engines)('redeeming on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(async () => {
    await audit(story)
    await story.close()
  })

  const events = async ({ voucher }: Holding) =>
    (await timelineOf(story.store.read, voucher.bucket, voucher.id)).map(({ kind }) => kind)

  it('takes a shown code, and owes the merchant', async () => {
    const held = await holding(story)
    const made = await spend(story, held)
    expect(made).toMatchObject({ usesLeft: 0 })
    expect(made.redemption).toMatchObject({
      merchantId: story.counter.merchantId,
      cashierId: story.counter.cashierId,
      shiftId: story.counter.shiftId,
      amount: 1000,
      reversibleUntil: story.now + 10 * minute,
    })
    expect(await reread(story, held.voucher)).toMatchObject({
      state: 'used',
      usesLeft: 0,
      version: 2,
      usedAt: story.now,
    })
    const { postings } = story.store.read.tables
    const lines = await story.store.read
      .select()
      .from(postings)
      .where(eq(postings.entryId, made.redemption.entryId))
    expect(lines.map(({ account, amount }) => [account, amount]).sort()).toEqual([
      ['merchant_payable', -1000],
      ['voucher_liability', 1000],
    ])
    expect(await events(held)).toEqual(['voucher.redeem'])
  })

  it('makes its leaf the voucher’s latest', async () => {
    const held = await holding(story)
    const { leafHash } = await spend(story, held)
    expect(Buffer.from((await reread(story, held.voucher)).lastLeaf)).toEqual(Buffer.from(leafHash))
  })

  it('takes what was prepared, within two minutes', async () => {
    const held = await holding(story)
    const { id, until } = await prepareAt(story, await show(story, held.device, held.voucher))
    expect(until).toBe(story.now + 120 * second)
    story.now = until - 1
    const by = { preparation: id, bucket: held.voucher.bucket }
    expect(await redeemBy(story, by)).toMatchObject({ usesLeft: 0 })
    expect(await reread(story, held.voucher)).toMatchObject({ state: 'used', preparedBy: null })
    await expect(redeemBy(story, by)).rejects.toMatchObject({ code: 'ALREADY_REDEEMED' })
  })

  it('lets a second terminal in when the first has let its preparation pass', async () => {
    const held = await holding(story)
    await prepareAt(story, await show(story, held.device, held.voucher))
    const other = await openCounter(story, story.now)
    story.now += 120 * second
    expect(await spend(story, held, {}, other.terminalId)).toMatchObject({ usesLeft: 0 })
  })

  it('takes a voucher of three uses three times, each with its own leaf', async () => {
    const held = await holding(story, kinds.thrice)
    for (const left of [2, 1, 0]) {
      expect((await spend(story, held)).usesLeft).toBe(left)
      story.now += minute
    }
    await expect(spend(story, held)).rejects.toMatchObject({ code: 'ALREADY_REDEEMED' })
    expect(await events(held)).toEqual(Array(3).fill('voucher.redeem'))
    const made = await redemptionsOf(story.store.read, held.voucher.bucket, held.voucher.id)
    expect(new Set(made.map(({ entryId }) => entryId)).size).toBe(3)
  })

  it('wants a minute between two uses of one voucher', async () => {
    const held = await holding(story, kinds.thrice)
    await spend(story, held)
    const first = story.now
    story.now += 59 * second
    await expect(spend(story, held)).rejects.toMatchObject({
      code: 'THROTTLED_VOUCHER',
      detail: { ready_at: first + minute },
    })
    story.now = first + minute
    expect(await spend(story, held)).toMatchObject({ usesLeft: 1 })
  })

  it('does not let one preparation be spent twice', async () => {
    const held = await holding(story, { uses: 3, throttle_seconds: 0 })
    const first = await prepareAt(story, await show(story, held.device, held.voucher))
    const by = { preparation: first.id, bucket: held.voucher.bucket }
    await redeemBy(story, by)
    story.now += 30 * second
    await prepareAt(story, await show(story, held.device, held.voucher))
    await expect(redeemBy(story, by)).rejects.toMatchObject({ code: 'PREPARATION_EXPIRED' })
  })

  it('keeps what each kind asks the counter for', async () => {
    const row = async (changes: object, details: object) =>
      (await spend(story, await holding(story, changes), details)).redemption
    expect(await row(kinds.coupon, { orderAmount: 3000 })).toMatchObject({ orderAmount: 3000 })
    expect(await row(kinds.insurance, { policyNumber: 'P1' })).toMatchObject({ policyNumber: 'P1' })
    expect(await row(kinds.package, { collector: '李雷' })).toMatchObject({ collector: '李雷' })
    expect(await row(kinds.package, {})).toMatchObject({ collector: null })
    expect(await row(kinds.checkup, {})).toMatchObject({ orderAmount: null, policyNumber: null })
  })

  it('costs nothing where the benefit costs nothing', async () => {
    const held = await holding(story, { amount: 0 })
    const { redemption } = await spend(story, held)
    expect(redemption.amount).toBe(0)
    await undo(story, redemption)
  })

  it('takes a voucher of somebody who has left or retired', async () => {
    const held = await holding(story)
    const { members } = story.store.read.tables
    await story.store.transaction(async (tx) => {
      await tx.update(members).set({ standing: 'left' }).where(eq(members.id, held.member.memberId))
    })
    expect(await spend(story, held)).toMatchObject({ usesLeft: 0 })
  })

  it('takes a voucher on its last day, and after its benefit was used by others', async () => {
    const held = await holding(story)
    story.now = held.voucher.validTo - 1
    expect(story.now - held.voucher.issuedAt).toBe(30 * day - 1)
    expect(await spend(story, held)).toMatchObject({ usesLeft: 0 })
  })
})
