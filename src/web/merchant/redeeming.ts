import type { Instant } from '../../base/clock.ts'
import { noAnswer, Refused, randomId } from '../parts/ask.ts'
import { keepSealed, recallSealed } from '../parts/kept.ts'
import type { Words } from '../parts/language.tsx'
import { askTerminal } from '../parts/terminal-api.ts'

/** A benefit, as the counter must know it. */
export interface Benefit {
  readonly kind: 'checkup' | 'insurance' | 'package' | 'coupon'
  readonly name: Words
  readonly needs: readonly ('order_amount' | 'policy_number')[]
  readonly minimum_spend?: number
  readonly pick_up_point?: string
  readonly collector_allowed?: boolean
}

/** A voucher that is held for this terminal. */
export interface Preparation {
  readonly preparation_id: string
  readonly held_until: Instant
  readonly uses_left: number
  readonly amount: number
  readonly member_name: string
  readonly benefit: Benefit
  /** Whom the member has sent, when it was their pick-up code. */
  readonly collector?: { readonly name: string; readonly mobile_last4: string }
}

/** A redemption, as it was answered. */
export interface Redemption {
  readonly redemption_id: string
  readonly state: 'committed' | 'reversed'
  readonly uses_left: number
  readonly amount: number
  readonly redeemed_at: Instant
  readonly reversible_until: Instant
  readonly member_name: string
  readonly benefit: Benefit
}

/** What the counter adds where the benefit asks for it. */
export interface Details {
  readonly order_amount?: number
  readonly policy_number?: string
  readonly collector?: string
}

/** A redemption that was sent: it is kept before it is sent, and asked for until it is known. */
export interface Sent {
  readonly key: string
  readonly body: Details & { readonly preparation_id: string }
}

const sentName = 'redemption in flight'
// Seconds to wait before asking again what became of a redemption; then it is the cashier's turn.
const patience = [1, 2, 5, 5, 10]

/** Holds what a scanned or typed code stands for. Throws Refused. */
export function prepare(shown: { code: string } | { digits: string }): Promise<Preparation> {
  return askTerminal('POST', '/redemptions/prepare', shown)
}

/**
 * Redeems what was held. The request is kept first; when no answer comes, it is sent again under
 * the same key until one does, so that nothing is ever done twice or shown as failed unknown.
 * Throws Refused; with `NO_ANSWER` it is still kept, for `pending`.
 */
export async function redeem(
  preparation: Preparation,
  details: Details,
  onWait: () => void,
): Promise<Redemption> {
  const body = { preparation_id: preparation.preparation_id, ...details }
  const sent: Sent = { key: randomId(), body }
  await keepSealed(sentName, sent)
  return settle(sent, onWait)
}

/** A redemption of before whose answer never came: a page may have been closed over it. */
export async function pending(): Promise<Sent | undefined> {
  return (await recallSealed<Sent | null>(sentName)) ?? undefined
}

/** Asks until it is known what became of a redemption. Throws as `redeem` does. */
export async function settle(sent: Sent, onWait: () => void): Promise<Redemption> {
  for (const seconds of [0, ...patience]) {
    if (seconds > 0) {
      onWait()
      await new Promise((done) => setTimeout(done, seconds * 1000))
    }
    try {
      const made = await askTerminal<Redemption>('POST', '/redemptions', sent.body, sent.key)
      await keepSealed(sentName, null)
      return made
    } catch (error) {
      const unknown = error instanceof Refused && error.code === noAnswer
      if (!unknown) {
        await keepSealed(sentName, null)
        throw error
      }
    }
  }
  throw new Refused(noAnswer, 0)
}

/** Undoes a redemption. Throws Refused. */
export function undo(redemption: Redemption, reason: string, key: string): Promise<unknown> {
  return askTerminal('POST', `/redemptions/${redemption.redemption_id}/reverse`, { reason }, key)
}
