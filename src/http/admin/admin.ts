import type { App } from '../app.ts'
import { openTo } from '../audience.ts'
import type { Context } from '../context.ts'
import { approvalRoutes } from './approvals.ts'
import { authenticatePrincipal } from './authenticate.ts'
import { batchRoutes } from './batches.ts'
import { benefitQuotaRoutes } from './benefit-quotas.ts'
import { benefitRoutes } from './benefits.ts'
import { clientRoutes } from './clients.ts'
import { credentialRoutes } from './credentials.ts'
import { importRoutes } from './imports.ts'
import { listRoutes } from './lists.ts'
import { memberErasureRoutes } from './member-erasure.ts'
import { memberRoutes } from './members.ts'
import { merchantRoutes } from './merchants.ts'
import { organisationRoutes } from './organisations.ts'
import { programmeRoutes } from './programmes.ts'
import { storeRoutes } from './stores.ts'
import { voucherStandingRoutes } from './voucher-standing.ts'
import { voucherRoutes } from './vouchers.ts'

/** What union staff and their programs may ask: each route names a permission on a subtree. */
export async function adminRoutes(app: App, { context }: { context: Context }): Promise<void> {
  app.decorateRequest('principal')
  openTo(app, {
    name: 'admin',
    security: [{ bearer: [] }],
    refusals: ['AUTH_REQUIRED', 'FORBIDDEN', 'OUT_OF_SCOPE'],
  })
  app.addHook('onRequest', async (request) => {
    request.principal = await authenticatePrincipal(context, request)
  })
  organisationRoutes(app, context)
  memberRoutes(app, context)
  memberErasureRoutes(app, context)
  await app.register(async (own: App) => importRoutes(own, context))
  listRoutes(app, context)
  programmeRoutes(app, context)
  benefitRoutes(app, context)
  benefitQuotaRoutes(app, context)
  batchRoutes(app, context)
  approvalRoutes(app, context)
  merchantRoutes(app, context)
  storeRoutes(app, context)
  voucherRoutes(app, context)
  voucherStandingRoutes(app, context)
  credentialRoutes(app, context)
  clientRoutes(app, context)
}
