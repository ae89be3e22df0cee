import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { orgPathOf, requireSight } from '../../benefits/scope.ts'
import { voucherStates } from '../../store/schema/vouchers.ts'
import type { Reader } from '../../store/store.ts'
import { bucketOfHandle } from '../../vouchers/handle.ts'
import { benefitOf, requireVoucher } from '../../vouchers/lookup.ts'
import { requireRedemption } from '../../vouchers/redemption.ts'
import { kinOf } from '../../vouchers/reissue.ts'
import { reversalReasons, reverse } from '../../vouchers/reverse.ts'
import { stateAt, type Voucher } from '../../vouchers/states.ts'
import { timelineOf } from '../../vouchers/wallet.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, instantSchema } from '../paging.ts'
import { readReference } from '../reference.ts'
import { actorOf, adminWrite } from './authenticate.ts'

/** A voucher's handle in a path. */
export const voucherId = z.string().regex(/^[0-9a-f]{32}$/)

const timeline = z.object({
  id: z.string(),
  member_id: z.string(),
  benefit_id: z.string(),
  state: z.enum(voucherStates),
  version: z.int(),
  uses_left: z.int(),
  amount: fenSchema,
  valid_to: instantSchema,
  successor: z.string().optional().describe('the voucher issued in its place'),
  predecessor: z.string().optional().describe('the voucher in whose place it was issued'),
  events: z.array(
    z.object({ version: z.int(), kind: z.string(), actor: z.string(), at: instantSchema }),
  ),
})

const reversed = z.object({
  redemption_id: z.string(),
  state: z.literal('reversed'),
  reversed_at: instantSchema,
  uses_left: z.int(),
  leaf_hash: z.string(),
})

/** One voucher from offer to redemption, and undoing what the counter no longer can. */
export function voucherRoutes(app: App, context: Context): void {
  getVoucher(app, context)
  postRedemptionReverse(app, context)
}

function getVoucher(app: App, context: Context): void {
  const { store, clock } = context
  app.get(
    '/vouchers/:id',
    {
      schema: {
        operationId: 'getVoucherTimeline',
        summary: 'What happened to a voucher',
        params: z.object({ id: voucherId }),
        response: { 200: timeline },
      },
      config: { refusals: ['VOUCHER_NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'vouchers.read')
      const { id } = request.params
      const voucher = await requireVoucherInSight(store.read, id, orgPaths)
      const events = await timelineOf(store.read, voucher.bucket, id)
      return {
        id,
        member_id: voucher.memberId,
        benefit_id: voucher.benefitId,
        state: stateAt(voucher, clock()),
        version: voucher.version,
        uses_left: voucher.usesLeft,
        amount: voucher.amount,
        valid_to: voucher.validTo,
        ...(await kinOf(store.read, voucher)),
        events: events.map(({ version, kind, actor, at }) => ({ version, kind, actor, at })),
      }
    },
  )
}

function postRedemptionReverse(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/redemptions/:id/reverse',
    {
      schema: {
        operationId: 'reverseRedemptionByStaff',
        summary: "Undo a redemption after the counter's own time is over",
        params: z.object({ id: z.string().max(64) }),
        body: z.strictObject({ reason: z.enum(reversalReasons) }),
        response: { 200: reversed },
      },
      config: {
        refusals: [
          ...(['NOT_FOUND', 'ALREADY_REVERSED', 'REVERSAL_LIMIT', 'REVERSAL_SETTLED'] as const),
          ...(['VOUCHER_SUSPENDED', 'VERSION_CONFLICT'] as const),
        ],
      },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'vouchers.write',
        answer: reversed,
        work: async (tx, { principalId, orgPaths }) => {
          const redemption = readReference(request.params.id)
          const made = await requireRedemption(tx, redemption)
          if (made.programmeId === '') throw new Refusal('NOT_FOUND', { what: 'redemption' })
          const voucher = await requireVoucher(tx, made.bucket, made.voucherId)
          const { programme } = await benefitOf(tx, voucher)
          const { orgCode } = programme
          await requireSight(tx, orgPaths, { orgCode, what: 'redemption' })
          const now = clock()
          const { reason } = request.body
          const by = { staff: principalId }
          const done = await reverse(tx, node, { redemption, reason, by, now })
          return {
            redemption_id: request.params.id,
            state: 'reversed' as const,
            reversed_at: now,
            uses_left: done.usesLeft,
            leaf_hash: toBase64url(done.leafHash),
          }
        },
      }),
  )
}

/** A voucher of a programme within the scope. Refusal VOUCHER_NOT_FOUND, also for another's. */
export async function requireVoucherInSight(
  reader: Reader,
  id: string,
  orgPaths: readonly string[],
): Promise<Voucher> {
  const voucher = await requireVoucher(reader, bucketOfHandle(id), id)
  const { programme } = await benefitOf(reader, voucher)
  const path = await orgPathOf(reader, programme.orgCode)
  if (!orgPaths.some((one) => path.startsWith(one))) throw new Refusal('VOUCHER_NOT_FOUND')
  return voucher
}
