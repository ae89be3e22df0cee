import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import { makePass } from '../../credentials/pass.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema } from '../paging.ts'
import { memberOf } from './authenticate.ts'

const answer = z.object({
  pass: z.string().describe('126 octets, base64url: the issuer’s half of the offline capsule'),
  valid_until: instantSchema,
  server_time: instantSchema,
})

/** What a phone needs to show its card where there is no network. */
export function passRoutes(app: App, { store, node, roles, clock }: Context): void {
  app.get(
    '/me/pass',
    {
      schema: {
        operationId: 'getPass',
        summary: 'The pass of this device, for offline capsules; at most 72 hours',
        response: { 200: answer },
      },
      config: { refusals: ['NOT_FOUND', 'MEMBERSHIP_SUSPENDED'] },
    },
    async (request, reply) => {
      const { memberId, device } = memberOf(request)
      const now = clock()
      const asked = { memberId, deviceId: device.id, spki: device.spki, now }
      const { pass, validUntil } = await makePass(store.read, { node, roles }, asked)
      reply.header('cache-control', 'no-store')
      return { pass: toBase64url(pass), valid_until: validUntil, server_time: now }
    },
  )
}
