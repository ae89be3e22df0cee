import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { claimOffer } from '../../vouchers/claim.ts'
import { bucketOfHandle } from '../../vouchers/handle.ts'
import { benefitOf } from '../../vouchers/lookup.ts'
import { makeAlias } from '../../vouchers/numeric-code.ts'
import { returnVoucher } from '../../vouchers/return.ts'
import { requireFreshStep, verifyShownCode } from '../../vouchers/shown-code.ts'
import { redemptionsOf, timelineOf, voucherOf, vouchersOf } from '../../vouchers/wallet.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'
import { promiseOf } from '../promised.ts'
import { writeReference } from '../reference.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'
import { claimedSchema, renderVoucher, voucherSchema } from './views.ts'

const handle = z.object({ id: z.string().regex(/^[0-9a-f]{32}$/) })
const lifeRefusals = [
  'VOUCHER_NOT_FOUND',
  'VOUCHER_SUSPENDED',
  'VOUCHER_VOID',
  'VOUCHER_RETURNED',
  'VOUCHER_EXPIRED',
  'VERSION_CONFLICT',
] as const

const full = voucherSchema.extend({
  events: z.array(z.object({ kind: z.string(), at: instantSchema, version: z.int() })),
  redemptions: z.array(
    z.object({
      redemption_id: z.string(),
      state: z.enum(['committed', 'reversed']),
      amount: fenSchema,
      redeemed_at: instantSchema,
      reversed_at: instantSchema.optional(),
    }),
  ),
})

const alias = z.object({ digits: z.string(), expires_at: instantSchema })

const acts = {
  claim: {
    operationId: 'claimVoucher',
    summary: 'Claim a voucher that was offered',
    run: claimOffer,
    refusals: [...lifeRefusals, 'ALREADY_CLAIMED', 'OFFER_LAPSED', 'MEMBERSHIP_SUSPENDED'],
  },
  return: {
    operationId: 'returnVoucher',
    summary: 'Give back a voucher that was never used',
    run: returnVoucher,
    refusals: [...lifeRefusals, 'ALREADY_REDEEMED', 'RETURN_NOT_ALLOWED'],
  },
} as const

/** The member's wallet. */
export function voucherRoutes(app: App, context: Context): void {
  getMeVouchers(app, context)
  getMeVoucher(app, context)
  postMeVoucherAct(app, context, 'claim')
  postMeVoucherAct(app, context, 'return')
  postMeVoucherNumericCode(app, context)
}

function getMeVouchers(app: App, context: Context): void {
  const { store, node, clock } = context
  app.get(
    '/me/vouchers',
    {
      schema: {
        operationId: 'listVouchers',
        summary: "The member's vouchers",
        querystring: pageQuery.extend({ state: voucherSchema.shape.state.optional() }),
        response: { 200: pageOf(voucherSchema) },
      },
    },
    async (request) => {
      const { memberId, bucket } = memberOf(request)
      const { after, limit, state } = request.query
      const page = { memberId, bucket, after, limit: limit + 1, now: clock() }
      const rows = await vouchersOf(store.read, page)
      const shown = toPage(
        rows,
        limit,
        (row) => row.voucher.id,
        (row) => row,
      )
      const items = shown.items.filter((row) => !state || row.state === state)
      return { ...shown, items: items.map((row) => renderVoucher(row, node.number)) }
    },
  )
}

function getMeVoucher(app: App, context: Context): void {
  const { store, node, clock } = context
  app.get(
    '/me/vouchers/:id',
    {
      schema: {
        operationId: 'getVoucher',
        summary: 'One voucher with its history',
        params: handle,
        response: { 200: full },
      },
      config: { refusals: ['VOUCHER_NOT_FOUND'] },
    },
    async (request) => {
      const { memberId, bucket } = memberOf(request)
      const { id: voucherId } = request.params
      const now = clock()
      const held = await voucherOf(store.read, { memberId, bucket, voucherId, now })
      const events = await timelineOf(store.read, bucket, voucherId)
      const made = await redemptionsOf(store.read, bucket, voucherId)
      return {
        ...renderVoucher(held, node.number),
        events: events.map(({ kind, at, version }) => ({ kind, at, version })),
        redemptions: made.map((row) => ({
          redemption_id: writeReference(row),
          state: row.state,
          amount: row.amount,
          redeemed_at: row.redeemedAt,
          ...(row.reversedAt !== null && { reversed_at: row.reversedAt }),
        })),
      }
    },
  )
}

function postMeVoucherAct(app: App, context: Context, act: keyof typeof acts): void {
  const { node, clock } = context
  const { operationId, summary, run, refusals } = acts[act]
  app.post(
    `/me/vouchers/:id/${act}`,
    {
      schema: {
        operationId,
        summary,
        params: handle,
        body: z.strictObject({}),
        response: { 200: claimedSchema },
      },
      config: { refusals },
    },
    async (request, reply) => {
      const { memberId, bucket, nonce } = memberOf(request)
      const voucherId = request.params.id
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: claimedSchema,
        told: ({ leaf_hash: leaf, claimed_at: at = 0 }) =>
          act === 'claim' ? promiseOf(context, leaf, at) : {},
        work: async (tx) => {
          const voucher = await run(tx, node, { memberId, bucket, voucherId, now: clock() })
          const benefit = await benefitOf(tx, voucher)
          return renderVoucher({ voucher, state: voucher.state, benefit }, node.number)
        },
      })
    },
  )
}

function postMeVoucherNumericCode(app: App, context: Context): void {
  const { store, node, clock } = context
  app.post(
    '/me/vouchers/:id/numeric-code',
    {
      schema: {
        operationId: 'createNumericCode',
        summary: 'Twelve digits that stand for a code the device has just signed',
        params: handle,
        body: z.strictObject({ code: z.string().min(1).max(300) }),
        response: { 201: alias },
      },
      config: {
        refusals: [
          'VOUCHER_NOT_FOUND',
          'TOKEN_MALFORMED',
          'UNSUPPORTED_TOKEN_VERSION',
          'TOKEN_EXPIRED',
        ],
      },
    },
    async (request, reply) => {
      const { memberId, device, nonce } = memberOf(request)
      const voucherId = request.params.id
      const shown = await verifyShownCode(store.read, node, request.body.code)
      if (shown.voucherId !== voucherId || shown.deviceId !== device.id) {
        throw new Refusal('VOUCHER_NOT_FOUND')
      }
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: alias,
        status: 201,
        work: async (tx) => {
          const now = clock()
          requireFreshStep(shown.step, now)
          const { code } = request.body
          const bucket = bucketOfHandle(voucherId)
          await voucherOf(tx, { memberId, bucket, voucherId, now })
          const made = await makeAlias(tx, node, { codeText: code, now })
          return { digits: made.digits, expires_at: made.expiresAt }
        },
      })
    },
  )
}
