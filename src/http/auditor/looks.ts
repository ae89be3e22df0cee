import { z } from 'zod'

import { looksWithin } from '../../identity/looks.ts'
import { scopesOf } from '../../identity/roles.ts'
import { lookReasons, lookSteps } from '../../store/schema/desk.ts'
import { principalOf } from '../admin/authenticate.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'

const look = z.object({
  at: instantSchema,
  member_id: z.string(),
  principal_id: z.string(),
  role: z.string(),
  org_code: z.string(),
  org_name_zh: z.string(),
  reason: z.enum(lookReasons).optional(),
  step: z
    .enum(lookSteps)
    .optional()
    .describe('of an auditor’s way behind the pseudonym; none for a look at the record'),
})

/** Looks at members' records, by ids: who they are is not told here. */
export function auditedLookRoutes(app: App, { store }: Context): void {
  app.get(
    '/looks',
    {
      schema: {
        operationId: 'auditLooks',
        summary: 'Looks at members’ records by roles within one’s own scope, in their order',
        querystring: pageQuery.extend({ member_id: idText.optional() }),
        response: { 200: pageOf(look) },
      },
    },
    async (request) => {
      const orgPaths = scopesOf(principalOf(request), 'audit.read')
      const { after, limit, member_id: memberId } = request.query
      const rows = await looksWithin(store.read, orgPaths, { after, limit: limit + 1, memberId })
      return toPage(
        rows,
        limit,
        ({ id }) => id,
        (row) => ({
          ...{ at: row.at, member_id: row.memberId, principal_id: row.principalId },
          ...{ role: row.role, org_code: row.orgCode, org_name_zh: row.orgNameZh },
          ...(row.reason !== null && { reason: row.reason }),
          ...(row.step !== null && { step: row.step }),
        }),
      )
    },
  )
}
