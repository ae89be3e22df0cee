import { sql } from 'drizzle-orm'

import { day, second } from '../../src/base/clock.ts'
import { Refusal } from '../../src/base/refusal.ts'
import { benefitVersion } from '../../src/benefits/versions.ts'
import { sweepBenefit } from '../../src/jobs/expiry.ts'
import { rollTo } from '../../src/jobs/roll-log.ts'
import { keyFolderOf } from '../../src/keys/keyring.ts'
import { closeDay } from '../../src/ledger/day.ts'
import { yearOf } from '../../src/ledger/roll.ts'
import { claimOffer } from '../../src/vouchers/claim.ts'
import { fromStart, recallChunk } from '../../src/vouchers/close-chunk.ts'
import { returnVoucher } from '../../src/vouchers/return.ts'
import type { VoucherState } from '../../src/vouchers/states.ts'
import { resumeVoucher, suspendVoucher } from '../../src/vouchers/suspend.ts'
import { voidVoucher } from '../../src/vouchers/void.ts'
import { issue, type Story, show } from '../support/story.ts'
import { type Holding, redeemBy, undo } from '../vouchers/support.ts'

/** Something that a client asks for. */
export interface Act {
  /** From which states, and into which one; none when it is about no voucher in particular. */
  readonly from?: readonly VoucherState[]
  readonly to?: VoucherState
  run(story: Story, held: Holding): Promise<unknown>
}

const mine = ({ now }: Story, { voucher, member }: Holding) => {
  const { bucket, id: voucherId } = voucher
  return { memberId: member.memberId, bucket, voucherId, now }
}
const decide = ({ now }: Story, { voucher }: Holding) => {
  const { bucket, id: voucherId } = voucher
  return { bucket, voucherId, staff: 'staff', now }
}

/** Every act that writes to the ledger, alone in its transaction. */
export const acts: Readonly<Record<string, Act>> = {
  claim: {
    from: ['offered'],
    to: 'active',
    run: (story, held) =>
      story.store.transaction((tx) => claimOffer(tx, story.node, mine(story, held))),
  },
  redeem: {
    from: ['active'],
    to: 'used',
    run: async (story, { device, voucher }) =>
      redeemBy(story, { shown: await show(story, device, voucher) }),
  },
  reverse: { from: ['used'], to: 'active', run: async (story, held) => undoLast(story, held) },
  return: {
    from: ['active', 'offered'],
    to: 'returned',
    run: (story, held) =>
      story.store.transaction((tx) => returnVoucher(tx, story.node, mine(story, held))),
  },
  suspend: {
    from: ['active'],
    to: 'suspended',
    run: (story, held) => {
      const decision = { ...decide(story, held), reason: 'complaint' as const }
      return story.store.transaction((tx) => suspendVoucher(tx, story.node, decision))
    },
  },
  resume: {
    from: ['suspended'],
    to: 'active',
    run: (story, held) => {
      const decision = { ...decide(story, held), reason: 'cleared' as const }
      return story.store.transaction((tx) => resumeVoucher(tx, story.node, decision))
    },
  },
  void: {
    from: ['active', 'offered', 'suspended'],
    to: 'void',
    run: (story, held) => {
      const decision = { ...decide(story, held), reason: 'duplicate' as const }
      return story.store.transaction((tx) => voidVoucher(tx, story.node, decision))
    },
  },
  recall: {
    from: ['active', 'offered', 'suspended'],
    to: 'void',
    run: async ({ store, node, now }, { voucher, benefitId }) => {
      const benefit = await benefitVersion(store.read, benefitId, 1)
      const chunk = { batchId: voucher.batchId!, benefit: benefit!, after: fromStart, now }
      return store.transaction((tx) => recallChunk(tx, node, chunk))
    },
  },
  // In one commit with a neighbour who is refused after writing: both run again in savepoints.
  beside: {
    from: ['active'],
    to: 'used',
    run: async (story, { device, voucher }) => {
      const shown = await show(story, device, voucher)
      const refused = story.store.transaction(
        async (tx) => {
          await keep(tx, `undone-${story.now}`)
          throw new Refusal('NOT_FOUND')
        },
        { onRefusal: (tx) => keep(tx, `refused-${story.now}`) },
      )
      const [first, second] = await Promise.allSettled([refused, redeemBy(story, { shown })])
      if (second.status === 'rejected') throw second.reason
      if (first.status === 'fulfilled') throw new TypeError('the refusal was lost')
    },
  },
  issue: {
    run: async (story, { member, benefitId }) => {
      const benefit = await benefitVersion(story.store.read, benefitId, 1)
      return issue(story, benefit!, [member])
    },
  },
  day: {
    run: async (story) => {
      const close = (tx: Parameters<Parameters<Story['store']['transaction']>[0]>[0]) =>
        closeDay(tx, story.node, story.logs.keyOf, story.now)
      return story.store.transaction(close, { bulk: true })
    },
  },
  // Every time into the next year's log: its key is of the folder, whatever became of the roll.
  roll: {
    run: async (story) => {
      const { data, logs } = story
      const given = { ...story, clock: () => story.now, keyFolder: () => keyFolderOf(data) }
      return rollTo(given, Number(yearOf(logs.name)) + 1)
    },
  },
  expire: {
    from: ['active'],
    to: 'expired',
    run: async (story, { benefitId }) => {
      const benefit = await benefitVersion(story.store.read, benefitId, 1)
      story.now += 400 * day
      return sweepBenefit({ ...story, clock: () => story.now }, benefit!, 'active')
    },
  },
}

/** What a client does next needs a later code. */
export function pass(story: Story): void {
  story.now += 31 * second
}

async function undoLast(story: Story, { voucher }: Holding) {
  const [redemption] = await story.store.read.rows<{ bucket: number; id: string }>(
    sql`select bucket, id from redemptions where voucher_id = ${voucher.id}
      and state = 'committed' order by redeemed_at desc limit 1`,
  )
  if (!redemption) throw new Refusal('NOT_FOUND')
  return undo(story, redemption)
}

async function keep(tx: Parameters<typeof closeDay>[0], nonce: string): Promise<void> {
  await tx.insert(tx.tables.nonces).values({ scope: 'crash', nonce, expiresAt: 0 })
}
