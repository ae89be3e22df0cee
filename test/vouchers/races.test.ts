import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemRandom } from '../../src/base/id.ts'
import { Refusal } from '../../src/base/refusal.ts'
import { readBatch } from '../../src/benefits/batches/batch.ts'
import { runAllBatches } from '../../src/jobs/batch-runner.ts'
import { sweepExpired } from '../../src/jobs/expiry.ts'
import { claimStock } from '../../src/vouchers/claim.ts'
import { makeAlias, verifyDigits } from '../../src/vouchers/numeric-code.ts'
import { returnVoucher } from '../../src/vouchers/return.ts'
import { recallBatch } from '../../src/vouchers/run-batch.ts'
import type { ShownCode } from '../../src/vouchers/shown-code.ts'
import { type Counter, openCounter } from '../support/counter.ts'
import { enrol } from '../support/device.ts'
import { engines } from '../support/engines.ts'
import {
  audit,
  benefit,
  codeFor,
  issue,
  kinds,
  members,
  reread,
  type Story,
  secondAccount,
  show,
  staff,
  tellStory,
  tick,
} from '../support/story.ts'
import { allVouchers, countStates, running, startedBatch } from './batches.ts'
import { type Holding, holding, prepareAt, redeemBy, undo } from './support.ts'

const full = process.env.EFFORT === 'full'
const minutes = 60_000

/** The codes of those that were refused. Anything but a refusal is thrown. */
function refusals(all: readonly PromiseSettledResult<unknown>[]): string[] {
  return all.flatMap((one) => {
    if (one.status === 'fulfilled') return []
    if (one.reason instanceof Refusal) return [one.reason.code]
    throw one.reason
  })
}

describe.each(engines)('at the same time, on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine, 100_000_000)
  })
  afterEach(async () => {
    await audit(story)
    await story.close()
  })

  const counters = (count: number): Promise<Counter[]> =>
    Promise.all(Array.from({ length: count }, () => openCounter(story, story.now, story.counter)))

  /** One code of the voucher for each of so many steps, as digits: they are good for minutes. */
  async function codes({ device, voucher }: Holding, count: number): Promise<ShownCode[]> {
    const { store, node, now } = story
    return Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const codeText = codeFor(story, device, voucher.id, now - i * 30_000)
        const random = systemRandom
        const given = { codeText, now, random }
        const { digits } = await store.transaction((tx) => makeAlias(tx, node, given))
        return verifyDigits(store.read, node, digits, now)
      }),
    )
  }

  it(
    'lets exactly one of 64 terminals redeem a voucher, every time',
    async () => {
      const terminals = await counters(64)
      const version = await benefit(story)
      const rounds = full ? 1000 : 30
      const people = await members(story, rounds)
      const vouchers = await issue(story, version, people)
      for (const [round, voucher] of vouchers.entries()) {
        const device = await enrol(story, people[round]!)
        const held = { member: people[round]!, device, voucher, benefitId: version.benefitId }
        const shown = await codes(held, 64)
        const all = await Promise.allSettled(
          terminals.map(({ terminalId }, i) => {
            return redeemBy(story, { shown: shown[i]! }, {}, terminalId)
          }),
        )
        expect(refusals(all)).toEqual(Array(63).fill('ALREADY_REDEEMED'))
        expect(await reread(story, voucher)).toMatchObject({ usesLeft: 0, version: 2 })
      }
      const { redemptions } = story.store.read.tables
      expect(await story.store.read.$count(redemptions)).toBe(rounds)
    },
    30 * minutes,
  )

  it('takes one scanned code from one of 64 terminals', async () => {
    const terminals = await counters(64)
    const held = await holding(story, { uses: 10, throttle_seconds: 0 })
    const shown = await show(story, held.device, held.voucher)
    const all = await Promise.allSettled(
      terminals.map(({ terminalId }) => redeemBy(story, { shown }, {}, terminalId)),
    )
    expect(refusals(all)).toEqual(Array(63).fill('TOKEN_ALREADY_USED'))
  })

  it('spends no more than the uses of a voucher', async () => {
    const terminals = await counters(32)
    const held = await holding(story, { uses: 3, throttle_seconds: 0 })
    const shown = await codes(held, 32)
    const all = await Promise.allSettled(
      terminals.map(({ terminalId }, i) => redeemBy(story, { shown: shown[i]! }, {}, terminalId)),
    )
    const won = all.filter(({ status }) => status === 'fulfilled').length
    const { usesLeft } = await reread(story, held.voucher)
    expect(usesLeft).toBe(3 - won)
    expect(won).toBeGreaterThan(0)
    for (const code of refusals(all)) {
      expect(['ALREADY_REDEEMED', 'VERSION_CONFLICT']).toContain(code)
    }
  })

  it(
    'hands out exactly the units of a stock',
    async () => {
      const [many, units] = full ? [10_000, 1000] : [300, 100]
      const version = await benefit(story, { ...kinds.stock, stock: units })
      const people = await members(story, many)
      const { store, node, now } = story
      const all = await Promise.allSettled(
        people.map((to) =>
          store.transaction((tx) => claimStock(tx, node, { benefit: version, to, now })),
        ),
      )
      expect(refusals(all)).toEqual(Array(many - units).fill('QUOTA_EXHAUSTED'))
      const { claims, quotas, vouchers } = store.read.tables
      expect(await store.read.$count(claims)).toBe(units)
      expect(await store.read.$count(vouchers)).toBe(units)
      expect(await store.read.select().from(quotas)).toMatchObject([{ used: units, total: units }])
    },
    10 * minutes,
  )

  it('holds the cap of a person who claims on two accounts and twice on each', async () => {
    const version = await benefit(story, {
      ...kinds.stock,
      stock: 50,
      cap: { count: 2, per: 'ever' },
    })
    const { store, node, now } = story
    const ten = await members(story, 10)
    for (const first of ten.slice(0, full ? 10 : 2)) {
      const second = await secondAccount(story, first)
      const all = await Promise.allSettled(
        [first, second, first, second].map((to) =>
          store.transaction((tx) => claimStock(tx, node, { benefit: version, to, now })),
        ),
      )
      expect(refusals(all)).toEqual(['PERSON_CAP_REACHED', 'PERSON_CAP_REACHED'])
    }
  })

  it('issues to every member once, however many run the batch', async () => {
    const many = full ? 3000 : 300
    await members(story, many)
    const version = await benefit(story, { amount: 100, cap: { count: 5, per: 'ever' } })
    const { id } = await startedBatch(story, version.benefitId)
    const runners = Array.from({ length: 6 }, () => runAllBatches(running(story, 17)))
    await Promise.all(runners)
    await runAllBatches(running(story, 17))
    expect(await readBatch(story.store.read, id)).toMatchObject({
      state: 'completed',
      issued: many,
    })
    const issued = await allVouchers(story)
    expect(issued).toHaveLength(many)
    expect(new Set(issued.map(({ memberId }) => memberId)).size).toBe(many)
  })

  it('keeps the books when a batch is recalled while its vouchers are used', async () => {
    const people = await members(story, 30)
    const version = await benefit(story)
    const { id } = await startedBatch(story, version.benefitId)
    await runAllBatches(running(story, 100))
    const issued = await allVouchers(story)
    const held = await Promise.all(
      people.slice(0, 10).map(async (member) => {
        const voucher = issued.find(({ memberId }) => memberId === member.memberId)!
        const device = await enrol(story, member)
        return { voucher, shown: await show(story, device, voucher) }
      }),
    )
    await story.store.transaction((tx) => recallBatch(tx, id, staff))
    const [, ...all] = await Promise.allSettled([
      runAllBatches(running(story, 100)),
      ...held.map(({ shown }) => redeemBy(story, { shown })),
    ])
    for (const code of refusals(all)) expect(code).toBe('VOUCHER_VOID')
    await runAllBatches(running(story, 100))
    const used = 10 - refusals(all).length
    expect(await readBatch(story.store.read, id)).toMatchObject({ state: 'recalled' })
    expect(countStates(await allVouchers(story))).toEqual({
      void: 30 - used,
      ...(used > 0 && { used }),
    })
  })

  it('keeps the books whatever is done to one voucher at once', async () => {
    const outcomes = new Set<string>()
    for (let round = 0; round < (full ? 100 : 15); round++) {
      const [member] = await members(story, 1)
      const [from, to] = [story.now, story.now + 60 * minutes]
      const validity = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
      const changes = { uses: 1 + (round % 2), throttle_seconds: 0, validity }
      const version = await benefit(story, changes)
      const { id: batchId } = await startedBatch(story, version.benefitId)
      await runAllBatches(running(story, 100))
      const voucher = (await allVouchers(story)).find(
        (one) => one.memberId === member!.memberId && one.benefitId === version.benefitId,
      )!
      const device = await enrol(story, member!)
      await tick(story) // a sequencer that is an hour late would put leaves in another order
      if (round % 5 === 0) story.now = to - 1
      const held = { member: member!, device, voucher, benefitId: version.benefitId }
      const [one, two, three] = await codes(held, 3)
      const { store, node, now } = story
      const { memberId, bucket } = member!
      const { id } = await prepareAt(story, three!)
      const give = { memberId, bucket, voucherId: voucher.id, now }
      const clock = () => now + 1
      const all = await Promise.allSettled([
        redeemBy(story, { shown: one! }),
        prepareAt(story, two!),
        redeemBy(story, { preparation: id, bucket }).then(({ redemption }) => {
          return undo(story, redemption, { staff: 'principal-staff' })
        }),
        store.transaction((tx) => returnVoucher(tx, node, give)),
        store
          .transaction((tx) => recallBatch(tx, batchId, staff))
          .then(() => runAllBatches(running(story, 100))),
        sweepExpired({ store, node, clock }),
      ])
      for (const code of refusals(all)) outcomes.add(code)
      await runAllBatches(running(story, 100))
      outcomes.add((await reread(story, voucher)).state)
      if (round % 5 === 0) await audit(story)
    }
    expect(outcomes.size).toBeGreaterThan(1)
  }, 600_000)
})
