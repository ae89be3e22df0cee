import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import { toBase64url, utf8 } from '../../base/bytes.ts'
import { sha256 } from '../../base/sha256.ts'
import { requireStore } from '../../merchants/merchants.ts'
import type { Reader } from '../../store/store.ts'
import {
  confirmAtStore,
  prepareAtStore,
  rejectAtStore,
  stateAtStore,
} from '../../vouchers/store-redemption.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { checkedCodes, spendingCodes } from '../merchant/views.ts'
import { fenSchema, idText, instantSchema } from '../paging.ts'
import { promiseOf, promiseSchema } from '../promised.ts'
import { readReference, writeReference } from '../reference.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'

const words = z.object({ zh: z.string(), en: z.string() })
const place = z.object({ id: z.string(), name: z.string(), merchant: z.string() })

const preparedSchema = z.object({
  redemption_id: z.string().describe('to confirm or reject'),
  held_until: instantSchema,
  voucher_id: z.string(),
  name: words,
  amount: fenSchema,
  store: place,
})

const confirmedSchema = z.object({
  redemption_id: z.string(),
  voucher_id: z.string(),
  name: words,
  amount: fenSchema,
  uses_left: z.int(),
  redeemed_at: instantSchema,
  store: place,
  leaf_hash: z.string(),
  promise: promiseSchema.optional(),
})

const printedCodes = ['PRINTED_CODE_OFF', 'COUNTER_CLOSED'] as const
const stateSchema = z.object({ state: z.enum(['waiting', 'accepted', 'declined', 'expired']) })
const rejectedSchema = z.object({ state: z.literal('rejected') })
const target = z.object({ id: z.string().max(64) })

/** Using a voucher by the code that a store has printed: the phone prepares, and confirms. */
export function storeRedemptionRoutes(app: App, context: Context): void {
  postStoreMemberRedemptions(app, context)
  getMemberState(app, context)
  postMemberConfirm(app, context)
  postMemberReject(app, context)
}

function postStoreMemberRedemptions(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/stores/:id/member-redemptions',
    {
      schema: {
        operationId: 'prepareMemberRedemption',
        summary: 'Hold a voucher for the store whose printed code the member has scanned',
        params: z.object({ id: idText }),
        body: z.strictObject({
          voucher_id: z.string().regex(/^[0-9a-f]{32}$/),
          order_amount: z.int().min(0).max(100_000_000).optional().describe('fen'),
        }),
        response: { 201: preparedSchema },
      },
      config: {
        refusals: [
          ...checkedCodes,
          ...(['NOT_FOUND', 'MIN_SPEND_NOT_MET', 'CONFIRMATION_REQUIRED'] as const),
          ...printedCodes,
        ],
      },
    },
    async (request, reply) => {
      const phone = phoneOf(request)
      const { voucher_id: voucherId, order_amount: orderAmount } = request.body
      return write(context, request, reply, {
        principal: `member:${phone.memberId}`,
        nonces: [phone.nonce],
        answer: preparedSchema,
        status: 201,
        work: async (tx) => {
          const { id: storeId } = request.params
          const evidence = proofDigest(request)
          const given = { phone, storeId, voucherId, orderAmount, evidence, now: clock() }
          const made = await prepareAtStore(tx, node, given)
          return {
            redemption_id: writeReference({ bucket: phone.bucket, id: made.id }),
            ...{ held_until: made.until, voucher_id: voucherId, amount: made.voucher.amount },
            ...{ name: made.benefit.definition.name, store: await placeOf(tx, storeId) },
          }
        },
      })
    },
  )
}

function getMemberState(app: App, { store, clock }: Context): void {
  app.get(
    '/redemptions/:id/member-state',
    {
      schema: {
        operationId: 'getMemberRedemption',
        summary: 'Whether the counter has accepted what was prepared at a store',
        params: target,
        response: { 200: stateSchema },
      },
      config: { refusals: ['NOT_FOUND', 'VOUCHER_NOT_FOUND'] },
    },
    async (request) => {
      const { id: preparation } = readReference(request.params.id)
      const given = { phone: phoneOf(request), preparation, now: clock() }
      return { state: await stateAtStore(store.read, given) }
    },
  )
}

function postMemberConfirm(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/redemptions/:id/member-confirm',
    {
      schema: {
        operationId: 'confirmMemberRedemption',
        summary: 'Redeem what was prepared at a store, once; the request’s proof is the evidence',
        params: target,
        body: z.strictObject({}),
        response: { 201: confirmedSchema },
      },
      config: { refusals: [...spendingCodes, ...printedCodes, 'AWAITING_COUNTER'] },
    },
    async (request, reply) => {
      const phone = phoneOf(request)
      return write(context, request, reply, {
        principal: `member:${phone.memberId}`,
        nonces: [phone.nonce],
        answer: confirmedSchema,
        status: 201,
        told: ({ leaf_hash: leaf, redeemed_at: at }) => promiseOf(context, leaf, at),
        work: async (tx) => {
          const { id: preparation } = readReference(request.params.id)
          const requestDigest = proofDigest(request)
          const made = await confirmAtStore(tx, node, {
            ...{ phone, preparation, requestDigest, now: clock() },
          })
          const { redemption, benefit, usesLeft, leafHash } = made
          return {
            ...{ redemption_id: writeReference(redemption), voucher_id: redemption.voucherId },
            ...{ name: benefit.definition.name, amount: redemption.amount, uses_left: usesLeft },
            ...{ redeemed_at: redemption.redeemedAt, leaf_hash: toBase64url(leafHash) },
            store: await placeOf(tx, redemption.storeId),
          }
        },
      })
    },
  )
}

function postMemberReject(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/redemptions/:id/member-reject',
    {
      schema: {
        operationId: 'rejectMemberRedemption',
        summary: 'Let go of what was prepared at a store',
        params: target,
        body: z.strictObject({}),
        response: { 200: rejectedSchema },
      },
      config: { refusals: ['NOT_FOUND', 'VOUCHER_NOT_FOUND', 'PREPARATION_EXPIRED'] },
    },
    async (request, reply) => {
      const phone = phoneOf(request)
      return write(context, request, reply, {
        principal: `member:${phone.memberId}`,
        nonces: [phone.nonce],
        answer: rejectedSchema,
        work: async (tx) => {
          const { id: preparation } = readReference(request.params.id)
          await rejectAtStore(tx, { phone, preparation, now: clock() })
          return { state: 'rejected' as const }
        },
      })
    },
  )
}

function phoneOf(request: FastifyRequest) {
  const { memberId, bucket, device, nonce } = memberOf(request)
  return { memberId, bucket, deviceId: device.id, nonce }
}

/** SHA-256 of the DPoP proof: the phone's signature over method and address, used once. */
function proofDigest({ headers }: FastifyRequest): Uint8Array {
  return sha256(utf8(String(headers.dpop)))
}

async function placeOf(reader: Reader, storeId: string) {
  const { store, merchant } = await requireStore(reader, storeId)
  return { id: storeId, name: store.name, merchant: merchant.name }
}
