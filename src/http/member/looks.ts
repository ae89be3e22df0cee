import { z } from 'zod'

import { looksAt } from '../../identity/looks.ts'
import { roleNames } from '../../identity/roles.ts'
import { lookReasons, lookSteps } from '../../store/schema/desk.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'
import { memberOf } from './authenticate.ts'

const look = z.object({
  at: instantSchema,
  organisation: z.object({ code: z.string(), name: z.string() }),
  role: z.enum(roleNames).describe('of the one who looked; never their name'),
  reason: z.enum(lookReasons).optional(),
  step: z
    .enum(lookSteps)
    .optional()
    .describe('of an auditor’s way behind the pseudonym; none for a look at the record'),
})

/** Who of the union's has looked at the member's record. */
export function lookRoutes(app: App, { store }: Context): void {
  app.get(
    '/me/looks',
    {
      schema: {
        operationId: 'listLooks',
        summary: 'Every look of the union’s staff at the member’s record, the latest first',
        querystring: pageQuery.extend({ after: idText.or(z.literal('')).default('') }),
        response: { 200: pageOf(look) },
      },
    },
    async (request) => {
      const { memberId } = memberOf(request)
      const { after: before, limit } = request.query
      const rows = await looksAt(store.read, memberId, { before, limit: limit + 1 })
      return toPage(
        rows,
        limit,
        ({ id }) => id,
        ({ at, orgCode, orgNameZh, role, reason, step }) => ({
          ...{ at, organisation: { code: orgCode, name: orgNameZh } },
          role: roleNames.find((one) => one === role) ?? 'admin',
          ...(reason !== null && { reason }),
          ...(step !== null && { step }),
        }),
      )
    },
  )
}
