import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { reverseAtHome } from '../../jobs/ask-home.ts'
import type { HomeReversal } from '../../trust/home-answers.ts'
import {
  type BookedElsewhere,
  bookingOf,
  bookReversal,
  markUndoing,
  type PeerBooking,
  type Proven,
} from '../../vouchers/book-elsewhere.ts'
import { requireRedemption } from '../../vouchers/redemption.ts'
import type { reversalReasons } from '../../vouchers/reverse.ts'
import { deskAt, rightOf } from '../../vouchers/undoer.ts'
import type { Context } from '../context.ts'
import { readReference, writeReference } from '../reference.ts'
import { write } from '../write.ts'
import { askElsewhere } from './asking.ts'
import { terminalOf } from './authenticate.ts'

type Told = BookedElsewhere<HomeReversal>

/** The booking of a redemption whose voucher is another node's; none for ours, and for none. */
export async function bookedElsewhere(
  { store }: Context,
  id: string,
): Promise<PeerBooking | undefined> {
  if (!/^[0-9a-f]{3}\.[0-9a-f-]{36}$/.test(id)) return undefined
  return bookingOf(store.read, readReference(id))
}

/**
 * Has another node undo what it has redeemed for a terminal here, and books what the receipt
 * proves.
 * Who may, and until when, must hold here as there; what a statement states is not asked for.
 */
export async function reverseElsewhere<Schema extends z.ZodType>(
  context: Context,
  request: FastifyRequest & { body: { reason: (typeof reversalReasons)[number] } },
  reply: FastifyReply,
  { booking, answer }: { booking: PeerBooking; answer: Schema },
): Promise<void> {
  const { store, node, clock } = context
  const terminal = terminalOf(request)
  const { reason } = request.body
  const { bucket, redemptionId, peer, homeId } = booking
  const key = { bucket, id: redemptionId }
  const { voucherId } = await requireRedemption(store.read, key)
  const asked = await askElsewhere<Told, Proven<HomeReversal>>(context, request, {
    asking: {
      ...{ kind: 'reverse', peer, voucherId, redemptionId, homeId, body: { reason } },
      evidence: new Uint8Array(0),
      before: async (tx) => {
        const desk = await deskAt(tx, terminal.terminalId, clock())
        const made = await requireRedemption(tx, key)
        rightOf(made, desk, clock())
        await markUndoing(tx, made, reason)
        return { manager: desk.manager }
      },
    },
    ask: reverseAtHome,
  })
  return write(context, request, reply, {
    principal: `terminal:${terminal.terminalId}`,
    nonces: [terminal.nonce],
    answer,
    work: async (tx) => {
      if (asked instanceof Refusal) throw asked
      if ('told' in asked) return renderReversal(asked.told) as z.input<Schema>
      const { ask, answer: proven } = asked
      const told = await bookReversal(tx, node, { ask, proven, now: clock() })
      return renderReversal(told) as z.input<Schema>
    },
  })
}

function renderReversal({ home, redemption, at, leafHash }: Told) {
  return {
    redemption_id: writeReference(redemption),
    ...{ state: 'reversed', amount: home.amount, reversed_at: at, uses_left: home.uses_left },
    ...{ valid_to: home.valid_to, leaf_hash: leafHash },
  }
}
