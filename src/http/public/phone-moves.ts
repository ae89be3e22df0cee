import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { activeDevice } from '../../identity/devices.ts'
import { moveOfKey, takeMove } from '../../identity/phone-moves.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { textOf } from '../paging.ts'
import { write } from '../write.ts'
import { possession } from './enrol.ts'
import { enrolledSchema, renderEnrolled } from './enrolled.ts'

const taken = z.object({
  state: z.literal('taken'),
  check: z.string().describe('four digits that the old phone shows, too'),
  server_time: z.int(),
})
const mine = z.object({
  state: z.enum(['taken', 'done', 'expired']),
  check: z.string(),
  device: enrolledSchema
    .optional()
    .describe('once the old phone has confirmed: this key is signed in'),
  server_time: z.int(),
})

/** The member's next phone, as the new one sees it. Each request has a proof by its new key. */
export function phoneMoveRoutes(app: App, context: Context): void {
  postPhoneMoves(app, context)
  getPhoneMove(app, context)
}

function postPhoneMoves(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/phone-moves',
    {
      schema: {
        operationId: 'takePhoneMove',
        summary: "Offer a new phone's key to the member who shows the code",
        description: 'The DPoP proof (RFC 9449) of the request is by the new key.',
        body: z.strictObject({
          token: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
          name: textOf(64).default('phone'),
        }),
        security: [{ dpopProof: [] }],
        response: { 201: taken },
      },
      config: { refusals: ['PROOF_INVALID', 'PROOF_REPLAYED', 'ACTIVATION_INVALID'] },
    },
    async (request, reply) => {
      const { jwk, thumbprint, nonce } = await possession(context, request)
      return write(context, request, reply, {
        principal: `key:${thumbprint}`,
        nonces: [nonce],
        answer: taken,
        status: 201,
        work: async (tx) => {
          const now = clock()
          const { check = '' } = await takeMove(tx, node, { ...request.body, jwk, now })
          return { state: 'taken' as const, check, server_time: now }
        },
      })
    },
  )
}

function getPhoneMove(app: App, context: Context): void {
  const { store, node, clock } = context
  app.get(
    '/phone-moves/mine',
    {
      schema: {
        operationId: 'getTakenPhoneMove',
        summary: 'Whether the old phone has confirmed this key',
        security: [{ dpopProof: [] }],
        response: { 200: mine },
      },
      config: { refusals: ['PROOF_INVALID', 'NOT_FOUND'] },
    },
    async (request) => {
      const now = clock()
      const { thumbprint } = await possession(context, request)
      const move = await moveOfKey(store.read, thumbprint, now)
      if (!move || move.state === 'open') throw new Refusal('NOT_FOUND', { what: 'phone_move' })
      const { state, check = '', newDeviceId } = move
      const device = newDeviceId && (await activeDevice(store.read, newDeviceId))
      return {
        ...{ state, check },
        ...(device && {
          device: renderEnrolled(device, node),
        }),
        server_time: now,
      }
    },
  )
}
