import { z } from 'zod'

import type { Draw, DrawEntry } from '../../benefits/draw/draw.ts'
import { drawOf, entryOfPerson } from '../../benefits/draw/draw.ts'
import { enterDraw, leaveDraw } from '../../benefits/draw/enter.ts'
import { requireEligible } from '../../benefits/eligibility.ts'
import { publishedBenefit } from '../../benefits/rights.ts'
import { personOfMember } from '../../identity/devices.ts'
import { bestReceiptOf } from '../../ledger/receipt.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { drawSchema, renderDraw } from '../draw-view.ts'
import { idText, instantSchema } from '../paging.ts'
import { promiseOf, promiseSchema, receiptSchema, renderReceipt } from '../promised.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'

const params = z.object({ benefitId: idText })
const enteredSchema = z.object({
  draw_id: z.string(),
  pseudonym: z.string().describe('how the published list calls the member, in this draw alone'),
  entered_at: instantSchema,
  leaf_hash: z.string().describe("base64url of the hash of the entry's ledger leaf"),
  promise: promiseSchema.optional(),
})
const results = ['waiting', 'won', 'not_won'] as const
const ownDrawSchema = drawSchema.extend({
  server_time: instantSchema,
  entry: z
    .object({
      pseudonym: z.string(),
      entered_at: instantSchema,
      receipt: receiptSchema.describe('proves that the member was in'),
      result: z.enum(results),
      voucher_id: z.string().optional().describe('the offer that was won'),
    })
    .optional(),
})

/** Entering draws of scarce stock, and what came of it. */
export function drawRoutes(app: App, context: Context): void {
  getBenefitDraw(app, context)
  postBenefitEntries(app, context)
  deleteBenefitEntries(app, context)
}

function getBenefitDraw(app: App, context: Context): void {
  const { store, clock } = context
  app.get(
    '/benefits/:benefitId/draw',
    {
      schema: {
        operationId: 'getBenefitDraw',
        summary: "The draw of a benefit's stock: its commitment, its seed, one's own result",
        params,
        response: { 200: ownDrawSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { memberId, bucket } = memberOf(request)
      const draw = await drawOf(store.read, request.params.benefitId)
      const personId = await personOfMember(store.read, memberId)
      const entry = await entryOfPerson(store.read, { drawId: draw.id, bucket, personId })
      return {
        ...renderDraw(context, draw),
        server_time: clock(),
        ...(entry && { entry: await renderEntry(context, draw, entry) }),
      }
    },
  )
}

function postBenefitEntries(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/benefits/:benefitId/entries',
    {
      schema: {
        operationId: 'enterDraw',
        summary: "Enter the window or the draw of a benefit's stock, once a person",
        params,
        body: z.strictObject({}),
        response: { 201: enteredSchema },
      },
      config: {
        refusals: [
          ...(['NOT_FOUND', 'BENEFIT_STATE', 'NOT_ELIGIBLE', 'FACT_UNKNOWN'] as const),
          ...(['DRAW_CLOSED', 'ALREADY_ENTERED'] as const),
        ],
      },
    },
    async (request, reply) => {
      const { memberId, bucket, nonce } = memberOf(request)
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: enteredSchema,
        status: 201,
        told: ({ leaf_hash: leaf, entered_at: at }) => promiseOf(context, leaf, at),
        work: async (tx) => {
          const now = clock()
          const { benefitId } = request.params
          const benefit = await publishedBenefit(tx, benefitId)
          const draw = await drawOf(tx, benefitId)
          await requireEligible(tx, memberId, benefit, now)
          const to = { memberId, bucket, personId: await personOfMember(tx, memberId) }
          const entry = await enterDraw(tx, node, { draw, to, now })
          return {
            draw_id: draw.id,
            pseudonym: entry.pseudonym,
            entered_at: entry.at,
            leaf_hash: Buffer.from(entry.leafHash).toString('base64url'),
          }
        },
      })
    },
  )
}

function deleteBenefitEntries(app: App, context: Context): void {
  const { node, clock } = context
  const answer = z.object({ left: z.literal(true) })
  app.delete(
    '/benefits/:benefitId/entries',
    {
      schema: {
        operationId: 'leaveDraw',
        summary: 'Take back an entry, while entering is possible',
        params,
        response: { 200: answer },
      },
      config: { refusals: ['NOT_FOUND', 'DRAW_CLOSED'] },
    },
    async (request, reply) => {
      const { memberId, bucket, nonce } = memberOf(request)
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer,
        work: async (tx) => {
          const draw = await drawOf(tx, request.params.benefitId)
          const to = { memberId, bucket, personId: await personOfMember(tx, memberId) }
          await leaveDraw(tx, node, { draw, to, now: clock() })
          return { left: true as const }
        },
      })
    },
  )
}

async function renderEntry(context: Context, draw: Draw, entry: DrawEntry) {
  const { pseudonym, at, entryId, leafHash, voucherId } = entry
  const receipt = await bestReceiptOf(context.store.read, entryId)
  const told = await renderReceipt(context, { leafHash: new Uint8Array(leafHash), at }, receipt)
  return {
    pseudonym,
    entered_at: at,
    receipt: told,
    result: resultOf(draw, voucherId),
    ...(voucherId !== null && { voucher_id: voucherId }),
  }
}

/** While winners are being told, nobody hears that they did not win. */
function resultOf({ state, cursor, target }: Draw, voucherId: string | null) {
  if (voucherId !== null) return 'won' as const
  const over = state === 'cancelled' || state === 'done' || state === 'drawn'
  return over && cursor >= target ? ('not_won' as const) : ('waiting' as const)
}
