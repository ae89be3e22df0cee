import type { Clock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { BenefitVersion } from '../benefits/versions.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Store } from '../store/store.ts'
import { expireChunk, fromStart, overdue } from '../vouchers/close-chunk.ts'

interface Sweeping {
  readonly store: Store
  readonly node: ThisNode
  readonly clock: Clock
}

/**
 * Writes down every expiry and lapse that reading already computes, and gives the money back.
 * Nothing depends on when it runs. Answers how many vouchers it closed.
 */
export async function sweepExpired(sweeping: Sweeping): Promise<number> {
  const { store, clock } = sweeping
  let closed = 0
  for (const benefit of await overdue(store.read, clock())) {
    for (const state of ['offered', 'active'] as const) {
      closed += await sweepBenefit(sweeping, benefit, state)
    }
  }
  return closed
}

/** The same for the vouchers of one benefit in one state. */
export async function sweepBenefit(
  { store, node, clock }: Sweeping,
  benefit: BenefitVersion,
  state: 'offered' | 'active',
): Promise<number> {
  let closed = 0
  for (let after = fromStart; ; ) {
    const chunk = { benefit, state, after, now: clock() }
    const done = await store
      .transaction((tx) => expireChunk(tx, node, chunk), { bulk: true })
      .catch((error: unknown) => {
        if (error instanceof Refusal) return undefined // somebody used one: next time
        throw error
      })
    closed += done?.count ?? 0
    if (!done?.next) return closed
    after = done.next
  }
}
