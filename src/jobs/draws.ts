import type { Clock } from '../base/clock.ts'
import { minute, second } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { cancelDraw, closeDraw, rankingOf, runDraw, shutDraw } from '../benefits/draw/close.ts'
import { commitDraw } from '../benefits/draw/commit.ts'
import {
  benefitOfDraw,
  closedStates,
  type Draw,
  openDraws,
  pseudonymsOf,
} from '../benefits/draw/draw.ts'
import { formatVkey } from '../formats/tlog/note.ts'
import type { Policy } from '../formats/tlog/policy.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Store } from '../store/store.ts'
import { endDraw, nextRound, offerWinners } from '../vouchers/offer-winners.ts'
import { askOutsideKey } from './ask-outside-key.ts'
import { sweepBenefit } from './expiry.ts'

export interface Drawing {
  readonly store: Store
  readonly node: ThisNode
  readonly clock: Clock
  /** Its witnesses with an address can be outside keys. */
  readonly witnessPolicy?: Policy | undefined
}

/** How long before its opening a draw is committed to, unless somebody did so before. */
const aheadMs = minute
const patienceMs = 5 * second

/** The verifier key that a draw names when nobody has chosen one: the policy's first witness. */
export function usualOutsideKey(policy: Policy | undefined): string | undefined {
  const first = policy?.witnesses.find(({ url }) => url !== undefined)
  return first && formatVkey(first.vkey)
}

/**
 * Moves every draw on at its time, step by step. Each step is a transaction that begins from the
 * state before it: whatever kills the process, and however many instances run, it is done once.
 */
export class DrawRounds {
  readonly #drawing: Drawing
  /** When each draw's outside key may be asked again. */
  readonly #asked = new Map<string, number>()
  /** Of the draw whose winners are being told: its list, by rank. */
  #ranking: { id: string; names: readonly string[] } | undefined

  constructor(drawing: Drawing) {
    this.#drawing = drawing
  }

  /** Takes one step of every draw that is due. Answers whether there is more to do at once. */
  async run(): Promise<boolean> {
    let more = false
    for (const { draw, benefit } of await openDraws(this.#drawing.store.read)) {
      more = (await this.#step(draw, benefit === 'stopped')) || more
    }
    return more
  }

  async #step(draw: Draw, stopped: boolean): Promise<boolean> {
    try {
      if (stopped && draw.state !== 'drawn') return await this.#cancel(draw)
      return await this.#next(draw)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { store } = this.#drawing
      if (error.code === 'QUOTA_EXHAUSTED') await store.transaction((tx) => endDraw(tx, draw.id))
      return false // another instance was faster: the next turn sees what it did
    }
  }

  async #next(draw: Draw): Promise<boolean> {
    const { store, node, clock, witnessPolicy } = this.#drawing
    const now = clock()
    if (draw.state === 'planned') {
      if (now < draw.opensAt - aheadMs) return false
      if (draw.mode === 'lottery' && now >= draw.closesAt) return this.#cancel(draw)
      const witness = usualOutsideKey(witnessPolicy)
      await store.transaction((tx) => commitDraw(tx, node, { draw, witness, now: clock() }))
      return true
    }
    if (draw.state === 'open') {
      if (now < draw.closesAt) return false
      return store.transaction((tx) => shutDraw(tx, draw.id, clock()), { bulk: true })
    }
    if (draw.state === 'closing') {
      // Shut: the list can be read outside of a transaction.
      const pseudonyms = await pseudonymsOf(store.read, draw.id)
      const work = { draw, pseudonyms, now: clock() }
      await store.transaction((tx) => closeDraw(tx, node, work), { bulk: true })
      return true
    }
    return draw.state === 'closed' ? this.#draw(draw) : this.#offer(draw)
  }

  async #draw(draw: Draw): Promise<boolean> {
    const { store, node, clock } = this.#drawing
    let signature: Uint8Array | undefined
    if (draw.witness !== null) {
      if (clock() < (this.#asked.get(draw.id) ?? 0)) return false
      signature = await askOutsideKey(this.#drawing, draw)
      if (signature === undefined) return false
      if (signature.length === 0) {
        this.#asked.set(draw.id, clock() + patienceMs)
        return false
      }
    }
    this.#asked.delete(draw.id)
    await store.transaction((tx) => runDraw(tx, node, { draw, signature, now: clock() }))
    return true
  }

  async #offer(draw: Draw): Promise<boolean> {
    const { store, node, clock } = this.#drawing
    if (draw.cursor < draw.target) {
      const ranking = await this.#rankingOf(draw)
      const work = { draw, ranking, now: clock() }
      await store.transaction((tx) => offerWinners(tx, node, work), { bulk: true })
      return true
    }
    const everybody = draw.cursor >= (draw.entrants ?? 0)
    if (!everybody && clock() < (draw.againAt ?? 0)) return false
    const benefit = await benefitOfDraw(store.read, draw)
    if (!everybody) await sweepBenefit(this.#drawing, benefit, 'offered')
    await store.transaction((tx) => nextRound(tx, { draw, now: clock() }))
    return !everybody
  }

  async #cancel(draw: Draw): Promise<boolean> {
    await this.#drawing.store.transaction((tx) => cancelDraw(tx, draw.id))
    return false
  }

  async #rankingOf(draw: Draw): Promise<readonly string[]> {
    if (!closedStates.includes(draw.state)) throw new TypeError(`draw ${draw.id} is not closed`)
    if (this.#ranking?.id !== draw.id) {
      const list = await pseudonymsOf(this.#drawing.store.read, draw.id)
      this.#ranking = { id: draw.id, names: rankingOf(draw, list) }
    }
    return this.#ranking.names
  }
}
