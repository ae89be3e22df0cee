import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { day, minute } from '../../src/base/clock.ts'
import { Refusal } from '../../src/base/refusal.ts'
import { budgetOf } from '../../src/benefits/programmes.ts'
import { sweepExpired } from '../../src/jobs/expiry.ts'
import { reconcile } from '../../src/ledger/reconcile.ts'
import { claimStock } from '../../src/vouchers/claim.ts'
import { extendVoucher } from '../../src/vouchers/extend.ts'
import { kinOf, reissueVoucher } from '../../src/vouchers/reissue.ts'
import { returnVoucher } from '../../src/vouchers/return.ts'
import type { Voucher } from '../../src/vouchers/states.ts'
import { resumeVoucher, suspendVoucher } from '../../src/vouchers/suspend.ts'
import { voidVoucher } from '../../src/vouchers/void.ts'
import { timelineOf } from '../../src/vouchers/wallet.ts'
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
  show,
  tellStory,
  tick,
} from '../support/story.ts'
import { holding, prepareAt, redeemBy, spend, undo } from './support.ts'

describe.each(engines)('what the union decides about one voucher, on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(async () => {
    await audit(story)
    await story.close()
  })

  type Given = Pick<Voucher, 'bucket' | 'id'>
  const asked = ({ bucket, id }: Given, expectedVersion?: number) => ({
    ...{ bucket, voucherId: id, staff: 'p1', now: story.now },
    ...(expectedVersion !== undefined && { expectedVersion }),
  })
  const suspend = (voucher: Given, version?: number) => {
    const given = { ...asked(voucher, version), reason: 'fraud_suspected' } as const
    return story.store.transaction((tx) => suspendVoucher(tx, story.node, given))
  }
  const resume = (voucher: Given, version?: number) => {
    const given = { ...asked(voucher, version), reason: 'cleared' } as const
    return story.store.transaction((tx) => resumeVoucher(tx, story.node, given))
  }
  const annul = (voucher: Given, version?: number) => {
    const given = { ...asked(voucher, version), reason: 'issued_in_error' } as const
    return story.store.transaction((tx) => voidVoucher(tx, story.node, given))
  }
  const balances = async () => (await budgetOf(story.store.read, story.programme.id)).balances
  const all = { suspend, resume, annul }

  it('holds it: neither a code nor a preparation redeems it until it is resumed', async () => {
    const held = await holding(story)
    const { bucket, id } = held.voucher
    const prepared = await prepareAt(story, await show(story, held.device, held.voucher))
    expect(await suspend(held.voucher)).toMatchObject({ state: 'suspended', version: 2 })
    const suspended = { code: 'VOUCHER_SUSPENDED' }
    const by = { preparation: prepared.id, bucket }
    await expect(redeemBy(story, by)).rejects.toMatchObject(suspended)
    story.now += minute
    await expect(spend(story, held)).rejects.toMatchObject(suspended)
    const shown = await show(story, held.device, held.voucher)
    await expect(prepareAt(story, shown)).rejects.toMatchObject(suspended)
    const give = { memberId: held.member.memberId, bucket, voucherId: id, now: story.now }
    await expect(
      story.store.transaction((tx) => returnVoucher(tx, story.node, give)),
    ).rejects.toMatchObject(suspended)
    await audit(story)

    expect(await resume(held.voucher)).toMatchObject({ state: 'active', version: 3 })
    story.now += minute
    expect(await spend(story, held)).toMatchObject({ usesLeft: 0 })
    const events = await timelineOf(story.store.read, bucket, id)
    expect(events.map(({ kind, actor, version }) => [kind, actor, version])).toEqual([
      ['voucher.suspend', 'staff:p1', 2],
      ['voucher.resume', 'staff:p1', 3],
      ['voucher.redeem', `terminal:${story.counter.terminalId}`, 4],
    ])
  })

  it('holds one that was used in part, and undoes nothing of it meanwhile', async () => {
    const held = await holding(story, kinds.thrice)
    const { redemption } = await spend(story, held)
    await suspend(held.voucher)
    await expect(undo(story, redemption)).rejects.toMatchObject({ code: 'VOUCHER_SUSPENDED' })
    await expect(annul(held.voucher)).rejects.toMatchObject({ code: 'ALREADY_REDEEMED' })
    await resume(held.voucher)
    expect(await undo(story, redemption)).toMatchObject({ usesLeft: 3 })
    expect(await annul(held.voucher)).toMatchObject({ state: 'void' })
  })

  it('keeps a suspended one from the clock, and gives back nothing that is over', async () => {
    const { voucher } = await holding(story)
    await suspend(voucher)
    story.now = voucher.validTo
    const { store, node } = story
    const sweep = () => sweepExpired({ store, node, clock: () => story.now })
    expect(await sweep()).toBe(0)
    await resume(voucher)
    expect(await sweep()).toBe(1)
    expect(await reread(story, voucher)).toMatchObject({ state: 'expired' })
    await expect(annul(voucher)).rejects.toMatchObject({ code: 'VOUCHER_EXPIRED' })
  })

  it('takes it back for ever: its money to the budget, its place to the person', async () => {
    const version = await benefit(story, kinds.thrice)
    const people = await members(story, 2)
    const [offered] = await issue(story, version, [people[0]!], 'offer')
    const [active] = await issue(story, version, [people[1]!])
    expect(await balances()).toMatchObject({ budget_available: -994_000 })
    expect(await annul(offered!)).toMatchObject({ state: 'void', version: 2 })
    await suspend(active!)
    await annul(active!)
    expect(await balances()).toMatchObject({
      budget_available: -1_000_000,
      voucher_liability: 0,
    })
    expect(await issue(story, version, people)).toHaveLength(2)
    const device = await enrol(story, people[1]!)
    const gone = { code: 'VOUCHER_VOID' }
    await expect(spend(story, { device, voucher: active! })).rejects.toMatchObject(gone)
    for (const act of Object.values(all)) await expect(act(active!)).rejects.toMatchObject(gone)
  })

  it('gives an active one more time, at most a year and to the end of its programme', async () => {
    const held = await holding(story)
    const { voucher } = held
    const last = story.now + 365 * day
    const extend = (validTo: number, version?: number) => {
      const given = { ...asked(voucher, version), validTo, reason: 'store_closed' } as const
      return story.store.transaction((tx) => extendVoucher(tx, story.node, given))
    }
    for (const validTo of [voucher.validTo, last + 1]) {
      await expect(extend(validTo)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    }
    await expect(extend(last, 7)).rejects.toMatchObject({ code: 'VERSION_CONFLICT' })
    await suspend(voucher)
    await expect(extend(last)).rejects.toMatchObject({ code: 'VOUCHER_SUSPENDED' })
    await resume(voucher)
    expect(await extend(last)).toMatchObject({ validTo: last, version: 4, state: 'active' })
    story.now = voucher.validTo + minute
    expect(await spend(story, held)).toMatchObject({ usesLeft: 0 })
    const events = await timelineOf(story.store.read, voucher.bucket, voucher.id)
    expect(events.map(({ kind }) => kind)).toContain('voucher.extend')
    await expect(extend(last)).rejects.toMatchObject({ code: 'ALREADY_REDEEMED' })
  })

  it('issues one anew in the place of a void or expired one, once, from the budget', async () => {
    const organisations = [{ org_code: '640100', units: 2 }]
    const version = await benefit(story, { ...kinds.thrice, sub_quotas: { organisations } })
    const [first, second] = await issue(story, version, await members(story, 2))
    const anew = (voucher: Given, expected?: number) => {
      const given = { ...asked(voucher, expected), reason: 'lost' } as const
      return story.store.transaction((tx) => reissueVoucher(tx, story.node, given))
    }
    await expect(anew(first!)).rejects.toMatchObject({ code: 'VERSION_CONFLICT' })
    await annul(first!)
    const both = await Promise.allSettled([anew(first!), anew(first!)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(anew(first!)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    const { successor } = await kinOf(story.store.read, first!)
    expect(successor).toBeDefined()
    expect(await balances()).toMatchObject({ budget_available: -994_000 })

    story.now = second!.validTo
    await expect(anew(second!)).rejects.toMatchObject({ code: 'VERSION_CONFLICT' })
    const { store, node } = story
    await sweepExpired({ store, node, clock: () => story.now })
    const again = await anew(second!)
    expect(again).toMatchObject({ version: 1, state: 'active', memberId: second!.memberId })
    expect(again.validTo).toBe(story.now + 30 * day)
    expect(await kinOf(store.read, again)).toEqual({ predecessor: second!.id })
    const { quotaUnits, claims } = store.read.tables
    const holders = await store.read.select().from(quotaUnits)
    expect(holders.map(({ voucherId }) => voucherId)).toContain(again.id)
    expect(holders).toHaveLength(2)
    expect(await store.read.$count(claims)).toBe(2)
    expect((await reconcile(store.read, story.now)).equations.filter((one) => !one.good)).toEqual(
      [],
    )
    await tick(story) // a leaf waits for milliseconds, never for a year
    story.now += 366 * day
    await sweepExpired({ store, node, clock: () => story.now })
    await expect(anew(again)).rejects.toMatchObject({ code: 'VOUCHER_EXPIRED' })
  })

  it('takes a unit of stock out of it, and frees the person', async () => {
    const version = await benefit(story, kinds.stock)
    const [to] = await members(story, 1)
    const { store, node, now } = story
    const take = () =>
      store.transaction((tx) => claimStock(tx, node, { benefit: version, to: to!, now }))
    await annul(await take())
    const { quotas } = store.read.tables
    expect(await store.read.select().from(quotas)).toMatchObject([{ used: 0, total: 4 }])
    expect(await balances()).toMatchObject({
      budget_available: -996_000,
      stock_reserved: -4000,
      voucher_liability: 0,
    })
    expect(await take()).toMatchObject({ state: 'active' })
  })

  it('gives its units back to the sub-quotas they were taken from', async () => {
    const organisations = [{ org_code: '640100', units: 1 }]
    const version = await benefit(story, { sub_quotas: { per_day: 1, organisations } })
    const people = await members(story, 2)
    const [first, ...none] = await issue(story, version, people)
    expect(none).toEqual([])
    await annul(first!)
    expect(await issue(story, version, people)).toHaveLength(1)
  })

  it('takes back one that costs nothing, without a posting', async () => {
    const { voucher } = await holding(story, { amount: 0 })
    expect(await annul(voucher)).toMatchObject({ state: 'void' })
  })

  it('refuses what its state does not allow, and what is not what was looked at', async () => {
    const { voucher } = await holding(story)
    const none = { bucket: voucher.bucket, id: `${voucher.id.slice(0, 3)}${'0'.repeat(29)}` }
    for (const act of Object.values(all)) {
      await expect(act(none)).rejects.toMatchObject({ code: 'VOUCHER_NOT_FOUND' })
    }
    const conflict = { code: 'VERSION_CONFLICT' }
    await expect(resume(voucher)).rejects.toMatchObject(conflict)
    await expect(suspend(voucher, 2)).rejects.toMatchObject({ ...conflict, detail: { version: 1 } })
    await expect(annul(voucher, 2)).rejects.toMatchObject(conflict)
    await suspend(voucher, 1)
    await expect(suspend(voucher)).rejects.toMatchObject({ code: 'VOUCHER_SUSPENDED' })
    await expect(resume(voucher, 1)).rejects.toMatchObject(conflict)
    await resume(voucher, 2)
    const offer = await holding(story, {}, { delivery: 'offer' })
    await expect(suspend(offer.voucher)).rejects.toMatchObject({ code: 'NOT_CLAIMED' })
    const used = await holding(story)
    await spend(story, used)
    for (const act of Object.values(all)) {
      await expect(act(used.voucher)).rejects.toMatchObject({ code: 'ALREADY_REDEEMED' })
    }
  })

  it('decides one of whatever is asked at once, and keeps the books', async () => {
    for (let round = 0; round < 10; round++) {
      const held = await holding(story)
      const shown = await show(story, held.device, held.voucher)
      const { voucher } = held
      const outcomes = await Promise.allSettled([
        suspend(voucher),
        ...(round % 2 ? [redeemBy(story, { shown })] : []),
        annul(voucher),
        suspend(voucher),
        annul(voucher),
      ])
      for (const one of outcomes) {
        if (one.status === 'rejected' && !(one.reason instanceof Refusal)) throw one.reason
      }
      const won = outcomes.filter(({ status }) => status === 'fulfilled')
      const { version } = await reread(story, voucher)
      expect(won).toHaveLength(version - 1)
    }
  })
})
