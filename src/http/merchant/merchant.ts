import type { App } from '../app.ts'
import { openTo } from '../audience.ts'
import type { Context } from '../context.ts'
import { authenticateTerminal } from './authenticate.ts'
import { printedCodeRoutes } from './printed-code.ts'
import { receiptRoutes } from './receipts.ts'
import { redemptionRequestRoutes } from './redemption-requests.ts'
import { redemptionRoutes } from './redemptions.ts'
import { reversalRoutes } from './reversals.ts'
import { shiftRoutes } from './shifts.ts'
import { statementRoutes } from './statements.ts'

/** What a merchant's terminal may ask; every request is signed by its key. */
export async function merchantRoutes(app: App, { context }: { context: Context }): Promise<void> {
  app.decorateRequest('terminal')
  openTo(app, {
    name: 'merchant',
    security: [{ terminalSignature: [] }],
    refusals: ['AUTH_REQUIRED', 'PROOF_INVALID', 'PROOF_REPLAYED', 'TERMINAL_REVOKED'],
  })
  app.addHook('preValidation', async (request) => {
    request.terminal = await authenticateTerminal(context, request)
  })
  redemptionRoutes(app, context)
  printedCodeRoutes(app, context)
  receiptRoutes(app, context)
  redemptionRequestRoutes(app, context)
  reversalRoutes(app, context)
  shiftRoutes(app, context)
  statementRoutes(app, context)
}
