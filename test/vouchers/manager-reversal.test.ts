import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { hour, minute } from '../../src/base/clock.ts'
import { Refusal } from '../../src/base/refusal.ts'
import type { Redemption } from '../../src/vouchers/redeem.ts'
import { timelineOf } from '../../src/vouchers/wallet.ts'
import { type Counter, openCounter } from '../support/counter.ts'
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
  tellStory,
} from '../support/story.ts'
import { holding, spend, undo } from './support.ts'

describe.each(engines)('a manager who reverses, on %s', (engine) => {
  let story: Story
  let manager: Counter
  beforeEach(async () => {
    story = await tellStory(engine)
    manager = await openCounter(story, story.now, story.counter, 'manager')
  })
  afterEach(async () => {
    await audit(story)
    await story.close()
  })

  const manage = (made: Redemption, { terminalId } = manager) => undo(story, made, { terminalId })

  /** So many redemptions at the counter, of single-use vouchers. */
  async function spent(count: number): Promise<Redemption[]> {
    const version = await benefit(story)
    const people = await members(story, count)
    const vouchers = await issue(story, version, people)
    const made = []
    for (const [i, voucher] of vouchers.entries()) {
      const device = await enrol(story, people[i]!)
      made.push((await spend(story, { device, voucher })).redemption)
    }
    return made
  }

  it('undoes for a day what any terminal of the store has redeemed, and is named for it', async () => {
    const held = await holding(story)
    const { redemption } = await spend(story, held)
    story.now += 24 * hour
    const back = await manage(redemption)
    expect(back).toMatchObject({ usesLeft: 1, redemption: { state: 'reversed' } })
    const { store } = story
    const events = await timelineOf(store.read, held.voucher.bucket, held.voucher.id)
    expect(events.at(-1)).toMatchObject({
      kind: 'voucher.reverse',
      actor: `manager:${manager.cashierId}`,
      version: 3,
    })
    const { journalEntries } = store.read.tables
    const entries = await store.read.select().from(journalEntries)
    const leaf = entries.find(({ id }) => id === events.at(-1)?.entryId)?.leaf
    expect(JSON.parse(Buffer.from(leaf!).toString())).toMatchObject({ by: 'manager' })
  })

  it('is refused REVERSAL_WINDOW_PASSED after it, and told until when', async () => {
    const { redemption } = await spend(story, await holding(story))
    const until = redemption.redeemedAt + 24 * hour
    story.now += 10 * minute + 1
    await expect(undo(story, redemption)).rejects.toMatchObject({
      code: 'REVERSAL_WINDOW_PASSED',
      detail: {
        reversible_until: redemption.reversibleUntil,
        manager_reversible_until: until,
      },
    })
    story.now = until + 1
    await expect(manage(redemption)).rejects.toMatchObject({
      code: 'REVERSAL_WINDOW_PASSED',
      detail: { reversible_until: until },
    })
  })

  it('finds nothing of another store, and nothing where another cashier is on shift', async () => {
    const { redemption } = await spend(story, await holding(story))
    const elsewhere = await openCounter(story, story.now, undefined, 'manager')
    const sibling = await openCounter(
      story,
      story.now,
      {
        merchantId: story.counter.merchantId,
        storeId: elsewhere.storeId,
      },
      'manager',
    )
    const cashier = await openCounter(story, story.now, story.counter)
    for (const counter of [elsewhere, sibling, cashier]) {
      await expect(manage(redemption, counter)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
  })

  it('undoes one of a day with few redemptions, and REVERSAL_LIMIT then', async () => {
    const [one, two, three] = await spent(3)
    await manage(one!)
    await expect(manage(two!)).rejects.toMatchObject({
      code: 'REVERSAL_LIMIT',
      detail: { limit: 1 },
    })
    await expect(manage(one!)).rejects.toMatchObject({ code: 'ALREADY_REVERSED' })
    expect(await undo(story, two!)).toMatchObject({ usesLeft: 1 }) // the cashier's own minutes
    expect(await undo(story, three!, { staff: 'principal-staff' })).toMatchObject({ usesLeft: 1 })
  })

  it('has a limit for each day, by the redemption and not by the hour of undoing', async () => {
    story.now += 11 * hour + 50 * minute // 23:50 at the programme's place
    const [late, later] = await spent(2)
    story.now += 20 * minute
    const [early] = await spent(1)
    await manage(early!)
    await manage(late!)
    await expect(manage(later!)).rejects.toMatchObject({ code: 'REVERSAL_LIMIT' })
  })

  it('undoes a twentieth of the day, however many are tried at once', async () => {
    const made = await spent(41)
    const counters = await Promise.all(
      Array.from({ length: 8 }, () => openCounter(story, story.now, story.counter, 'manager')),
    )
    const all = await Promise.allSettled(counters.map((counter, i) => manage(made[i]!, counter)))
    const codes = all.flatMap((one) => {
      if (one.status === 'fulfilled') return []
      if (one.reason instanceof Refusal) return [one.reason.code]
      throw one.reason
    })
    expect(codes).toEqual(Array(6).fill('REVERSAL_LIMIT'))
  })

  it('undoes no voucher more than three times, whoever is asked', async () => {
    const held = await holding(story, kinds.thrice)
    for (let i = 0; i < 3; i++) {
      await undo(story, (await spend(story, held)).redemption)
      story.now += minute
    }
    const { redemption } = await spend(story, held)
    for (const by of [{ terminalId: manager.terminalId }, { staff: 'principal-staff' }]) {
      await expect(undo(story, redemption, by)).rejects.toMatchObject({ code: 'REVERSAL_LIMIT' })
    }
    expect(await reread(story, held.voucher)).toMatchObject({ reversals: 3, usesLeft: 2 })
    expect(await story.store.read.$count(story.store.read.tables.managerReversals)).toBe(0)
  })
})
