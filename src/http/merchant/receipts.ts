import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { bestReceiptOf, entryOf } from '../../ledger/receipt.ts'
import { requireRedemption } from '../../vouchers/redemption.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { receiptSchema, renderReceipt } from '../promised.ts'
import { readReference } from '../reference.ts'
import { terminalOf } from './authenticate.ts'

/** What a merchant keeps of a redemption: it is paid by the leaf that this proves. */
export function receiptRoutes(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/redemptions/:id/receipt',
    {
      schema: {
        operationId: 'getRedemptionReceipt',
        summary: "The receipt of a redemption of the terminal's store, at its best level by now",
        params: z.object({ id: z.string().max(64) }),
        response: { 200: receiptSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { storeId } = terminalOf(request)
      const made = await requireRedemption(store.read, readReference(request.params.id))
      if (made.storeId !== storeId) throw new Refusal('NOT_FOUND', { what: 'redemption' })
      const entry = await entryOf(store.read, made.bucket, made.entryId)
      const receipt = await bestReceiptOf(store.read, made.entryId)
      return renderReceipt(context, entry, receipt)
    },
  )
}
