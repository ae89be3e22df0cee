import { z } from 'zod'

import { beginMove, confirmMove, type PhoneMove, readMove } from '../../identity/phone-moves.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema } from '../paging.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'

const begun = z.object({
  id: z.string(),
  url: z.string().describe('for the new phone to scan; told once'),
  expires_at: instantSchema,
  server_time: z.int(),
})
const move = z.object({
  id: z.string(),
  state: z.enum(['open', 'taken', 'done', 'expired']),
  expires_at: instantSchema,
  name: z.string().optional().describe('what the new phone calls itself'),
  check: z.string().optional().describe('four digits that the new phone shows, too'),
  server_time: z.int(),
})
const params = z.object({ id: idText })

/** The member's next phone, as the old one sees it: it begins the move and has the last word. */
export function phoneMoveRoutes(app: App, context: Context): void {
  postPhoneMoves(app, context)
  getPhoneMove(app, context)
  postPhoneMoveConfirm(app, context)
}

function postPhoneMoves(app: App, context: Context): void {
  const { node, clock, publicUrl } = context
  app.post(
    '/me/phone-moves',
    {
      schema: {
        operationId: 'beginPhoneMove',
        summary: 'A one-time code for a new phone to scan, good for five minutes',
        body: z.strictObject({}),
        response: { 201: begun },
      },
    },
    async (request, reply) => {
      const { memberId, device, nonce } = memberOf(request)
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: begun,
        status: 201,
        work: async (tx) => {
          const now = clock()
          const given = { memberId, deviceId: device.id, now }
          const { id, token, expiresAt } = await beginMove(tx, node, given)
          const url = `${publicUrl}/#/phone/${token}`
          return { id, url, expires_at: expiresAt, server_time: now }
        },
      })
    },
  )
}

function getPhoneMove(app: App, { store, clock }: Context): void {
  app.get(
    '/me/phone-moves/:id',
    {
      schema: {
        operationId: 'getPhoneMove',
        summary: 'Whether a new phone has scanned the code, and which',
        params,
        response: { 200: move },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const now = clock()
      const { device } = memberOf(request)
      return render(await readMove(store.read, { id: request.params.id, device, now }), now)
    },
  )
}

function postPhoneMoveConfirm(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/me/phone-moves/:id/confirm',
    {
      schema: {
        operationId: 'confirmPhoneMove',
        summary: 'Enrol the new phone and revoke this one; vouchers are kept',
        params,
        body: z.strictObject({}),
        response: { 200: move },
      },
      config: { refusals: ['NOT_FOUND', 'TOKEN_EXPIRED', 'VERSION_CONFLICT', 'ALREADY_EXISTS'] },
    },
    async (request, reply) => {
      const { memberId, device, nonce } = memberOf(request)
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: move,
        work: async (tx) => {
          const now = clock()
          return render(await confirmMove(tx, node, { id: request.params.id, device, now }), now)
        },
      })
    },
  )
}

function render(one: PhoneMove, now: number): z.input<typeof move> {
  return {
    id: one.id,
    state: one.state,
    expires_at: one.expiresAt,
    ...(one.name !== undefined && { name: one.name }),
    ...(one.check !== undefined && { check: one.check }),
    server_time: now,
  }
}
