import { z } from 'zod'

import { requireSight } from '../../benefits/scope.ts'
import { requireStore } from '../../merchants/merchants.ts'
import { cashiersOf, terminalsOf } from '../../merchants/staff.ts'
import { cashierRoles, printedCodeStates } from '../../store/schema/merchants.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema } from '../paging.ts'
import { actorOf } from './authenticate.ts'

const staffing = z.object({
  printed_code: z
    .enum(printedCodeStates)
    .describe('whether members use vouchers by its printed code: off, asked for, or on'),
  terminals: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      provisioned_at: instantSchema.optional(),
      revoked_at: instantSchema.optional(),
    }),
  ),
  cashiers: z.array(
    z.object({ id: z.string(), name: z.string(), role: z.enum(cashierRoles), locked: z.boolean() }),
  ),
})

/** What stands in one store, and who works there. */
export function storeRecordRoutes(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/stores/:id/staffing',
    {
      schema: {
        operationId: 'getStaffing',
        summary: 'The terminals and cashiers of a store, and its printed code',
        params: z.object({ id: idText }),
        response: { 200: staffing },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'merchants.read')
      const { store: found, merchant } = await requireStore(store.read, request.params.id)
      await requireSight(store.read, orgPaths, merchant)
      const terminals = await terminalsOf(store.read, found.id)
      const cashiers = await cashiersOf(store.read, found.id)
      return {
        printed_code: found.printedCode,
        terminals: terminals.map(({ id, name, provisionedAt, revokedAt }) => ({
          ...{ id, name },
          ...(provisionedAt !== null && { provisioned_at: provisionedAt }),
          ...(revokedAt !== null && { revoked_at: revokedAt }),
        })),
        cashiers: cashiers.map(({ id, name, role, triesLeft }) => ({
          ...{ id, name, role, locked: triesLeft === 0 },
        })),
      }
    },
  )
}
