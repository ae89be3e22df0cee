import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { day, minute } from '../../src/base/clock.ts'
import { progressOf, readBatch } from '../../src/benefits/batches/batch.ts'
import { budgetOf } from '../../src/benefits/programmes.ts'
import { runAllBatches, runBatches } from '../../src/jobs/batch-runner.ts'
import { sweepExpired } from '../../src/jobs/expiry.ts'
import { claimOffer } from '../../src/vouchers/claim.ts'
import { recallBatch } from '../../src/vouchers/run-batch.ts'
import { stateAt } from '../../src/vouchers/states.ts'
import { vouchersOf } from '../../src/vouchers/wallet.ts'
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
import { allVouchers, countStates, running, startedBatch } from './batches.ts'
import { holding, spend } from './support.ts'

describe.each(engines)('the end of vouchers on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(async () => {
    await audit(story)
    await story.close()
  })

  const sweep = () => {
    const { store, node } = story
    return sweepExpired({ store, node, clock: () => story.now })
  }
  const balances = async () => (await budgetOf(story.store.read, story.programme.id)).balances

  it('is told by every read before the sweeper ran', async () => {
    const { member, voucher } = await holding(story)
    const { memberId, bucket } = member
    const wallet = async () => {
      const given = { memberId, bucket, after: '', limit: 10, now: story.now }
      return (await vouchersOf(story.store.read, given)).map(({ state }) => state)
    }
    story.now = voucher.validTo - 1
    expect(await wallet()).toEqual(['active'])
    story.now = voucher.validTo
    expect(await wallet()).toEqual(['expired'])
    expect((await reread(story, voucher)).state).toBe('active')
    await sweep()
    expect(await wallet()).toEqual(['expired'])
    expect((await reread(story, voucher)).state).toBe('expired')
  })

  it('gives back the money of what expired and lapsed, once', async () => {
    const version = await benefit(story, { ...kinds.thrice, offer_days: 2 })
    const four = await members(story, 4)
    const offered = await issue(story, version, four.slice(0, 2), 'offer')
    const [begun] = await issue(story, version, four.slice(2))
    await spend(story, { device: await enrol(story, four[2]!), voucher: begun! })
    const { memberId, bucket } = four[0]!
    const claim = { memberId, bucket, voucherId: offered[0]!.id, now: story.now }
    await story.store.transaction((tx) => claimOffer(tx, story.node, claim))
    story.now += 2 * day
    expect(await sweep()).toBe(1) // the offer nobody claimed
    expect(await sweep()).toBe(0)
    story.now += 28 * day
    expect(await Promise.all([sweep(), sweep()])).toContain(3)
    expect(await sweep()).toBe(0)
    expect(countStates(await allVouchers(story))).toEqual({ expired: 4 })
    expect(await balances()).toMatchObject({
      budget_available: -999_000,
      voucher_liability: 0,
      merchant_payable: -1000,
    })
  })

  it('says of an offer that was swept the same as before', async () => {
    const { member, voucher } = await holding(story, { offer_days: 2 }, { delivery: 'offer' })
    story.now += 2 * day
    const { memberId, bucket } = member
    const claim = () => {
      const given = { memberId, bucket, voucherId: voucher.id, now: story.now }
      return story.store.transaction((tx) => claimOffer(tx, story.node, given))
    }
    await expect(claim()).rejects.toMatchObject({ code: 'OFFER_LAPSED' })
    await sweep()
    await expect(claim()).rejects.toMatchObject({ code: 'OFFER_LAPSED' })
  })

  it('runs a batch in chunks, and recalls what nobody has used', async () => {
    const seven = await members(story, 7)
    const version = await benefit(story, kinds.thrice)
    const { id } = await startedBatch(story, version.benefitId)
    expect(await runBatches(running(story, 3))).toBe(1)
    expect(await progressOf(story.store.read, id)).toMatchObject({ issued: 3, chunks: 1 })
    await runAllBatches(running(story, 3))
    expect(await progressOf(story.store.read, id)).toMatchObject({
      state: 'completed',
      issued: 7,
      dropped: 0,
      chunks: 3,
    })
    const issued = await allVouchers(story)
    const begun = issued.find(({ memberId }) => memberId === seven[0]!.memberId)!
    const device = await enrol(story, seven[0]!)
    await spend(story, { device, voucher: begun })

    await story.store.transaction((tx) => recallBatch(tx, id, staff))
    await runAllBatches(running(story, 3))
    expect(await readBatch(story.store.read, id)).toMatchObject({ state: 'recalled', recalled: 6 })
    expect(countStates(await allVouchers(story))).toEqual({ active: 1, void: 6 })
    expect(await balances()).toMatchObject({
      budget_available: -997_000,
      voucher_liability: -2000,
    })
    story.now += minute
    expect(await spend(story, { device, voucher: begun })).toMatchObject({ usesLeft: 1 })
    const again = await issue(story, version, seven)
    expect(again).toHaveLength(6) // who has begun theirs keeps it
  })

  it('does not release twice what expired before its recall', async () => {
    await members(story, 4)
    const version = await benefit(story)
    const { id } = await startedBatch(story, version.benefitId)
    await runAllBatches(running(story, 100))
    story.now += 30 * day
    expect(stateAt((await allVouchers(story))[0]!, story.now)).toBe('expired')
    await story.store.transaction((tx) => recallBatch(tx, id, staff))
    await Promise.all([runAllBatches(running(story, 100)), sweep()])
    await runAllBatches(running(story, 100))
    expect(await balances()).toMatchObject({ budget_available: -1_000_000 })
  })

  it('pauses a batch whose budget is gone, and issues nothing of that chunk', async () => {
    await members(story, 4)
    const version = await benefit(story, { amount: 250_000 })
    const { id } = await startedBatch(story, version.benefitId)
    const [other] = await members(story, 1)
    await issue(story, version, [other!])
    await Promise.all(Array.from({ length: 4 }, () => runAllBatches(running(story, 100))))
    expect(await readBatch(story.store.read, id)).toMatchObject({ state: 'paused', issued: 0 })
    expect(await allVouchers(story)).toHaveLength(1)
  })
})
