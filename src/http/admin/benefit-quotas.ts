import { z } from 'zod'

import { requireBenefit } from '../../benefits/benefits.ts'
import { quotasOf } from '../../benefits/quotas.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { actorOf } from './authenticate.ts'

const quotaSchema = z.object({
  scope: z.string().describe('total, org:CODE, day:DATE or org:CODE/day:DATE'),
  org_code: z.string().optional(),
  day: z.string().optional(),
  units: z.int(),
  used: z.int(),
})

/** How much of a benefit is left: its stock, and the sub-quotas of its version in force. */
export function benefitQuotaRoutes(app: App, { store, clock }: Context): void {
  app.get(
    '/benefits/:id/quotas',
    {
      schema: {
        operationId: 'getBenefitQuotas',
        summary: 'Open stock and sub-quotas that decide today, with what is taken of them',
        params: z.object({ id: idText }),
        response: { 200: z.object({ items: z.array(quotaSchema) }) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const actor = actorOf(request, 'benefits.read')
      const benefit = await requireBenefit(store.read, request.params.id, actor)
      const quotas = await quotasOf(store.read, benefit, clock())
      const items = quotas.map(({ scope, orgCode, day, units, used }) => {
        return { scope, ...(orgCode && { org_code: orgCode }), ...(day && { day }), units, used }
      })
      return { items }
    },
  )
}
