import { z } from 'zod'

import type { RefusalCode } from '../../base/refusal-codes.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import { voucherStates } from '../../store/schema/vouchers.ts'
import type { Tx } from '../../store/store.ts'
import type { Decision } from '../../vouchers/change-standing.ts'
import { stateAt, type Voucher } from '../../vouchers/states.ts'
import {
  resumeReasons,
  resumeVoucher,
  suspendReasons,
  suspendVoucher,
} from '../../vouchers/suspend.ts'
import { voidReasons, voidVoucher } from '../../vouchers/void.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema } from '../paging.ts'
import { adminWrite } from './authenticate.ts'
import { requireVoucherInSight, voucherId } from './vouchers.ts'

const changed = z.object({
  id: z.string(),
  state: z.enum(voucherStates),
  version: z.int(),
  uses_left: z.int(),
  valid_to: instantSchema,
})

const expected_version = z
  .int()
  .min(1)
  .optional()
  .describe('the version that was looked at: another is a VERSION_CONFLICT')

const codes: readonly RefusalCode[] = [
  'VOUCHER_NOT_FOUND',
  'ALREADY_REDEEMED',
  'VOUCHER_VOID',
  'VOUCHER_RETURNED',
  'VOUCHER_EXPIRED',
  'VERSION_CONFLICT',
]

/** What the union decides about one voucher: hold it, let it go, take it back. */
export function voucherStandingRoutes(app: App, context: Context): void {
  postVoucherSuspend(app, context)
  postVoucherResume(app, context)
  postVoucherVoid(app, context)
}

function postVoucherSuspend(app: App, context: Context): void {
  const reason = z.enum(suspendReasons)
  app.post(
    '/vouchers/:id/suspend',
    {
      schema: {
        operationId: 'suspendVoucher',
        summary: 'Hold an active voucher: nobody can redeem it until it is resumed',
        params: z.object({ id: voucherId }),
        body: z.strictObject({ reason, expected_version }),
        response: { 200: changed },
      },
      config: { refusals: [...codes, 'VOUCHER_SUSPENDED', 'NOT_CLAIMED'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'vouchers.write',
        answer: changed,
        work: (tx, actor) => {
          const { params, body } = request
          return decide(tx, context, { params, body, actor }, suspendVoucher)
        },
      }),
  )
}

function postVoucherResume(app: App, context: Context): void {
  const reason = z.enum(resumeReasons)
  app.post(
    '/vouchers/:id/resume',
    {
      schema: {
        operationId: 'resumeVoucher',
        summary: 'Let a suspended voucher be used again, within the validity it has',
        params: z.object({ id: voucherId }),
        body: z.strictObject({ reason, expected_version }),
        response: { 200: changed },
      },
      config: { refusals: [...codes, 'NOT_CLAIMED'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'vouchers.write',
        answer: changed,
        work: (tx, actor) => {
          const { params, body } = request
          return decide(tx, context, { params, body, actor }, resumeVoucher)
        },
      }),
  )
}

function postVoucherVoid(app: App, context: Context): void {
  const reason = z.enum(voidReasons)
  app.post(
    '/vouchers/:id/void',
    {
      schema: {
        operationId: 'voidVoucher',
        summary: 'Take a voucher back for ever; its money returns to the budget',
        description: 'Only while no redemption of it stands: undo that first, or suspend it.',
        params: z.object({ id: voucherId }),
        body: z.strictObject({ reason, expected_version }),
        response: { 200: changed },
      },
      config: { refusals: codes },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'vouchers.write',
        answer: changed,
        work: (tx, actor) => {
          const { params, body } = request
          return decide(tx, context, { params, body, actor }, voidVoucher)
        },
      }),
  )
}

interface Asked<Reason extends string> {
  readonly params: { readonly id: string }
  readonly body: { readonly reason: Reason; readonly expected_version?: number | undefined }
  readonly actor: { readonly principalId: string; readonly orgPaths: readonly string[] }
}

async function decide<Reason extends string>(
  tx: Tx,
  { node, clock }: Context,
  { params, body, actor }: Asked<Reason>,
  act: (tx: Tx, node: ThisNode, decision: Decision<Reason>) => Promise<Voucher>,
): Promise<z.input<typeof changed>> {
  const { bucket, id } = await requireVoucherInSight(tx, params.id, actor.orgPaths)
  const { reason, expected_version: expectedVersion } = body
  const now = clock()
  const voucher = await act(tx, node, {
    ...{ bucket, voucherId: id, reason, staff: actor.principalId, now },
    ...(expectedVersion !== undefined && { expectedVersion }),
  })
  const { version, usesLeft, validTo } = voucher
  return { id, state: stateAt(voucher, now), version, uses_left: usesLeft, valid_to: validTo }
}
