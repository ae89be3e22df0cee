import { z } from 'zod'

import { devicesOf, revokeDevice } from '../../identity/devices.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema } from '../paging.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'

const device = z.object({
  id: z.string(),
  name: z.string(),
  this_one: z.boolean(),
  enrolled_at: instantSchema,
  revoked_at: instantSchema.optional(),
})

const revoked = z.object({ id: z.string(), revoked_at: instantSchema })

/** The member's own devices. */
export function deviceRoutes(app: App, context: Context): void {
  getMeDevices(app, context)
  deleteMeDevice(app, context)
}

function getMeDevices(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/me/devices',
    {
      schema: {
        operationId: 'listDevices',
        summary: 'Every device that was ever enrolled for the member',
        response: { 200: z.object({ items: z.array(device) }) },
      },
    },
    async (request) => {
      const { memberId, device: own } = memberOf(request)
      const rows = await devicesOf(store.read, memberId)
      return {
        items: rows.map((row) => ({
          id: row.id,
          name: row.name,
          this_one: row.id === own.id,
          enrolled_at: row.enrolledAt,
          ...(row.revokedAt !== null && { revoked_at: row.revokedAt }),
        })),
      }
    },
  )
}

function deleteMeDevice(app: App, context: Context): void {
  const { node, clock } = context
  app.delete(
    '/me/devices/:id',
    {
      schema: {
        operationId: 'revokeDevice',
        summary: 'Revoke a device; its codes and tokens end at once',
        params: z.object({ id: idText }),
        response: { 200: revoked },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { memberId, nonce } = memberOf(request)
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: revoked,
        work: async (tx) => {
          const now = clock()
          const deviceId = request.params.id
          await revokeDevice(tx, node, { deviceId, memberId, actor: `member:${memberId}`, now })
          return { id: deviceId, revoked_at: now }
        },
      })
    },
  )
}
