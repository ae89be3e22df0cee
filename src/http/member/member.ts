import type { App } from '../app.ts'
import { openTo } from '../audience.ts'
import type { Context } from '../context.ts'
import { authenticateMember } from './authenticate.ts'
import { collectorRoutes } from './collectors.ts'
import { credentialOfferRoutes } from './credential-offers.ts'
import { deviceRoutes } from './devices.ts'
import { drawRoutes } from './draws.ts'
import { exportRoutes } from './export.ts'
import { lookRoutes } from './looks.ts'
import { messageRoutes } from './messages.ts'
import { passRoutes } from './pass.ts'
import { passkeyRoutes } from './passkeys.ts'
import { phoneMoveRoutes } from './phone-moves.ts'
import { portraitRoutes } from './portrait.ts'
import { profileRoutes } from './profile.ts'
import { receiptRoutes } from './receipts.ts'
import { redemptionRoutes } from './redemptions.ts'
import { rightRoutes } from './rights.ts'
import { storeRedemptionRoutes } from './store-redemptions.ts'
import { storeRoutes } from './stores.ts'
import { transferRoutes } from './transfers.ts'
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
  drawRoutes(app, context)
  voucherRoutes(app, context)
  receiptRoutes(app, context)
  redemptionRoutes(app, context)
  storeRoutes(app, context)
  storeRedemptionRoutes(app, context)
  collectorRoutes(app, context)
  exportRoutes(app, context)
  deviceRoutes(app, context)
  phoneMoveRoutes(app, context)
  transferRoutes(app, context)
  messageRoutes(app, context)
  lookRoutes(app, context)
  passkeyRoutes(app, context)
  credentialOfferRoutes(app, context)
  passRoutes(app, context)
  portraitRoutes(app, context)
  profileRoutes(app, context)
}
