import { z } from 'zod'

import { fromBase64url } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { answerOf } from '../../identity/idempotency.ts'
import { standingElsewhere } from '../../vouchers/elsewhere.ts'
import { tellingFirstUse } from '../../vouchers/first-use.ts'
import { prepare } from '../../vouchers/prepare.ts'
import { type RedeemRequest, redeem } from '../../vouchers/redeem.ts'
import { type ShownCode, verifyShownCode } from '../../vouchers/shown-code.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import {
  checkedCodes,
  detailFields,
  detailsIn,
  preparationSchema,
  renderPreparation,
  spendingCodes,
} from '../merchant/views.ts'
import { readReference } from '../reference.ts'
import { write } from '../write.ts'
import { nodeOf } from './authenticate.ts'
import { nodeRedemptionSchema, placeSchema, receiptFor, renderForNode } from './views.ts'

/** What a code of ours that was shown at another node's terminal is refused with. */
const notThere = ['SHIFT_CLOSED', 'STORE_INACTIVE', 'MERCHANT_SUSPENDED', 'CONTRACT_ENDED']
const elsewhere = (codes: typeof checkedCodes) => codes.filter((code) => !notThere.includes(code))

const code = z.string().min(1).max(300).describe('what the scanner read, SY1:…')
const digest = z.string().length(43).describe("base64url: SHA-256 of the terminal's signature")

/** Vouchers of this node at terminals of another. */
export function nodeRedemptionRoutes(app: App, context: Context): void {
  postNodePreparations(app, context)
  postNodeRedemptions(app, context)
  getNodeRedemptionsByKey(app, context)
}

function postNodePreparations(app: App, context: Context): void {
  const { store, node, clock } = context
  app.post(
    '/redemptions/prepare',
    {
      schema: {
        operationId: 'prepareNodeRedemption',
        summary: 'Check a code shown at another node and hold its voucher for that terminal',
        body: z.strictObject({ code, place: placeSchema }),
        response: { 201: preparationSchema },
      },
      config: { refusals: elsewhere(checkedCodes) },
    },
    async (request, reply) => {
      const { number, principal, nonce } = nodeOf(request)
      const standing = standingElsewhere(number, request.body.place)
      const read = await kept(verifyShownCode(store.read, node, request.body.code))
      return write(context, request, reply, {
        ...{ principal, nonces: [nonce], answer: preparationSchema, status: 201 },
        work: async (tx) => {
          const { terminalId } = standing
          const given = { shown: required(read), terminalId, elsewhere: standing, now: clock() }
          return tellingFirstUse(tx, given, async () => {
            return renderPreparation(await prepare(tx, node, given))
          })
        },
      })
    },
  )
}

function postNodeRedemptions(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/redemptions',
    {
      schema: {
        operationId: 'redeemForNode',
        summary: 'Redeem one use of a voucher at another node, once; this node owes that one',
        description:
          'By a code just shown there, or by what prepareNodeRedemption answered. The benefit must ' +
          'let that node in (acceptance rule `node`), and its other rules hold for the place.',
        body: z.strictObject({
          code: code.optional(),
          preparation_id: z.string().max(64).optional(),
          request_digest: digest,
          place: placeSchema,
          ...detailFields,
        }),
        response: { 201: nodeRedemptionSchema },
      },
      config: { refusals: elsewhere(spendingCodes) },
    },
    async (request, reply) => {
      const { number, principal, nonce } = nodeOf(request)
      const { body } = request
      const standing = standingElsewhere(number, body.place)
      const requestDigest = fromBase64url(body.request_digest)
      if (requestDigest?.length !== 32) throw invalid('request_digest: not 32 octets')
      const by = await kept(shownOrHeld(context, body))
      return write(context, request, reply, {
        ...{ principal, nonces: [nonce], answer: nodeRedemptionSchema, status: 201 },
        told: ({ redemption_id: id }) => receiptFor(context, id, 'redeem'),
        work: async (tx) => {
          const asked: RedeemRequest = {
            ...{ by: required(by), terminalId: standing.terminalId, elsewhere: standing },
            ...{ requestDigest, details: detailsIn(body), now: clock() },
          }
          return tellingFirstUse(tx, asked.by, async () => {
            return renderForNode(await redeem(tx, node, asked))
          })
        },
      })
    },
  )
}

const steps = {
  redeem: 'POST /api/v1/node/redemptions',
  reverse: 'POST /api/v1/node/redemptions/:id/reverse',
} as const

function getNodeRedemptionsByKey(app: App, context: Context): void {
  const { store, node } = context
  app.get(
    '/redemptions/by-key/:key',
    {
      schema: {
        operationId: 'getNodeRedemptionByKey',
        summary: 'Learn what a redemption or a reversal was answered, with its receipt by now',
        params: z.object({ key: z.string().regex(/^[\x21-\x7e]{8,128}$/) }),
        response: {
          200: z.object({
            status: z.int().describe('the HTTP status that was answered'),
            answer: z.record(z.string(), z.unknown()).describe('the body that was answered'),
          }),
        },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { principal } = nodeOf(request)
      for (const step of ['redeem', 'reverse'] as const) {
        const asked = { principal, route: steps[step], key: request.params.key }
        const found = await answerOf(store.read, node, asked)
        if (!found) continue
        const answer = JSON.parse(found.body) as Record<string, unknown>
        if (found.status >= 400) return { status: found.status, answer }
        const more = await receiptFor(context, String(answer.redemption_id), step)
        return { status: found.status, answer: { ...answer, ...more } }
      }
      throw new Refusal('NOT_FOUND')
    },
  )
}

async function shownOrHeld(
  { store, node }: Context,
  {
    code,
    preparation_id: held,
  }: { code?: string | undefined; preparation_id?: string | undefined },
): Promise<{ shown: ShownCode } | { preparation: string; bucket: number }> {
  if ((code === undefined) === (held === undefined)) {
    throw invalid('code: give one of code and preparation_id')
  }
  if (code !== undefined) return { shown: await verifyShownCode(store.read, node, code) }
  const { id, bucket } = readReference(held ?? '')
  return { preparation: id, bucket }
}

/** A refusal is kept, to be told in the transaction and stored under its key. */
async function kept<T>(read: Promise<T>): Promise<T | Refusal> {
  try {
    return await read
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

function required<T>(read: T | Refusal): T {
  if (read instanceof Refusal) throw read
  return read
}

function invalid(issue: string): Refusal {
  return new Refusal('VALIDATION_FAILED', { issues: [issue] })
}
