import { minute, second } from '../base/clock.ts'
import { Refusal, Weather } from '../base/refusal.ts'
import { bookRedemption, bookReversal, unmarkUndoing } from '../vouchers/book-elsewhere.ts'
import { asksToLookAt, type PeerAsk, putOff, settleAsk } from '../vouchers/peer-asks.ts'
import { Disproved, learnAtHome, type PeerGround } from './ask-home.ts'

/** A signed request is taken for a minute: later, what is unknown there stays unknown. */
const lapseAfter = 5 * minute
const againSeconds = 30
const atOnce = 50

/**
 * Learns what became of what other nodes were asked and this node does not know: after a crash, or
 * a lost answer. Books what their receipts prove; asks for nothing again. Answers how many were
 * settled. A node that does not answer is left for half a minute.
 */
export async function settleAsks(ground: PeerGround): Promise<number> {
  const { store, clock } = ground
  let settled = 0
  for (const ask of await asksToLookAt(store.read, clock(), atOnce)) {
    await store.transaction((tx) => putOff(tx, ask, clock() + againSeconds * second))
    if (await settleOne(ground, ask)) settled++
  }
  return settled
}

async function settleOne(ground: PeerGround, ask: PeerAsk): Promise<boolean> {
  const { store, node, clock } = ground
  try {
    const learned = await learnAtHome(ground, ask)
    if (learned === undefined) {
      if (clock() < ask.askedAt + lapseAfter) return false
      await endAsk(ground, ask, { state: 'lapsed' })
      return true
    }
    if (learned instanceof Refusal) {
      await endAsk(ground, ask, { state: 'refused', refusal: learned })
      return true
    }
    await store.transaction(async (tx) => {
      const now = clock()
      if (learned.kind === 'redeem') {
        await bookRedemption(tx, node, { ask, proven: learned.proven, now })
      } else {
        await bookReversal(tx, node, { ask, proven: learned.proven, now })
      }
    })
    return true
  } catch (error) {
    if (error instanceof Disproved) {
      await endAsk(ground, ask, { state: 'disputed' })
      return true
    }
    if (error instanceof Weather || error instanceof Refusal) return false
    throw error
  }
}

/**
 * Ends an ask from which nothing is booked. What it was to undo may be stated again, unless that is
 * disputed.
 */
export async function endAsk(
  { store, node }: Pick<PeerGround, 'store' | 'node'>,
  ask: PeerAsk,
  outcome:
    | { readonly state: 'refused'; readonly refusal: Refusal }
    | { readonly state: 'lapsed' | 'disputed' },
): Promise<void> {
  await store.transaction(async (tx) => {
    const { state } = outcome
    const answer =
      'refusal' in outcome
        ? { answer: { code: outcome.refusal.code, detail: outcome.refusal.detail } }
        : {}
    const ended = await settleAsk(tx, node, ask.id, { state, ...answer })
    if (ended && ask.kind === 'reverse' && state !== 'disputed') await unmarkUndoing(tx, ask)
  })
}
