import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { budgetOf } from '../../src/benefits/programmes.ts'
import { stopBenefit } from '../../src/benefits/publish.ts'
import { claimStock } from '../../src/vouchers/claim.ts'
import { returnVoucher } from '../../src/vouchers/return.ts'
import type { VoucherState } from '../../src/vouchers/states.ts'
import { enrol } from '../support/device.ts'
import { engines } from '../support/engines.ts'
import {
  audit,
  benefit,
  issue,
  kinds,
  members,
  reread,
  type Story,
  staff,
  tellStory,
} from '../support/story.ts'
import { type Holding, holding, spend, undo } from './support.ts'

describe.each(engines)('giving back on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(async () => {
    await audit(story)
    await story.close()
  })

  const giveBack = ({ member, voucher }: Pick<Holding, 'member' | 'voucher'>) => {
    const { store, node, now } = story
    const { memberId, bucket } = member
    const given = { memberId, bucket, voucherId: voucher.id, now }
    return store.transaction((tx) => returnVoucher(tx, node, given))
  }
  const budget = async () => (await budgetOf(story.store.read, story.programme.id)).balances
  const quota = async () => {
    const { quotas } = story.store.read.tables
    return (await story.store.read.select().from(quotas))[0]
  }

  async function ofStock(count = 1) {
    const version = await benefit(story, kinds.stock)
    const people = await members(story, count)
    const holdings = []
    for (const member of people) {
      const device = await enrol(story, member)
      const { store, node, now } = story
      const given = { benefit: version, to: member, now }
      const voucher = await store.transaction((tx) => claimStock(tx, node, given))
      holdings.push({ member, device, voucher, benefitId: version.benefitId })
    }
    return { version, holdings }
  }
  const stop = (benefitId: string) =>
    story.store.transaction((tx) => stopBenefit(tx, story.node, benefitId, staff, story.now))

  it('gives the money of a batch’s voucher back to the budget, and the cap', async () => {
    const version = await benefit(story, kinds.thrice)
    const [member] = await members(story, 1)
    const [voucher] = await issue(story, version, [member!], 'offer')
    expect(await budget()).toMatchObject({ budget_available: -997_000, voucher_liability: -3000 })
    const back = await giveBack({ member: member!, voucher: voucher! })
    expect(back).toMatchObject({ state: 'returned', version: 2 })
    expect(await budget()).toMatchObject({ budget_available: -1_000_000 })
    expect(await issue(story, version, [member!])).toHaveLength(1)
  })

  it('gives a unit back to open stock', async () => {
    const { holdings, version } = await ofStock()
    await giveBack(holdings[0]!)
    expect(await quota()).toMatchObject({ used: 0, total: 5 })
    expect(await budget()).toMatchObject({ stock_reserved: -5000, voucher_liability: 0 })
    const { store, node, now } = story
    const given = { benefit: version, to: holdings[0]!.member, now }
    await store.transaction((tx) => claimStock(tx, node, given))
  })

  it('gives it to the budget when the benefit has been stopped', async () => {
    const { holdings } = await ofStock(2)
    await stop(holdings[0]!.benefitId)
    expect(await budget()).toMatchObject({ stock_reserved: 0, budget_available: -998_000 })
    await giveBack(holdings[0]!)
    expect(await budget()).toMatchObject({ stock_reserved: 0, budget_available: -999_000 })
  })

  it('leaves nothing in a stock that is being stopped meanwhile', async () => {
    for (let round = 0; round < 10; round++) {
      const { holdings } = await ofStock(3)
      const benefitId = holdings[0]!.benefitId
      await Promise.all([stop(benefitId), ...holdings.map((held) => giveBack(held))])
    }
    expect(await budget()).toMatchObject({ stock_reserved: 0, budget_available: -1_000_000 })
  })

  it('gives one unit back, however many ask at once', async () => {
    const { holdings } = await ofStock()
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => giveBack(holdings[0]!)))
    const codes = all.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(codes).toHaveLength(7)
    for (const code of codes) expect(['VOUCHER_RETURNED', 'VERSION_CONFLICT']).toContain(code)
    expect(await quota()).toMatchObject({ used: 0 })
  })

  it('takes a voucher that was redeemed and undone', async () => {
    const held = await holding(story)
    await undo(story, (await spend(story, held)).redemption)
    expect(await giveBack(held)).toMatchObject({ state: 'returned' })
  })

  it('refuses RETURN_NOT_ALLOWED where the benefit says so, or after a use', async () => {
    const fixed = await holding(story, { returnable: false })
    await expect(giveBack(fixed)).rejects.toMatchObject({ code: 'RETURN_NOT_ALLOWED' })
    const begun = await holding(story, kinds.thrice)
    await spend(story, begun)
    await expect(giveBack(begun)).rejects.toMatchObject({ code: 'RETURN_NOT_ALLOWED' })
  })

  it('refuses ALREADY_REDEEMED, VOUCHER_RETURNED and VOUCHER_EXPIRED', async () => {
    const used = await holding(story)
    await spend(story, used)
    await expect(giveBack(used)).rejects.toMatchObject({ code: 'ALREADY_REDEEMED' })
    const back = await holding(story)
    await giveBack(back)
    await expect(giveBack(back)).rejects.toMatchObject({ code: 'VOUCHER_RETURNED' })
    const late = await holding(story)
    story.now = late.voucher.validTo
    await expect(giveBack(late)).rejects.toMatchObject({ code: 'VOUCHER_EXPIRED' })
  })

  it('refuses VOUCHER_SUSPENDED and VOUCHER_VOID', async () => {
    const held = await holding(story)
    const { vouchers } = story.store.read.tables
    const put = (state: VoucherState) =>
      story.store.transaction(async (tx) => {
        await tx.update(vouchers).set({ state }).where(eq(vouchers.id, held.voucher.id))
      })
    for (const [state, code] of [
      ['suspended', 'VOUCHER_SUSPENDED'],
      ['void', 'VOUCHER_VOID'],
    ] as const) {
      await put(state)
      await expect(giveBack(held)).rejects.toMatchObject({ code })
    }
    await put('active') // so that the books agree again
  })

  it('does not find another member’s', async () => {
    const held = await holding(story)
    const [stranger] = await members(story, 1)
    const member = { ...stranger!, bucket: held.voucher.bucket }
    await expect(giveBack({ member, voucher: held.voucher })).rejects.toMatchObject({
      code: 'VOUCHER_NOT_FOUND',
    })
    expect(await reread(story, held.voucher)).toMatchObject({ state: 'active' })
  })
})
