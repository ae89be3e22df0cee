import { z } from 'zod'

import { requireSight } from '../../benefits/scope.ts'
import { peerOfLedger } from '../../ledger/peer-ledger.ts'
import { reportReasons, reportStates } from '../../store/schema/reports.ts'
import { answerOf, decideReport, type Report, reportsBelow } from '../../vouchers/reports.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, instantSchema, pageOf, pageQuery, textOf, toPage } from '../paging.ts'
import { readReference, writeReference } from '../reference.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const decided = z.object({
  id: z.string(),
  state: z.enum(reportStates),
  reason: z.enum(reportReasons),
  created_at: instantSchema,
  decided_at: instantSchema.optional(),
  decided_by: z.string().optional(),
  answer: z.string().optional().describe('what the member is told'),
})

const caseSchema = decided.extend({
  voucher_id: z.string(),
  redemption: z.object({
    id: z.string(),
    state: z.enum(['committed', 'reversed']),
    store: z.object({ id: z.string(), name: z.string().describe('empty at another node') }),
    node: z
      .int()
      .optional()
      .describe('number of the node whose shop it was, if it was another’s: only that shop undoes'),
    terminal_id: z.string(),
    cashier_id: z.string(),
    amount: fenSchema,
    redeemed_at: instantSchema,
    settled: z.boolean().describe('a statement states it: it cannot be undone any more'),
  }),
})

/** Redemptions that members say were not theirs, of programmes within the scope. */
export function caseRoutes(app: App, context: Context): void {
  getCases(app, context)
  postCaseDecide(app, context)
}

function getCases(app: App, { store, node }: Context): void {
  app.get(
    '/cases',
    {
      schema: {
        operationId: 'listCases',
        summary: 'What members have reported of redemptions, oldest first',
        querystring: pageQuery.extend({ state: z.enum(reportStates).optional() }),
        response: { 200: pageOf(caseSchema) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'vouchers.read')
      const { after, limit, state } = request.query
      const rows = await reportsBelow(store.read, { orgPaths, state, after, limit: limit + 1 })
      return toPage(
        rows,
        limit,
        ({ report }) => report.id,
        ({ report, redemption, store: place }) => ({
          ...renderCase(node, report),
          voucher_id: report.voucherId,
          redemption: {
            ...{ id: writeReference(redemption), state: redemption.state },
            store: { id: redemption.storeId, name: place },
            ...nodeOf(redemption.merchantId),
            ...{ terminal_id: redemption.terminalId, cashier_id: redemption.cashierId },
            ...{ amount: redemption.amount, redeemed_at: redemption.redeemedAt },
            settled: redemption.statementId !== null,
          },
        }),
      )
    },
  )
}

function postCaseDecide(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/cases/:id/decide',
    {
      schema: {
        operationId: 'decideCase',
        summary: 'Undo the redemption that a member reported, or find no fault; once',
        params: z.object({ id: z.string().max(64) }),
        body: z.strictObject({
          decision: z.enum(['reverse', 'no_fault']),
          answer: textOf(500).describe('what the member is told'),
        }),
        response: { 200: decided },
      },
      config: {
        refusals: [
          ...(['NOT_FOUND', 'SELF_APPROVAL', 'VERSION_CONFLICT', 'ALREADY_REVERSED'] as const),
          ...(['REVERSAL_LIMIT', 'REVERSAL_SETTLED', 'VOUCHER_SUSPENDED'] as const),
        ],
      },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'vouchers.write',
        answer: decided,
        work: async (tx, by) => {
          const { decision, answer } = request.body
          const report = readReference(request.params.id)
          const inSight = ({ orgCode }: Report) =>
            requireSight(tx, by.orgPaths, { orgCode, what: 'case' })
          const given = { report, decision, answer, by, inSight, now: clock() }
          return renderCase(node, await decideReport(tx, node, given))
        },
      }),
  )
}

function nodeOf(merchantId: string): { node?: number } {
  const node = peerOfLedger(merchantId)
  return node === undefined ? {} : { node }
}

function renderCase(node: Context['node'], report: Report): z.input<typeof decided> {
  const { state, reason, createdAt, decidedAt, decidedBy } = report
  const answer = answerOf(node, report)
  return {
    ...{ id: writeReference(report), state, reason, created_at: createdAt },
    ...(decidedAt !== null && { decided_at: decidedAt }),
    ...(decidedBy !== null && { decided_by: decidedBy }),
    ...(answer !== undefined && { answer }),
  }
}
