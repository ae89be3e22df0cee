import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import { answerOf } from '../../identity/idempotency.ts'
import { reversalReasons, reverse } from '../../vouchers/reverse.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, instantSchema } from '../paging.ts'
import { promiseOf } from '../promised.ts'
import { readReference, writeReference } from '../reference.ts'
import { write } from '../write.ts'
import { terminalOf } from './authenticate.ts'
import { learnedElsewhere } from './elsewhere.ts'
import { bookedElsewhere, reverseElsewhere } from './reverse-elsewhere.ts'

const reversed = z.object({
  redemption_id: z.string(),
  state: z.literal('reversed'),
  amount: fenSchema,
  reversed_at: instantSchema,
  uses_left: z.int(),
  valid_to: instantSchema,
  leaf_hash: z.string(),
})

const learned = z.object({
  status: z.int().describe('the HTTP status that was answered'),
  answer: z.record(z.string(), z.unknown()).describe('the body that was answered'),
})

/** Undo, and learning what became of a redemption whose answer was lost. */
export function reversalRoutes(app: App, context: Context): void {
  postRedemptionReverse(app, context)
  getRedemptionsByKey(app, context)
}

function postRedemptionReverse(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/redemptions/:id/reverse',
    {
      schema: {
        operationId: 'reverseRedemption',
        summary: 'Undo a redemption of this shift, or as a manager one of the store',
        description:
          'A cashier: at the same terminal, in the same shift, until reversible_until. A manager ' +
          'on shift at any terminal of the store: until manager_reversible_until, for a twentieth ' +
          "of the day's redemptions and always one. No voucher more than three times.",
        params: z.object({ id: z.string().max(64) }),
        body: z.strictObject({ reason: z.enum(reversalReasons) }),
        response: { 200: reversed },
      },
      config: {
        refusals: [
          'NOT_FOUND',
          'ALREADY_REVERSED',
          'REVERSAL_WINDOW_PASSED',
          'REVERSAL_LIMIT',
          'REVERSAL_SETTLED',
          'VOUCHER_SUSPENDED',
          'VERSION_CONFLICT',
          'SHIFT_CLOSED',
          'STORE_INACTIVE',
          'MERCHANT_SUSPENDED',
          'CONTRACT_ENDED',
        ],
      },
    },
    async (request, reply) => {
      const booking = await bookedElsewhere(context, request.params.id)
      if (booking) return reverseElsewhere(context, request, reply, { booking, answer: reversed })
      const { terminalId, nonce } = terminalOf(request)
      return write(context, request, reply, {
        principal: `terminal:${terminalId}`,
        nonces: [nonce],
        answer: reversed,
        work: async (tx) => {
          const now = clock()
          const redemption = readReference(request.params.id)
          const { reason } = request.body
          const done = await reverse(tx, node, { redemption, reason, by: { terminalId }, now })
          return {
            redemption_id: writeReference(done.redemption),
            state: 'reversed' as const,
            amount: done.redemption.amount,
            reversed_at: now,
            uses_left: done.usesLeft,
            valid_to: done.validTo,
            leaf_hash: toBase64url(done.leafHash),
          }
        },
      })
    },
  )
}

function getRedemptionsByKey(app: App, context: Context): void {
  const { store, node } = context
  app.get(
    '/redemptions/by-key/:key',
    {
      schema: {
        operationId: 'getRedemptionByKey',
        summary: 'Learn what a redemption was answered, after a time-out',
        params: z.object({ key: z.string().regex(/^[\x21-\x7e]{8,128}$/) }),
        response: { 200: learned },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { terminalId } = terminalOf(request)
      const found = await answerOf(store.read, node, {
        principal: `terminal:${terminalId}`,
        route: 'POST /api/v1/redemptions',
        key: request.params.key,
      })
      if (!found) return learnedElsewhere(context, { terminalId, key: request.params.key })
      const answer = JSON.parse(found.body)
      const { leaf_hash: leaf, redeemed_at: at } = answer
      const told = found.status < 400 ? await promiseOf(context, leaf, at) : {}
      return { status: found.status, answer: { ...answer, ...told } }
    },
  )
}
