import type { App } from '../app.ts'
import { openTo } from '../audience.ts'
import type { Context } from '../context.ts'
import { authenticateMember } from './authenticate.ts'
import { credentialOfferRoutes } from './credential-offers.ts'
import { deviceRoutes } from './devices.ts'
import { passRoutes } from './pass.ts'
import { profileRoutes } from './profile.ts'
import { receiptRoutes } from './receipts.ts'
import { rightRoutes } from './rights.ts'
import { voucherRoutes } from './vouchers.ts'

/** What a member may ask; every request is bound to the key of an enrolled device. */
export async function memberRoutes(app: App, { context }: { context: Context }): Promise<void> {
  app.decorateRequest('member')
  openTo(app, {
    name: 'member',
    security: [{ deviceToken: [], dpopProof: [] }],
    refusals: ['AUTH_REQUIRED', 'PROOF_INVALID', 'PROOF_REPLAYED'],
  })
  app.addHook('preValidation', async (request) => {
    request.member = await authenticateMember(context, request)
  })
  rightRoutes(app, context)
  voucherRoutes(app, context)
  receiptRoutes(app, context)
  deviceRoutes(app, context)
  credentialOfferRoutes(app, context)
  passRoutes(app, context)
  profileRoutes(app, context)
}
