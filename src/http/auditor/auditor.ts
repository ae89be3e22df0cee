import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { scopesOf } from '../../identity/roles.ts'
import { backlog } from '../../ledger/integrate.ts'
import { logState } from '../../ledger/log-state.ts'
import { receiptOf } from '../../ledger/receipt.ts'
import { authenticatePrincipal, principalOf } from '../admin/authenticate.ts'
import type { App } from '../app.ts'
import { openTo } from '../audience.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { batchApprovalRoutes } from './batch-approvals.ts'
import { decisionRoutes } from './decisions.ts'
import { dutyRoutes } from './duties.ts'
import { eventRoutes } from './events.ts'
import { auditedLookRoutes } from './looks.ts'
import { nodeBalanceRoutes } from './nodes.ts'
import { oversightRoutes } from './oversight.ts'
import { auditedProposalRoutes } from './proposals.ts'
import { unmaskingRoutes } from './unmasking.ts'

/** What an auditor may ask beyond the public log: reading, but for the way behind a pseudonym. */
export async function auditorRoutes(app: App, { context }: { context: Context }): Promise<void> {
  const { store, logs } = context
  app.decorateRequest('principal')
  openTo(app, {
    name: 'auditor',
    security: [{ bearer: [] }, { deskCookie: [] }],
    refusals: ['AUTH_REQUIRED', 'FORBIDDEN'],
  })
  app.addHook('onRequest', async (request) => {
    request.principal = await authenticatePrincipal(context, request)
    scopesOf(principalOf(request), 'audit.read')
  })

  const checkpoint = z.object({
    log: z.string(),
    size: z.int(),
    checkpoint: z.string().describe('signed note'),
    pending: z.int().describe('leaves that wait for their index'),
    vkey: z.string().describe('verifier key of the log'),
  })
  app.get(
    '/checkpoint',
    {
      schema: {
        operationId: 'getCheckpoint',
        summary: 'The state of the log, and the key it is signed with',
        response: { 200: checkpoint },
      },
      config: { refusals: ['NOT_FOUND', 'TEMPORARILY_UNAVAILABLE'] },
    },
    async () => {
      const log = logs.name
      const [vkey = logs.current.vkey] = logs.vkeysOf(log)
      const state = await logState(store.read, log)
      if (!state) throw new Refusal('NOT_FOUND')
      const { depth } = await backlog(store.read)
      return { log, ...state, pending: depth, vkey }
    },
  )

  const proof = z.object({ proof: z.string().describe('c2sp.org/tlog-proof@v1') })
  app.get(
    '/proofs/:entryId',
    {
      schema: {
        operationId: 'getProof',
        summary: 'The inclusion proof of a journal entry',
        params: z.object({ entryId: idText }),
        response: { 200: proof },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const bytes = await receiptOf(store.read, request.params.entryId)
      if (!bytes) throw new Refusal('NOT_FOUND')
      return { proof: new TextDecoder().decode(bytes) }
    },
  )
  oversightRoutes(app, context)
  eventRoutes(app, context)
  dutyRoutes(app, context)
  decisionRoutes(app, context)
  unmaskingRoutes(app, context)
  batchApprovalRoutes(app, context)
  auditedProposalRoutes(app, context)
  auditedLookRoutes(app, context)
  nodeBalanceRoutes(app, context)
}
