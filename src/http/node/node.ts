import type { App } from '../app.ts'
import { openTo } from '../audience.ts'
import type { Context } from '../context.ts'
import { authenticateNode } from './authenticate.ts'
import { nodeRedemptionRoutes } from './redemptions.ts'
import { nodeReversalRoutes } from './reversals.ts'

/** What another node may ask for its merchants; every request is signed by its `redeemer` key. */
export async function nodeRoutes(app: App, { context }: { context: Context }): Promise<void> {
  app.decorateRequest('askingNode')
  openTo(app, {
    name: 'node',
    security: [{ nodeSignature: [] }],
    refusals: ['AUTH_REQUIRED', 'PROOF_INVALID', 'PROOF_REPLAYED'],
  })
  app.addHook('preValidation', async (request) => {
    request.askingNode = await authenticateNode(context, request)
  })
  nodeRedemptionRoutes(app, context)
  nodeReversalRoutes(app, context)
}
