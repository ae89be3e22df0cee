import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Refusal } from '../../src/base/refusal.ts'
import { cashierById, openShift, pinTries, takePinTry } from '../../src/merchants/cashiers.ts'
import { requireStanding } from '../../src/merchants/standing.ts'
import type { Tx } from '../../src/store/store.ts'
import { type Counter, openCounter } from '../support/counter.ts'
import { engines } from '../support/engines.ts'
import { type Story, tellStory } from '../support/story.ts'

describe.each(engines)('a shift on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(() => story.close())

  const does = <T>(work: (tx: Tx) => Promise<T>) => story.store.transaction(work)
  const open = ({ cashierId }: Pick<Counter, 'cashierId'>, { terminalId } = story.counter) =>
    does((tx) => openShift(tx, { terminalId, cashierId, now: story.now }))
  const openAt = async (terminalId: string) => {
    const { shifts } = story.store.read.tables
    const all = await story.store.read
      .select()
      .from(shifts)
      .where(eq(shifts.terminalId, terminalId))
    return all.filter(({ closedAt }) => closedAt === null)
  }

  it('ends the one that was open at the terminal', async () => {
    const { id } = await open(story.counter)
    expect(await openAt(story.counter.terminalId)).toMatchObject([{ id }])
  })

  it('is one alone, however many cashiers open one at once', async () => {
    const { terminalId } = story.counter
    const others = await Promise.all(
      Array.from({ length: 8 }, () => openCounter(story, story.now, story.counter)),
    )
    const all = await Promise.allSettled(others.map((other) => open(other)))
    const won = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : []))
    for (const one of all) {
      if (one.status === 'fulfilled') continue
      expect(one.reason).toBeInstanceOf(Refusal)
      expect(one.reason).toMatchObject({ code: 'VERSION_CONFLICT' })
    }
    const [left, ...more] = await openAt(terminalId)
    expect(more).toEqual([])
    expect(won).toContain(left?.id)
    const { shiftId } = await does((tx) => requireStanding(tx, terminalId, story.now))
    expect(shiftId).toBe(left?.id)
  })

  it('is for cashiers of the terminal’s store, and nobody else is locked out there', async () => {
    const elsewhere = await openCounter(story, story.now)
    const sibling = await openCounter(story, story.now, {
      merchantId: story.counter.merchantId,
      storeId: elsewhere.storeId,
    })
    const { terminalId } = story.counter
    for (const { cashierId } of [elsewhere, sibling]) {
      for (const verified of [true, false]) {
        const given = { terminalId, cashierId, verified }
        expect(await does((tx) => takePinTry(tx, given))).toMatchObject({ code: 'PIN_WRONG' })
      }
      expect(await cashierById(story.store.read, cashierId)).toMatchObject({ triesLeft: pinTries })
    }
  })

  it('tells five wrong PINs from right ones, however many are tried at once', async () => {
    const { terminalId, cashierId } = story.counter
    const take = (verified: boolean) =>
      does((tx) => takePinTry(tx, { terminalId, cashierId, verified }))
    for (let i = 1; i < pinTries; i++)
      expect(await take(false)).toMatchObject({ code: 'PIN_WRONG' })
    expect(await take(true)).toBeUndefined() // and the tries are given back
    const told = await Promise.all(Array.from({ length: 40 }, () => take(false)))
    const wrong = told.filter((refused) => refused?.code === 'PIN_WRONG')
    const locked = told.filter((refused) => refused?.code === 'PIN_LOCKED')
    expect([wrong.length, locked.length]).toEqual([pinTries, 40 - pinTries])
    expect(await take(true)).toMatchObject({ code: 'PIN_LOCKED' })
  })
})
