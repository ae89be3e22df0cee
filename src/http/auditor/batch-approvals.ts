import { z } from 'zod'

import { decisionsOn } from '../../benefits/batches/decisions.ts'
import { scopesOf } from '../../identity/roles.ts'
import { principalOf } from '../admin/authenticate.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { decisionSchema, renderDecisions } from './evidence.ts'

/** The approvals of batches, each with what proves it. */
export function batchApprovalRoutes(app: App, context: Context): void {
  app.get(
    '/batches/:id/decisions',
    {
      schema: {
        operationId: 'listDecisions',
        summary: 'Who decided on a batch, with the signatures',
        params: z.object({ id: idText }),
        response: { 200: z.object({ items: z.array(decisionSchema) }) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const orgPaths = scopesOf(principalOf(request), 'audit.read')
      const rows = await decisionsOn(context.store.read, request.params.id, orgPaths)
      return { items: await renderDecisions(context, rows) }
    },
  )
}
