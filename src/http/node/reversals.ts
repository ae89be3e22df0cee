import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import { standingElsewhere } from '../../vouchers/elsewhere.ts'
import { reversalReasons, reverse } from '../../vouchers/reverse.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { readReference, writeReference } from '../reference.ts'
import { write } from '../write.ts'
import { nodeOf } from './authenticate.ts'
import { nodeReversalSchema, placeSchema, receiptFor } from './views.ts'

/** Undoing what a node's terminals have redeemed, by the rules that hold for our own. */
export function nodeReversalRoutes(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/redemptions/:id/reverse',
    {
      schema: {
        operationId: 'reverseForNode',
        summary: 'Undo a redemption at another node; what this node owes that one is undone',
        params: z.object({ id: z.string().max(64) }),
        body: z.strictObject({
          reason: z.enum(reversalReasons),
          place: placeSchema,
          manager: z.boolean().describe('who is on shift is a manager of the store'),
        }),
        response: { 200: nodeReversalSchema },
      },
      config: {
        refusals: [
          ...(['NOT_FOUND', 'ALREADY_REVERSED', 'REVERSAL_WINDOW_PASSED'] as const),
          ...(['REVERSAL_LIMIT', 'REVERSAL_SETTLED', 'VOUCHER_SUSPENDED'] as const),
          'VERSION_CONFLICT',
        ],
      },
    },
    async (request, reply) => {
      const { number, principal, nonce } = nodeOf(request)
      const { reason, place, manager } = request.body
      return write(context, request, reply, {
        ...{ principal, nonces: [nonce], answer: nodeReversalSchema },
        told: ({ redemption_id: id }) => receiptFor(context, id, 'reverse'),
        work: async (tx) => {
          const now = clock()
          const redemption = readReference(request.params.id)
          const by = { elsewhere: { standing: standingElsewhere(number, place), manager } }
          const done = await reverse(tx, node, { redemption, reason, by, now })
          return {
            redemption_id: writeReference(done.redemption),
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
