import { z } from 'zod'

import { peerBalances } from '../../vouchers/peer-balances.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema } from '../paging.ts'

const balance = z.object({
  node: z.int().describe('number of the other node'),
  due_from: fenSchema.describe('fen that it owes this node'),
  due_to: fenSchema.describe('fen that this node owes it'),
  asked: z.int().describe('asked of it, outcome not known yet'),
  disputed: z.int().describe('answered by it with what its receipt does not prove'),
})

/** What nodes owe each other; how they pay is not decided here. */
export function nodeBalanceRoutes(app: App, { store }: Context): void {
  app.get(
    '/nodes',
    {
      schema: {
        operationId: 'auditNodes',
        summary: 'What this node and others owe each other for vouchers, by the books',
        response: { 200: z.object({ items: z.array(balance) }) },
      },
    },
    async () => {
      const rows = await peerBalances(store.read)
      const items = rows.map(({ node, dueFrom, dueTo, asked, disputed }) => {
        return { node, due_from: dueFrom, due_to: dueTo, asked, disputed }
      })
      return { items }
    },
  )
}
