import { z } from 'zod'

import { clientIdOf } from '../../credentials/presentation/request-object.ts'
import {
  createVerification,
  prepareVerification,
  readVerification,
  type Wish,
} from '../../credentials/presentation/verifications.ts'
import { redemptionWish } from '../../vouchers/presented.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { askedSchema, renderAsked, renderResult } from '../integrator/views.ts'
import { idText, instantSchema } from '../paging.ts'
import { namesSecurely } from '../secure-address.ts'
import { verifierKey } from '../verifier-key.ts'
import { write } from '../write.ts'
import { terminalOf } from './authenticate.ts'

const stateSchema = z.object({
  id: z.string(),
  state: z.enum(['pending', 'verified', 'expired']),
  expires_at: instantSchema,
  refused: z.string().optional().describe('why the latest presentation was refused: a code'),
})

/**
 * Redemption as a presentation: the terminal shows a request, the member's wallet shows benefit,
 * place and amount, the member confirms, and the terminal redeems what was confirmed.
 */
export function redemptionRequestRoutes(app: App, context: Context): void {
  if (!namesSecurely(context)) return
  postRedemptionRequests(app, context)
  getRedemptionRequest(app, context)
}

function postRedemptionRequests(app: App, context: Context): void {
  const { store, node, clock, publicUrl } = context
  app.post(
    '/redemption-requests',
    {
      schema: {
        operationId: 'requestRedemption',
        summary: 'Ask a member’s wallet to confirm a redemption',
        description:
          'Show `qr` to the member, wait until the state is `verified`, then redeem with the id.',
        body: z.strictObject({
          benefit_id: idText,
          order_amount: z.int().min(0).max(100_000_000).optional().describe('fen'),
        }),
        response: { 201: askedSchema },
      },
      config: {
        refusals: [
          ...(['NOT_FOUND', 'STORE_NOT_ACCEPTED', 'MIN_SPEND_NOT_MET', 'SHIFT_CLOSED'] as const),
          ...(['CONFIRMATION_REQUIRED', 'VERIFIER_UNAVAILABLE'] as const),
          ...(['STORE_INACTIVE', 'MERCHANT_SUSPENDED', 'CONTRACT_ENDED'] as const),
        ],
      },
    },
    async (request, reply) => {
      const terminal = terminalOf(request)
      const { terminalId } = terminal
      const { benefit_id: benefitId, order_amount: orderAmount } = request.body
      const now = clock()
      const clientId = clientIdOf('x509_hash', verifierKey(context), publicUrl)
      const asked = { terminalId, benefitId, orderAmount, clientId, publicUrl, now }
      // Keys are made outside of the transaction that writes; what is wished is read before it.
      const wish: Wish | Error = await store
        .transaction((tx) => redemptionWish(tx, asked))
        .catch((error: Error) => error)
      const prepared = wish instanceof Error ? wish : await prepareVerification(node, wish)
      return write(context, request, reply, {
        principal: `terminal:${terminalId}`,
        nonces: [terminal.nonce],
        answer: askedSchema,
        status: 201,
        work: async (tx) => {
          if (prepared instanceof Error) throw prepared
          await createVerification(tx, prepared)
          return renderAsked(context, prepared)
        },
      })
    },
  )
}

function getRedemptionRequest(app: App, context: Context): void {
  const { store, clock } = context
  app.get(
    '/redemption-requests/:id',
    {
      schema: {
        operationId: 'getRedemptionRequest',
        summary: 'Whether the member has confirmed',
        params: z.object({ id: idText }),
        response: { 200: stateSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { terminalId } = terminalOf(request)
      const key = { id: request.params.id, askedBy: `terminal:${terminalId}` }
      const found = await readVerification(store.read, key)
      // Who the member is, the terminal learns with the redemption, masked.
      const {
        credentials: _,
        answered_at,
        ...state
      } = renderResult(context, found, {
        ...{ responseCode: undefined, now: clock() },
      })
      return state
    },
  )
}
