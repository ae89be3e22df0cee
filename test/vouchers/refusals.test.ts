import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { day, hour, minute, second } from '../../src/base/clock.ts'
import { closeShift } from '../../src/merchants/cashiers.ts'
import { setMerchantState, setStoreState } from '../../src/merchants/merchants.ts'
import { revokeTerminal } from '../../src/merchants/terminals.ts'
import type { Tx } from '../../src/store/store.ts'
import { returnVoucher } from '../../src/vouchers/return.ts'
import type { VoucherState } from '../../src/vouchers/states.ts'
import { openCounter } from '../support/counter.ts'
import { engines } from '../support/engines.ts'
import { change, kinds, type Story, show, tellStory } from '../support/story.ts'
import { type Holding, holding, prepareAt, redeemBy, spend } from './support.ts'

/** Each no, told alike by preparing and by redeeming. */
describe.each(engines)('a voucher is refused on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(() => story.close())

  const does = <T>(work: (tx: Tx) => Promise<T>) => story.store.transaction(work)

  async function refuses(held: Holding, code: string, detail?: object) {
    const shown = await show(story, held.device, held.voucher)
    const no = { code, ...(detail && { detail }) }
    await expect(prepareAt(story, shown)).rejects.toMatchObject(no)
    await expect(redeemBy(story, { shown })).rejects.toMatchObject(no)
  }

  const put = ({ voucher }: Holding, state: VoucherState) =>
    does(async (tx) => {
      const { vouchers } = tx.tables
      await tx.update(vouchers).set({ state }).where(eq(vouchers.id, voucher.id))
    })

  describe('for its state:', () => {
    it('ALREADY_REDEEMED, with the first time', async () => {
      const held = await holding(story)
      await spend(story, held)
      const first = story.now
      story.now += hour
      await refuses(held, 'ALREADY_REDEEMED', { first_redeemed_at: first })
    })

    it('VOUCHER_SUSPENDED', async () => {
      const held = await holding(story)
      await put(held, 'suspended')
      await refuses(held, 'VOUCHER_SUSPENDED')
    })

    it('VOUCHER_VOID', async () => {
      const held = await holding(story)
      await put(held, 'void')
      await refuses(held, 'VOUCHER_VOID')
    })

    it('VOUCHER_RETURNED', async () => {
      const held = await holding(story)
      const { memberId, bucket } = held.member
      const given = { memberId, bucket, voucherId: held.voucher.id, now: story.now }
      await does((tx) => returnVoucher(tx, story.node, given))
      await refuses(held, 'VOUCHER_RETURNED')
    })

    it('NOT_CLAIMED while it is only offered', async () => {
      await refuses(await holding(story, {}, { delivery: 'offer' }), 'NOT_CLAIMED')
    })

    it('VOUCHER_EXPIRED from the instant it ends', async () => {
      const held = await holding(story)
      story.now = held.voucher.validTo
      await refuses(held, 'VOUCHER_EXPIRED', { expired_at: held.voucher.validTo })
    })

    it('NOT_YET_VALID until the instant it begins', async () => {
      const from = new Date(story.now + day).toISOString()
      const to = new Date(story.now + 2 * day).toISOString()
      const held = await holding(story, { validity: { from, to } })
      story.now += day - 1
      await refuses(held, 'NOT_YET_VALID', { valid_from: story.now + 1 })
      story.now += 1
      expect(await spend(story, held)).toMatchObject({ usesLeft: 0 })
    })

    it('PREPARED_ELSEWHERE while another terminal holds it', async () => {
      const held = await holding(story)
      const other = await openCounter(story, story.now)
      const shown = await show(story, held.device, held.voucher)
      const { until } = await prepareAt(story, shown, other.terminalId)
      story.now = until - 1
      await refuses(held, 'PREPARED_ELSEWHERE', { until })
    })
  })

  describe('for its code:', () => {
    it('TOKEN_EXPIRED when the code is two steps old, not one', async () => {
      const held = await holding(story)
      for (const [steps, code] of [
        [2, 'TOKEN_EXPIRED'],
        [-2, 'TOKEN_EXPIRED'],
        [1, ''],
      ] as const) {
        const at = story.now - steps * 30 * second
        const shown = await show(story, held.device, held.voucher, at)
        if (code === '') await prepareAt(story, shown)
        else await expect(prepareAt(story, shown)).rejects.toMatchObject({ code })
      }
    })

    it('TOKEN_EXPIRED tells the server’s time, and a code one step ahead is good', async () => {
      const held = await holding(story)
      const far = await show(story, held.device, held.voucher, story.now + minute)
      await expect(redeemBy(story, { shown: far })).rejects.toMatchObject({
        code: 'TOKEN_EXPIRED',
        detail: { server_time: story.now },
      })
      const near = await show(story, held.device, held.voucher, story.now + 30 * second)
      expect(await redeemBy(story, { shown: near })).toMatchObject({ usesLeft: 0 })
    })

    it('TOKEN_ALREADY_USED the second time, whoever scans it', async () => {
      const held = await holding(story, { uses: 3, throttle_seconds: 0 })
      const shown = await show(story, held.device, held.voucher)
      await redeemBy(story, { shown })
      const other = await openCounter(story, story.now)
      for (const { terminalId } of [story.counter, other]) {
        await expect(prepareAt(story, shown, terminalId)).rejects.toMatchObject({
          code: 'TOKEN_ALREADY_USED',
        })
        await expect(redeemBy(story, { shown }, {}, terminalId)).rejects.toMatchObject({
          code: 'TOKEN_ALREADY_USED',
        })
      }
    })

    it('PREPARATION_EXPIRED after two minutes', async () => {
      const held = await holding(story)
      const { id, until } = await prepareAt(story, await show(story, held.device, held.voucher))
      story.now = until
      const by = { preparation: id, bucket: held.voucher.bucket }
      await expect(redeemBy(story, by)).rejects.toMatchObject({ code: 'PREPARATION_EXPIRED' })
    })

    it('VOUCHER_NOT_FOUND for a preparation of another terminal, or none', async () => {
      const held = await holding(story)
      const other = await openCounter(story, story.now)
      const shown = await show(story, held.device, held.voucher)
      const { id } = await prepareAt(story, shown, other.terminalId)
      const { bucket } = held.voucher
      for (const by of [
        { preparation: id, bucket },
        { preparation: 'none', bucket },
        { preparation: id, bucket: (bucket + 1) % 4096 },
      ]) {
        await expect(redeemBy(story, by)).rejects.toMatchObject({ code: 'VOUCHER_NOT_FOUND' })
      }
    })
  })

  describe('for the place:', () => {
    it.each([
      ['merchant', 'another'],
      ['store', 'another'],
      ['category', 'pharmacy'],
      ['region', '6402'],
    ] as const)('STORE_NOT_ACCEPTED where only another %s takes it', async (target, value) => {
      const held = await holding(story, {}, { rules: [{ target, value }] })
      await refuses(held, 'STORE_NOT_ACCEPTED')
    })

    it('STORE_NOT_ACCEPTED where nobody takes it', async () => {
      await refuses(await holding(story, {}, { rules: [] }), 'STORE_NOT_ACCEPTED')
    })

    it('and not where one of several rules covers the store', async () => {
      const { merchantId, storeId } = story.counter
      for (const [target, value] of [
        ['merchant', merchantId],
        ['store', storeId],
        ['category', 'catering'],
        ['region', '6401'],
      ] as const) {
        const rules = [{ target: 'category', value: 'pharmacy' } as const, { target, value }]
        const held = await holding(story, {}, { rules })
        expect(await spend(story, held)).toMatchObject({ usesLeft: 0 })
      }
    })

    it('OUTSIDE_TIME_WINDOW, by the programme’s clock and its days', async () => {
      // The story is told on Monday 1 June 2026, at noon in Shanghai.
      const held = await holding(story, { hours: [{ days: [1], from: '09:00', to: '12:30' }] })
      story.now += 30 * minute
      await refuses(held, 'OUTSIDE_TIME_WINDOW')
      story.now += day - 30 * minute
      await refuses(held, 'OUTSIDE_TIME_WINDOW')
      story.now += 6 * day
      expect(await spend(story, held)).toMatchObject({ usesLeft: 0 })
    })

    it('OUTSIDE_TIME_WINDOW after a window that reaches over midnight', async () => {
      const hours = [{ days: [7], from: '22:00', to: '02:00' }] // Sunday night
      const held = await holding(story, { uses: 3, throttle_seconds: 0, hours })
      const sunday = story.now + 6 * day - 12 * hour
      for (const [after, open] of [
        [2 * hour - 1, false], // in Sunday's first hours: that would be Saturday's night
        [22 * hour - 1, false],
        [22 * hour, true],
        [26 * hour - 1, true],
        [26 * hour, false],
        [47 * hour, false],
      ] as const) {
        story.now = sunday + after
        if (open) await spend(story, held)
        else await refuses(held, 'OUTSIDE_TIME_WINDOW')
      }
    })
  })

  describe('for the counter:', () => {
    it('SHIFT_CLOSED', async () => {
      const held = await holding(story)
      const { terminalId } = story.counter
      await does((tx) => closeShift(tx, { terminalId, now: story.now }))
      await refuses(held, 'SHIFT_CLOSED')
    })

    it('TERMINAL_REVOKED, also for a terminal that never was', async () => {
      const held = await holding(story)
      const shown = await show(story, held.device, held.voucher)
      await expect(prepareAt(story, shown, 'none')).rejects.toMatchObject({
        code: 'TERMINAL_REVOKED',
      })
      await does((tx) => revokeTerminal(tx, story.counter.terminalId, story.now))
      await refuses(held, 'TERMINAL_REVOKED')
    })

    it('STORE_INACTIVE', async () => {
      const held = await holding(story)
      await does((tx) => setStoreState(tx, story.counter.storeId, 'inactive'))
      await refuses(held, 'STORE_INACTIVE')
    })

    it('MERCHANT_SUSPENDED', async () => {
      const held = await holding(story)
      await does((tx) => setMerchantState(tx, story.counter.merchantId, 'suspended'))
      await refuses(held, 'MERCHANT_SUSPENDED')
    })

    it('CONTRACT_ENDED, by decision or by its date', async () => {
      const held = await holding(story, { validity: { days_after_claim: 366 } })
      const { merchantId } = story.counter
      await does((tx) => setMerchantState(tx, merchantId, 'ended'))
      await refuses(held, 'CONTRACT_ENDED')
      const { merchants } = story.store.read.tables
      const until = story.now + hour
      await does(async (tx) => {
        const agreement = { state: 'active', contractTo: until } as const
        await tx.update(merchants).set(agreement).where(eq(merchants.id, merchantId))
      })
      story.now = until
      await refuses(held, 'CONTRACT_ENDED')
    })

    it('a prepared voucher, too, when the shift was closed meanwhile', async () => {
      const held = await holding(story)
      const { id } = await prepareAt(story, await show(story, held.device, held.voucher))
      const { terminalId } = story.counter
      await does((tx) => closeShift(tx, { terminalId, now: story.now }))
      const by = { preparation: id, bucket: held.voucher.bucket }
      await expect(redeemBy(story, by)).rejects.toMatchObject({ code: 'SHIFT_CLOSED' })
    })
  })

  describe('for the person and the purchase:', () => {
    it('MEMBERSHIP_SUSPENDED, and waits', async () => {
      const held = await holding(story)
      await change(story, held.member, { standing: 'suspended' })
      await refuses(held, 'MEMBERSHIP_SUSPENDED')
      await change(story, held.member, { standing: 'active' })
      expect(await spend(story, held)).toMatchObject({ usesLeft: 0 })
    })

    it('MIN_SPEND_NOT_MET for one fen too little', async () => {
      const held = await holding(story, kinds.coupon)
      await expect(spend(story, held, { orderAmount: 2999 })).rejects.toMatchObject({
        code: 'MIN_SPEND_NOT_MET',
        detail: { minimum_spend: 3000 },
      })
      expect(await spend(story, held, { orderAmount: 3000 })).toMatchObject({ usesLeft: 0 })
    })

    it.each([
      ['coupon', 'order_amount'],
      ['insurance', 'policy_number'],
    ] as const)('CONFIRMATION_REQUIRED for a %s without %s', async (kind, field) => {
      const held = await holding(story, kinds[kind])
      await expect(spend(story, held)).rejects.toMatchObject({
        code: 'CONFIRMATION_REQUIRED',
        detail: { needs: [field] },
      })
    })

    it('DELEGATE_MISMATCH where nobody may collect for another', async () => {
      const own = { details: { ...kinds.package.details, collector_allowed: false } }
      for (const changes of [own, kinds.coupon, kinds.checkup]) {
        const held = await holding(story, changes)
        const details = { collector: '李雷', orderAmount: 5000 }
        await expect(spend(story, held, details)).rejects.toMatchObject({
          code: 'DELEGATE_MISMATCH',
        })
      }
    })
  })

  it('and a refusal leaves the voucher and its code as they were', async () => {
    const held = await holding(story, kinds.coupon)
    const shown = await show(story, held.device, held.voucher)
    const details = { orderAmount: 1 }
    await expect(redeemBy(story, { shown }, details)).rejects.toThrow()
    const paid = await redeemBy(story, { shown }, { orderAmount: 3000 })
    expect(paid).toMatchObject({ usesLeft: 0, redemption: { orderAmount: 3000 } })
  })
})
