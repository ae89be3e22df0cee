import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { hour, minute } from '../../src/base/clock.ts'
import { sweepExpired } from '../../src/jobs/expiry.ts'
import { closeShift, openShift } from '../../src/merchants/cashiers.ts'
import { openCounter } from '../support/counter.ts'
import { engines } from '../support/engines.ts'
import { audit, kinds, reread, type Story, tellStory } from '../support/story.ts'
import { holding, spend, undo } from './support.ts'

describe.each(engines)('reversing on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(async () => {
    await audit(story)
    await story.close()
  })

  const staff = { staff: 'principal-staff' }

  it('gives the voucher back, and both acts stay on record', async () => {
    const held = await holding(story)
    const { redemption } = await spend(story, held)
    story.now += 10 * minute
    const back = await undo(story, redemption)
    expect(back).toMatchObject({ usesLeft: 1, validTo: held.voucher.validTo })
    expect(back.redemption).toMatchObject({
      state: 'reversed',
      reversedAt: story.now,
      reversalReason: 'wrong_voucher',
      redeemedAt: redemption.redeemedAt,
    })
    expect(await reread(story, held.voucher)).toMatchObject({
      state: 'active',
      usesLeft: 1,
      version: 3,
      reversals: 1,
    })
    expect(await spend(story, held)).toMatchObject({ usesLeft: 0 })
  })

  it('gives back one use of three', async () => {
    const held = await holding(story, kinds.thrice)
    const first = await spend(story, held)
    story.now += minute
    await spend(story, held)
    expect(await undo(story, first.redemption)).toMatchObject({ usesLeft: 2 })
  })

  it('refuses REVERSAL_WINDOW_PASSED to the terminal after ten minutes, not to staff', async () => {
    const held = await holding(story)
    const { redemption } = await spend(story, held)
    story.now += 10 * minute + 1
    await expect(undo(story, redemption)).rejects.toMatchObject({
      code: 'REVERSAL_WINDOW_PASSED',
      detail: { reversible_until: redemption.reversibleUntil },
    })
    expect(await undo(story, redemption, staff)).toMatchObject({ usesLeft: 1 })
  })

  it('refuses REVERSAL_WINDOW_PASSED in another shift', async () => {
    const held = await holding(story)
    const { redemption } = await spend(story, held)
    const { terminalId, cashierId } = story.counter
    const { now } = story
    await story.store.transaction((tx) => closeShift(tx, { terminalId, now }))
    await expect(undo(story, redemption)).rejects.toMatchObject({ code: 'SHIFT_CLOSED' })
    const shift = { terminalId, cashierId, now }
    await story.store.transaction((tx) => openShift(tx, shift))
    await expect(undo(story, redemption)).rejects.toMatchObject({ code: 'REVERSAL_WINDOW_PASSED' })
  })

  it('does not find what another terminal redeemed', async () => {
    const held = await holding(story)
    const { redemption } = await spend(story, held)
    const { terminalId } = await openCounter(story, story.now, story.counter)
    await expect(undo(story, redemption, { terminalId })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(undo(story, { bucket: 1, id: 'none' }, staff)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    // Nor can it tell another's from none when its shift is closed.
    await story.store.transaction((tx) => closeShift(tx, { terminalId, now: story.now }))
    for (const one of [redemption, { bucket: 1, id: 'none' }]) {
      await expect(undo(story, one, { terminalId })).rejects.toMatchObject({ code: 'SHIFT_CLOSED' })
    }
  })

  it('refuses ALREADY_REVERSED the second time, and to all but one at once', async () => {
    const held = await holding(story)
    const { redemption } = await spend(story, held)
    const all = await Promise.allSettled(
      Array.from({ length: 8 }, () => undo(story, redemption, staff)),
    )
    const codes = all.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(codes).toEqual(Array(7).fill('ALREADY_REVERSED'))
    await expect(undo(story, redemption)).rejects.toMatchObject({ code: 'ALREADY_REVERSED' })
  })

  it('refuses REVERSAL_LIMIT the fourth time', async () => {
    const held = await holding(story)
    for (let i = 0; i < 3; i++) {
      await undo(story, (await spend(story, held)).redemption)
      story.now += minute
    }
    const { redemption } = await spend(story, held)
    await expect(undo(story, redemption)).rejects.toMatchObject({ code: 'REVERSAL_LIMIT' })
    expect(await reread(story, held.voucher)).toMatchObject({ state: 'used', reversals: 3 })
  })

  it('extends by the grace what ended meanwhile', async () => {
    const held = await holding(story, { grace_hours: 5 })
    story.now = held.voucher.validTo - minute
    const { redemption } = await spend(story, held)
    story.now += 2 * minute
    expect(await undo(story, redemption)).toMatchObject({ validTo: story.now + 5 * hour })
    story.now += 5 * hour - 1
    expect(await spend(story, held)).toMatchObject({ usesLeft: 0 })
  })

  it('gives back the one use of what was swept meanwhile, and no other', async () => {
    const held = await holding(story, kinds.thrice)
    const first = await spend(story, held)
    story.now += minute
    const second = await spend(story, held)
    story.now = held.voucher.validTo
    const { store, node } = story
    expect(await sweepExpired({ store, node, clock: () => story.now })).toBe(1)
    await audit(story)
    expect(await undo(story, second.redemption, staff)).toMatchObject({ usesLeft: 1 })
    await audit(story)
    expect(await undo(story, first.redemption, staff)).toMatchObject({ usesLeft: 2 })
    expect(await spend(story, held)).toMatchObject({ usesLeft: 1 })
    story.now += minute
    expect(await spend(story, held)).toMatchObject({ usesLeft: 0 })
    await expect(spend(story, held)).rejects.toMatchObject({ code: 'ALREADY_REDEEMED' })
  })
})
