import { authenticateBearer } from '../admin/authenticate.ts'
import type { App } from '../app.ts'
import { openTo } from '../audience.ts'
import type { Context } from '../context.ts'
import { namesSecurely } from '../secure-address.ts'
import { verificationRoutes } from './verifications.ts'

/** What programs of others may ask: clients of this node with a role of their own. */
export async function integratorRoutes(app: App, { context }: { context: Context }): Promise<void> {
  if (!namesSecurely(context)) return
  app.decorateRequest('principal')
  openTo(app, {
    name: 'integrator',
    security: [{ bearer: [] }],
    refusals: ['AUTH_REQUIRED', 'FORBIDDEN'],
  })
  app.addHook('onRequest', async (request) => {
    request.principal = await authenticateBearer(context, request)
  })
  verificationRoutes(app, context)
}
