import { z } from 'zod'

import { day } from '../../base/clock.ts'
import { unionZone } from '../../benefits/criteria/month.ts'
import { dayIn } from '../../benefits/criteria/zone.ts'
import { type Alert, alertsWithin, topRefusals } from '../../vouchers/funnel/alerts.ts'
import { budgetBurn } from '../../vouchers/funnel/budget.ts'
import { benefitNames } from '../../vouchers/funnel/names.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, instantSchema } from '../paging.ts'
import { actorOf } from './authenticate.ts'
import { daySchema } from './dashboard.ts'

const budgetMonth = z.object({
  month: z.string().describe("YYYY-MM of the union's time zone"),
  available: fenSchema,
  committed: fenSchema.describe('in open vouchers, and reserved for stock'),
  consumed: fenSchema.describe('redeemed, less what was undone'),
})
const burn = z.object({
  id: z.string(),
  name_zh: z.string(),
  name_en: z.string(),
  months: z.array(budgetMonth).describe('as each month ended; the last as it stands'),
})
const alert = z.object({
  kind: z.enum(['budget_low', 'stock_low', 'approval_waiting', 'many_reversals']),
  id: z.string().describe('of the programme, benefit, batch or store'),
  name_zh: z.string().optional(),
  name_en: z.string().optional(),
  left: z.int().optional().describe('fen of a budget, units of a stock; reversals of a store'),
  of: z.int().optional().describe('what it once had; redemptions of a store in seven days'),
  at: instantSchema.optional(),
})

/** What besides the funnel is on the dashboard. */
export function dashboardAlertRoutes(app: App, context: Context): void {
  getBudgetBurn(app, context)
  getRefusals(app, context)
  getAlerts(app, context)
}

function getBudgetBurn(app: App, { store }: Context): void {
  app.get(
    '/budget-burn',
    {
      schema: {
        operationId: 'getBudgetBurn',
        summary: 'What became of the money of each programme within the scope, by month',
        response: { 200: z.object({ items: z.array(burn) }) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const found = await budgetBurn(store.read, orgPaths)
      return {
        items: found.map(({ programme: { id, nameZh, nameEn }, months }) => {
          return { id, name_zh: nameZh, name_en: nameEn, months: [...months] }
        }),
      }
    },
  )
}

function getRefusals(app: App, { store, clock }: Context): void {
  app.get(
    '/refusals',
    {
      schema: {
        operationId: 'listTopRefusals',
        summary: 'Why redemptions were refused at stores within the scope, most frequent first',
        querystring: z.object({
          from: daySchema.optional().describe('else thirty days ago'),
          to: daySchema.optional().describe('included'),
        }),
        response: {
          200: z.object({ items: z.array(z.object({ code: z.string(), count: z.int() })) }),
        },
      },
    },
    async (request) => {
      const { orgPaths: paths } = actorOf(request, 'benefits.read')
      const { from, to } = request.query
      const items = await topRefusals(store.read, {
        paths,
        from: from ?? dayIn(unionZone, clock() - 30 * day),
        to: to ?? '9999-12-31',
      })
      return { items }
    },
  )
}

function getAlerts(app: App, { store, clock }: Context): void {
  app.get(
    '/alerts',
    {
      schema: {
        operationId: 'listAlerts',
        summary: 'Budgets and stocks nearly gone, batches that wait, stores that undo much',
        response: { 200: z.object({ items: z.array(alert) }) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const alerts = await alertsWithin(store.read, orgPaths, clock())
      const stocks = alerts.filter(({ kind }) => kind === 'stock_low')
      const names = await benefitNames(
        store.read,
        stocks.map(({ id }) => id),
      )
      return { items: alerts.map((one) => rendered(one, names.get(one.id))) }
    },
  )
}

function rendered({ name, ...rest }: Alert, words?: { zh: string; en?: string }) {
  const zh = name ?? words?.zh
  return {
    ...rest,
    ...(zh !== undefined && { name_zh: zh }),
    ...(words?.en !== undefined && { name_en: words.en }),
  }
}
