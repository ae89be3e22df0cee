import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { minute } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/id.ts'
import { makeNumericCode } from '../../src/formats/numeric-code.ts'
import {
  countWrongDigits,
  makeAlias,
  takeTry,
  verifyDigits,
} from '../../src/vouchers/numeric-code.ts'
import { openCounter } from '../support/counter.ts'
import { engines } from '../support/engines.ts'
import { audit, codeFor, type Story, tellStory } from '../support/story.ts'
import { type Holding, holding, prepareAt, redeemBy } from './support.ts'

describe.each(engines)('twelve digits on %s', (engine) => {
  let story: Story
  let held: Holding
  beforeEach(async () => {
    story = await tellStory(engine)
    held = await holding(story, { uses: 5, throttle_seconds: 0 })
  })
  afterEach(() => story.close())

  const alias = (at = story.now) => {
    const codeText = codeFor(story, held.device, held.voucher.id, at)
    const { now } = story
    return story.store.transaction((tx) => makeAlias(tx, story.node, { codeText, now }))
  }
  const read = (digits: string) => verifyDigits(story.store.read, story.node, digits, story.now)

  it('redeem a voucher, four minutes after they were made', async () => {
    const { digits, expiresAt } = await alias()
    expect(expiresAt).toBe(story.now + 5 * minute)
    story.now = expiresAt - 1
    const typed = `${digits.slice(0, 4)} ${digits.slice(4, 8)}-${digits.slice(8)}`
    expect(await redeemBy(story, { shown: await read(typed) })).toMatchObject({ usesLeft: 4 })
    await audit(story)
  })

  it('prepare a voucher as a scanned code does', async () => {
    const { digits } = await alias()
    const { id } = await prepareAt(story, await read(digits))
    const by = { preparation: id, bucket: held.voucher.bucket }
    expect(await redeemBy(story, by)).toMatchObject({ usesLeft: 4 })
  })

  it('are good once, however many type them at once', async () => {
    const { digits } = await alias()
    const shown = await read(digits)
    const all = await Promise.allSettled(
      Array.from({ length: 8 }, () => redeemBy(story, { shown })),
    )
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(read(digits)).rejects.toMatchObject({ code: 'VOUCHER_NOT_FOUND' })
    await audit(story)
  })

  it('do not make a code good twice that was scanned already', async () => {
    const first = await alias()
    const second = await alias()
    const [one, two] = [await read(first.digits), await read(second.digits)]
    await redeemBy(story, { shown: one })
    await expect(redeemBy(story, { shown: two })).rejects.toMatchObject({
      code: 'TOKEN_ALREADY_USED',
    })
  })

  it('are not found when they are expired, unknown or of a forged code', async () => {
    const { digits, expiresAt } = await alias()
    const shown = await read(digits)
    story.now = expiresAt
    await expect(read(digits)).rejects.toMatchObject({ code: 'VOUCHER_NOT_FOUND' })
    await expect(redeemBy(story, { shown })).rejects.toMatchObject({ code: 'VOUCHER_NOT_FOUND' })
    const unknown = makeNumericCode(systemRandom)
    await expect(read(unknown)).rejects.toMatchObject({ code: 'VOUCHER_NOT_FOUND' })
  })

  it('are malformed when the check digit is wrong, or there are not twelve', async () => {
    const { digits } = await alias()
    const wrong = digits.slice(0, -1) + String((Number(digits.at(-1)) + 1) % 10)
    for (const odd of [wrong, digits.slice(1), `${digits}0`, '', '１２３４５６７８９０１２']) {
      await expect(read(odd)).rejects.toMatchObject({ code: 'TOKEN_MALFORMED' })
    }
  })

  it('may be mistyped five times at one terminal, and TOO_MANY_CODE_ATTEMPTS then', async () => {
    const { terminalId } = story.counter
    const type = (wrong: boolean, at = terminalId) =>
      story.store.transaction((tx) => takeTry(tx, { terminalId: at, wrong, now: story.now }))
    for (let i = 0; i < 7; i++) await type(false) // a right one costs nothing
    for (let i = 0; i < 5; i++) await type(true)
    const none = { code: 'TOO_MANY_CODE_ATTEMPTS' }
    await expect(type(true)).rejects.toMatchObject(none)
    await expect(type(false)).rejects.toMatchObject(none)
    const other = await openCounter(story, story.now)
    await type(true, other.terminalId)
    story.now += 10 * minute
    await expect(type(false)).rejects.toMatchObject(none)
    for (let i = 0; i < 4; i++) await type(true, other.terminalId)
    await expect(type(true, other.terminalId)).rejects.toMatchObject(none)
    story.now += 10 * minute
    await type(true)
  })

  it('are told of no more than five wrong ones, however many are typed at once', async () => {
    const { terminalId } = story.counter
    const all = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        story.store.transaction((tx) =>
          takeTry(tx, { terminalId, wrong: i % 4 > 0, now: story.now }),
        ),
      ),
    )
    const told = all.filter(({ status }, i) => status === 'fulfilled' && i % 4 > 0)
    expect(told).toHaveLength(5)
    const { codeTries } = story.store.read.tables
    expect(await story.store.read.select().from(codeTries)).toMatchObject([{ tries: 5 }])
  })

  it('are counted right when they are mistyped at the same time', async () => {
    const { terminalId } = story.counter
    await Promise.all(
      Array.from({ length: 20 }, () =>
        story.store.transaction((tx) => countWrongDigits(tx, terminalId, story.now)),
      ),
    )
    const { codeTries } = story.store.read.tables
    expect(await story.store.read.select().from(codeTries)).toMatchObject([{ tries: 20 }])
  })
})
