import { z } from 'zod'

import { createOffer, offerLink } from '../../credentials/issuance/offers.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema } from '../paging.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'

const offered = z.object({
  credential_offer: z.string().describe('openid-credential-offer:// link'),
  expires_at: instantSchema,
})

/**
 * The member's own phone gets an offer for itself and goes on with the endpoints that every wallet
 * uses.
 */
export function credentialOfferRoutes(app: App, context: Context): void {
  const { node, clock, publicUrl } = context
  app.post(
    '/member/credential-offers',
    {
      schema: {
        operationId: 'createOwnCredentialOffer',
        summary: 'An offer of the membership credential, for the key of this device alone',
        body: z.strictObject({}),
        response: { 201: offered },
      },
      config: { refusals: ['NOT_FOUND', 'VERSION_CONFLICT'] },
    },
    async (request, reply) => {
      const { memberId, device, nonce } = memberOf(request)
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: offered,
        status: 201,
        work: async (tx) => {
          const createdBy = `device:${device.id}`
          const given = { memberId, deviceId: device.id, createdBy, now: clock() }
          const { id, expiresAt } = await createOffer(tx, node, given)
          return { credential_offer: offerLink(publicUrl, id), expires_at: expiresAt }
        },
      })
    },
  )
}
