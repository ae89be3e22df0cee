import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import { benefitVersion } from '../../benefits/versions.ts'
import { peerOfLedger } from '../../ledger/peer-ledger.ts'
import { reportReasons, reportStates } from '../../store/schema/reports.ts'
import { collectorOf } from '../../vouchers/delegations.ts'
import {
  answerOf,
  type Report,
  redemptionsOfMember,
  reportRedemption,
} from '../../vouchers/reports.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, instantSchema } from '../paging.ts'
import { readReference, writeReference } from '../reference.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'

const words = z.object({ zh: z.string(), en: z.string() })

const reportSchema = z.object({
  id: z.string(),
  reason: z.enum(reportReasons),
  state: z.enum(reportStates),
  created_at: instantSchema,
  decided_at: instantSchema.optional(),
  answer: z.string().optional().describe('what the union says to it'),
})

const redemptionSchema = z.object({
  redemption_id: z.string(),
  voucher_id: z.string(),
  name: words,
  store: z.object({ id: z.string(), name: z.string() }),
  merchant: z.string(),
  node: z.int().optional().describe('number of the node whose shop it was, if it was another’s'),
  amount: fenSchema,
  order_amount: fenSchema.optional(),
  state: z.enum(['committed', 'reversed']),
  redeemed_at: instantSchema,
  reversed_at: instantSchema.optional(),
  collected_by: z.string().optional().describe('whom the member named, if they picked it up'),
  leaf_hash: z.string().describe('of the leaf; its receipt is among those of the voucher'),
  report: reportSchema.optional(),
})

/** How many of the latest are told. */
const most = 200

/** Where the member's vouchers were redeemed, and what the member says against it. */
export function redemptionRoutes(app: App, context: Context): void {
  getMeRedemptions(app, context)
  postMeRedemptionReport(app, context)
}

function getMeRedemptions(app: App, { store, node }: Context): void {
  app.get(
    '/me/redemptions',
    {
      schema: {
        operationId: 'listMyRedemptions',
        summary: "Where, when and for what the member's vouchers were redeemed, the latest 200",
        response: { 200: z.object({ items: z.array(redemptionSchema) }) },
      },
    },
    async (request) => {
      const { memberId, bucket } = memberOf(request)
      const rows = await redemptionsOfMember(store.read, { memberId, bucket, limit: most })
      const items: z.input<typeof redemptionSchema>[] = []
      for (const { redemption, voucher, report, leafHash, store: place, merchant } of rows) {
        const { benefitId, benefitVersion: version } = voucher
        const benefit = await benefitVersion(store.read, benefitId, version)
        const peer = peerOfLedger(redemption.merchantId)
        const collector = await collectorOf(store.read, node, redemption)
        items.push({
          redemption_id: writeReference(redemption),
          voucher_id: redemption.voucherId,
          name: benefit?.definition.name ?? { zh: '', en: '' },
          ...{ store: place, merchant, amount: redemption.amount, state: redemption.state },
          ...(peer !== undefined && { node: peer }),
          ...(redemption.orderAmount !== null && { order_amount: redemption.orderAmount }),
          redeemed_at: redemption.redeemedAt,
          ...(redemption.reversedAt !== null && { reversed_at: redemption.reversedAt }),
          ...(collector && { collected_by: collector.name }),
          leaf_hash: toBase64url(leafHash),
          ...(report && { report: renderReport(node, report) }),
        })
      }
      return { items }
    },
  )
}

function postMeRedemptionReport(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/me/redemptions/:id/report',
    {
      schema: {
        operationId: 'reportRedemption',
        summary: 'Say that a redemption was not mine, or not as it should be',
        params: z.object({ id: z.string().max(64) }),
        body: z.strictObject({ reason: z.enum(reportReasons) }),
        response: { 201: reportSchema },
      },
      config: { refusals: ['NOT_FOUND', 'ALREADY_REVERSED', 'ALREADY_EXISTS'] },
    },
    async (request, reply) => {
      const { memberId, nonce } = memberOf(request)
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: reportSchema,
        status: 201,
        work: async (tx) => {
          const redemption = readReference(request.params.id)
          const { reason } = request.body
          const now = clock()
          return renderReport(
            node,
            await reportRedemption(tx, { redemption, memberId, reason, now }),
          )
        },
      })
    },
  )
}

function renderReport(node: Context['node'], report: Report): z.input<typeof reportSchema> {
  const { reason, state, createdAt, decidedAt } = report
  const answer = answerOf(node, report)
  return {
    ...{ id: writeReference(report), reason, state, created_at: createdAt },
    ...(decidedAt !== null && { decided_at: decidedAt }),
    ...(answer !== undefined && { answer }),
  }
}
