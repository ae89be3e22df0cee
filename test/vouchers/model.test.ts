import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { day, minute, second } from '../../src/base/clock.ts'
import { Refusal } from '../../src/base/refusal.ts'
import { readProgramme } from '../../src/benefits/programmes.ts'
import { benefitVersion } from '../../src/benefits/versions.ts'
import { sweepExpired } from '../../src/jobs/expiry.ts'
import { claimOffer } from '../../src/vouchers/claim.ts'
import { fromStart, recallChunk } from '../../src/vouchers/close-chunk.ts'
import { extendVoucher } from '../../src/vouchers/extend.ts'
import type { Redemption } from '../../src/vouchers/redeem.ts'
import { reissueVoucher } from '../../src/vouchers/reissue.ts'
import { returnVoucher } from '../../src/vouchers/return.ts'
import type { ShownCode } from '../../src/vouchers/shown-code.ts'
import { stateAt, type VoucherState } from '../../src/vouchers/states.ts'
import { resumeVoucher, suspendVoucher } from '../../src/vouchers/suspend.ts'
import { voidVoucher } from '../../src/vouchers/void.ts'
import { engines } from '../support/engines.ts'
import { audit, reread, type Story, show, tellStory, tick } from '../support/story.ts'
import { type Holding, holding, prepareAt, redeemBy, undo } from './support.ts'

/** What a voucher is, to somebody who knows the rules and nothing of databases. */
interface Imagined {
  state: VoucherState
  /** Until when it is an offer, or valid. */
  until: number
  usedAt: number
  reversals: number
  issuedAt: number
  /** When its programme ends: nothing is extended or issued anew beyond. */
  readonly end: number
  /** Issued by a batch, and not anew. */
  batch: boolean
}
interface Model {
  now: number
  readonly end: number
  readonly vouchers: Imagined[]
}
interface Real {
  readonly story: Story
  readonly held: Holding[]
  readonly last: Map<number, { redemption: Redemption; shown: ShownCode }>
}

const budget = 1_000_000
const deliveries = ['offer', 'active'] as const

/** Every act on one voucher: when it is allowed, what it then makes of it, and how it is done. */
interface Act {
  allowed(voucher: Imagined, now: number): boolean
  after(voucher: Imagined, now: number): void
  run(real: Real, i: number): Promise<unknown>
}

const open = (voucher: Imagined, now: number) => voucher.state === 'active' && now < voucher.until
const decide = ({ story, held }: Real, i: number) => {
  const { bucket, id: voucherId } = held[i]!.voucher
  return { bucket, voucherId, staff: 'staff', now: story.now }
}
const mine = ({ story, held }: Real, i: number) => {
  const { voucher, member } = held[i]!
  const { bucket, id: voucherId } = voucher
  return { memberId: member.memberId, bucket, voucherId, now: story.now }
}
const become = (state: VoucherState) => (voucher: Imagined) => {
  voucher.state = state
}
async function redeemShown(real: Real, i: number, shown: ShownCode) {
  const { redemption } = await redeemBy(real.story, { shown })
  real.last.set(i, { redemption, shown })
}

const acts: Record<string, Act> = {
  claim: {
    allowed: ({ state, until }, now) => state === 'offered' && now < until,
    after: (voucher, now) => {
      voucher.state = 'active'
      voucher.until = now + 30 * day
    },
    run: (real, i) => {
      const { store, node } = real.story
      return store.transaction((tx) => claimOffer(tx, node, mine(real, i)))
    },
  },
  prepare: {
    allowed: open,
    after: () => {},
    run: async ({ story, held }, i) => {
      const { device, voucher } = held[i]!
      return prepareAt(story, await show(story, device, voucher))
    },
  },
  redeem: {
    allowed: open,
    after: use,
    run: async (real, i) => {
      const { device, voucher } = real.held[i]!
      await redeemShown(real, i, await show(real.story, device, voucher))
    },
  },
  // Five at once with five codes: exactly one gets through, or none.
  concurrent: {
    allowed: open,
    after: use,
    run: async (real, i) => {
      const { device, voucher } = real.held[i]!
      const { story } = real
      const at = [0, 1, -1].map((step) => story.now + step * 30 * second)
      const codes = await Promise.all(at.map((time) => show(story, device, voucher, time)))
      const all = await Promise.allSettled(
        [...codes, ...codes].map((shown) => redeemShown(real, i, shown)),
      )
      const through = all.filter(({ status }) => status === 'fulfilled').length
      expect(through).toBeLessThanOrEqual(1)
      const lost = all.find((one) => one.status === 'rejected' && !(one.reason instanceof Refusal))
      if (lost?.status === 'rejected') throw lost.reason
      if (through === 0) throw new Refusal('ALREADY_REDEEMED')
      story.now += 2 * minute // behind every code that was shown
    },
  },
  // The very code that was taken before never is again.
  duplicate: {
    allowed: () => false,
    after: () => {},
    run: (real, i) => {
      const before = real.last.get(i)
      if (!before) throw new Refusal('TOKEN_ALREADY_USED')
      return redeemBy(real.story, { shown: before.shown })
    },
  },
  reverse: {
    allowed: ({ state, usedAt, reversals }, now) =>
      state === 'used' && now <= usedAt + 10 * minute && reversals < 3,
    after: (voucher) => {
      voucher.state = 'active'
      voucher.reversals++
    },
    run: (real, i) => {
      const before = real.last.get(i)
      if (!before) throw new Refusal('NOT_FOUND')
      return undo(real.story, before.redemption)
    },
  },
  return: {
    allowed: ({ state, until }, now) => ['offered', 'active'].includes(state) && now < until,
    after: become('returned'),
    run: (real, i) => {
      const { store, node } = real.story
      return store.transaction((tx) => returnVoucher(tx, node, mine(real, i)))
    },
  },
  suspend: {
    allowed: open,
    after: become('suspended'),
    run: (real, i) => {
      const { store, node } = real.story
      const decision = { ...decide(real, i), reason: 'complaint' as const }
      return store.transaction((tx) => suspendVoucher(tx, node, decision))
    },
  },
  extend: {
    allowed: (voucher, now) => {
      const { until, issuedAt, end } = voucher
      return open(voucher, now) && until + minute <= Math.min(end, issuedAt + 365 * day)
    },
    after: (voucher) => {
      voucher.until += minute
    },
    run: async (real, i) => {
      const { store, node } = real.story
      const { validTo } = await reread(real.story, real.held[i]!.voucher)
      const decision = { ...decide(real, i), reason: 'complaint' as const }
      const later = { ...decision, validTo: validTo + minute }
      return store.transaction((tx) => extendVoucher(tx, node, later))
    },
  },
  // The new one takes its place among what is held; the old one has had its say.
  reissue: {
    allowed: ({ state, end }, now) => ['void', 'expired'].includes(state) && now < end,
    after: (voucher, now) => {
      const until = Math.min(voucher.end, now + 30 * day)
      Object.assign(voucher, { state: 'active', until, issuedAt: now, batch: false, usedAt: 0 })
      voucher.reversals = 0
    },
    run: async (real, i) => {
      const { store, node } = real.story
      const decision = { ...decide(real, i), reason: 'lost' as const }
      const voucher = await store.transaction((tx) => reissueVoucher(tx, node, decision))
      real.held[i] = { ...real.held[i]!, voucher }
      real.last.delete(i)
    },
  },
  resume: {
    allowed: ({ state }) => state === 'suspended',
    after: become('active'),
    run: (real, i) => {
      const { store, node } = real.story
      const decision = { ...decide(real, i), reason: 'cleared' as const }
      return store.transaction((tx) => resumeVoucher(tx, node, decision))
    },
  },
  void: {
    allowed: ({ state, until }, now) =>
      state === 'suspended' || (['offered', 'active'].includes(state) && now < until),
    after: become('void'),
    run: (real, i) => {
      const { store, node } = real.story
      const decision = { ...decide(real, i), reason: 'duplicate' as const }
      return store.transaction((tx) => voidVoucher(tx, node, decision))
    },
  },
  recall: {
    allowed: () => true,
    after: (voucher) => {
      const held = ['offered', 'active', 'suspended'].includes(voucher.state)
      if (held && voucher.batch) voucher.state = 'void'
    },
    run: async ({ story, held }, i) => {
      const { store, node, now } = story
      const { batchId, benefitId } = held[i]!.voucher
      if (batchId === null) return
      const benefit = await benefitVersion(store.read, benefitId, 1)
      const chunk = { batchId, benefit: benefit!, after: fromStart, now }
      return store.transaction((tx) => recallChunk(tx, node, chunk))
    },
  },
}

function use(voucher: Imagined, now: number): void {
  voucher.state = 'used'
  voucher.usedAt = now
}

/** Both clocks go on: far enough that a phone shows another code. */
async function pass(model: Model, real: Real, ms = 31 * second): Promise<void> {
  await tick(real.story) // a leaf waits for milliseconds, never for minutes
  real.story.now += ms
  model.now = real.story.now
}

const issuing = (delivery: (typeof deliveries)[number]) => ({
  check: ({ vouchers }: Model) => vouchers.length < 6,
  async run(model: Model, real: Real) {
    await pass(model, real)
    const made = await holding(real.story, { returnable: true }, { delivery })
    const { offerTo, validTo } = made.voucher
    real.held.push(made)
    const state = delivery === 'offer' ? ('offered' as const) : ('active' as const)
    const until = state === 'offered' ? Math.min(offerTo ?? validTo, validTo) : validTo
    const { end, now: issuedAt } = model
    const fresh = { usedAt: 0, reversals: 0, issuedAt, end, batch: true }
    model.vouchers.push({ state, until, ...fresh })
  },
  toString: () => `issue ${delivery}`,
})

const expiring = (days: number) => ({
  check: () => true,
  async run(model: Model, real: Real) {
    await pass(model, real, days * day)
    await sweepExpired({ ...real.story, clock: () => real.story.now })
    for (const voucher of model.vouchers) {
      const over = model.now >= voucher.until
      if (over && ['offered', 'active'].includes(voucher.state)) voucher.state = 'expired'
    }
  },
  toString: () => `expire after ${days} days`,
})

const acting = (name: string, which: number) => ({
  check: ({ vouchers }: Model) => vouchers.length > 0,
  async run(model: Model, real: Real) {
    await pass(model, real)
    const act = acts[name]!
    const i = which % model.vouchers.length
    const voucher = model.vouchers[i]!
    const expected = act.allowed(voucher, model.now)
    const at = model.now
    const doing = async () => act.run(real, i)
    const went = await doing().then(
      () => true,
      (error: unknown) => {
        if (error instanceof Refusal) return false
        throw error
      },
    )
    expect(went, `${name} of a voucher that is ${voucher.state}`).toBe(expected)
    if (went) act.after(voucher, at)
    model.now = real.story.now
    const row = await reread(real.story, real.held[i]!.voucher)
    const unswept = ['offered', 'active'].includes(voucher.state) && model.now >= voucher.until
    expect(stateAt(row, model.now)).toBe(unswept ? 'expired' : voucher.state)
  },
  toString: () => `${name} ${which}`,
})

const full = process.env.EFFORT === 'full'
const commands = fc.commands(
  [
    fc.constantFrom(...deliveries).map(issuing),
    fc.constantFrom(1, 5, 40).map(expiring),
    ...Object.keys(acts).map((name) => fc.nat(5).map((which) => acting(name, which))),
  ],
  { maxCommands: 40, size: 'max' },
)

describe.each(engines)('vouchers on %s', (engine) => {
  const words = 'are what a small model says, whatever is done in whatever order'
  it(words, { timeout: full ? 3_600_000 : 120_000 }, async () => {
    const property = fc.asyncProperty(commands, async (all) => {
      const story = await tellStory(engine, budget)
      const model: Model = { now: story.now, end: story.programme.periodTo, vouchers: [] }
      try {
        const real: Real = { story, held: [], last: new Map() }
        await fc.asyncModelRun(() => ({ model, real }), all)
        const kept = ['offered', 'active', 'used', 'suspended']
        const bound = model.vouchers.filter(({ state }) => kept.includes(state)).length
        const { available } = await readProgramme(story.store.read, story.programme.id)
        expect(available).toBe(budget - 1000 * bound)
        await audit(story)
      } finally {
        await story.close()
      }
    })
    // A failure prints the seed and the path: fc.assert(…, { seed, path }) plays it again.
    const limits = full ? { numRuns: 500 } : { numRuns: 40, interruptAfterTimeLimit: 9_000 }
    const seed = process.env.SEED ? { seed: Number(process.env.SEED) } : {}
    await fc.assert(property, { ...limits, ...seed, endOnFailure: !full })
  })
})
