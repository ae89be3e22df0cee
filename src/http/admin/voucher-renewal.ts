import { z } from 'zod'

import { type Proposal, propose } from '../../benefits/proposals.ts'
import type { Actor } from '../../benefits/scope.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import { voucherStates } from '../../store/schema/vouchers.ts'
import type { Tx } from '../../store/store.ts'
import { extendReasons, extendVoucher, requireExtendable } from '../../vouchers/extend.ts'
import { bucketOfHandle } from '../../vouchers/handle.ts'
import { benefitOf } from '../../vouchers/lookup.ts'
import { reissueReasons, reissueVoucher, requireReissuable } from '../../vouchers/reissue.ts'
import { signersFor } from '../../vouchers/run-recall.ts'
import { stateAt, type Voucher } from '../../vouchers/states.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema } from '../paging.ts'
import { adminWrite } from './authenticate.ts'
import { requireVoucherInSight, voucherId } from './vouchers.ts'

const renewed = z.object({
  id: z.string().describe('the voucher; the new one, where one was issued anew'),
  state: z.enum(voucherStates),
  version: z.int(),
  uses_left: z.int(),
  valid_to: instantSchema,
  proposal_id: z.string().optional().describe('nothing is done yet: others sign this first'),
})
const params = z.object({ id: voucherId })
const expected_version = z.int().min(1).optional()

/** Giving a voucher more time, and issuing one anew in the place of one that is over. */
export function voucherRenewalRoutes(app: App, context: Context): void {
  postVoucherExtend(app, context)
  postVoucherReissue(app, context)
}

function postVoucherExtend(app: App, context: Context): void {
  app.post(
    '/vouchers/:id/extend',
    {
      schema: {
        operationId: 'extendVoucher',
        summary: 'Let an active voucher be used for longer',
        description:
          'At most to the end of its programme, and a year from when it was issued. What is ' +
          'worth more than CNY 10 000 is proposed, and done when others have signed it.',
        params,
        body: z.strictObject({
          reason: z.enum(extendReasons),
          valid_to: instantSchema,
          expected_version,
        }),
        response: { 200: renewed },
      },
      config: {
        refusals: [
          ...(['VOUCHER_NOT_FOUND', 'ALREADY_REDEEMED', 'VOUCHER_VOID', 'NOT_CLAIMED'] as const),
          ...(['VOUCHER_RETURNED', 'VOUCHER_EXPIRED', 'VOUCHER_SUSPENDED'] as const),
          'VERSION_CONFLICT',
        ],
      },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'vouchers.write',
        answer: renewed,
        work: async (tx, actor) => {
          const { node, clock } = context
          const now = clock()
          const { id, bucket } = await requireVoucherInSight(tx, request.params.id, actor.orgPaths)
          const { valid_to: validTo, reason, expected_version: version } = request.body
          const voucher = await requireExtendable(tx, { bucket, voucherId: id, validTo, now })
          const decision = {
            ...{ bucket, voucherId: id, reason, validTo, staff: actor.principalId, now },
            expectedVersion: version ?? voucher.version,
          }
          const wish = { kind: 'extend', voucher, reason, content: { valid_to: validTo } } as const
          const proposal = await waitFor(tx, wish, actor, now)
          if (proposal) return { ...render(voucher, now), proposal_id: proposal.id }
          return render(await extendVoucher(tx, node, decision), now)
        },
      }),
  )
}

function postVoucherReissue(app: App, context: Context): void {
  app.post(
    '/vouchers/:id/reissue',
    {
      schema: {
        operationId: 'reissueVoucher',
        summary: 'Issue a voucher anew in the place of one that is void or expired',
        description:
          'For the same member, from the budget, once. What is worth more than CNY 10 000 is ' +
          'proposed, and done when others have signed it.',
        params,
        body: z.strictObject({ reason: z.enum(reissueReasons), expected_version }),
        response: { 200: renewed },
      },
      config: {
        refusals: [
          ...(['VOUCHER_NOT_FOUND', 'ALREADY_REDEEMED', 'VOUCHER_RETURNED'] as const),
          ...(['VOUCHER_SUSPENDED', 'NOT_CLAIMED', 'VOUCHER_EXPIRED', 'ALREADY_EXISTS'] as const),
          ...(['MEMBERSHIP_SUSPENDED', 'FREEZE_ACTIVE', 'PERSON_CAP_REACHED'] as const),
          ...(['QUOTA_EXHAUSTED', 'BUDGET_EXHAUSTED', 'VERSION_CONFLICT'] as const),
        ],
      },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'vouchers.write',
        answer: renewed,
        work: async (tx, actor) => {
          const { node, clock } = context
          const now = clock()
          const { id, bucket } = await requireVoucherInSight(tx, request.params.id, actor.orgPaths)
          const { reason, expected_version: version } = request.body
          const voucher = await requireReissuable(tx, { bucket, voucherId: id, now })
          const wish = { kind: 'reissue', voucher, reason, content: {} } as const
          const proposal = await waitFor(tx, wish, actor, now)
          if (proposal) return { ...render(voucher, now), proposal_id: proposal.id }
          const decision = {
            ...{ bucket, voucherId: id, reason, staff: actor.principalId, now },
            expectedVersion: version ?? voucher.version,
          }
          return render(await reissueVoucher(tx, node, decision), now)
        },
      }),
  )
}

interface Wish {
  readonly kind: 'extend' | 'reissue'
  readonly voucher: Voucher
  readonly reason: string
  readonly content: Readonly<Record<string, number>>
}

/** Proposes what is worth too much for one person; nothing where one person may do it. */
async function waitFor(
  tx: Tx,
  { kind, voucher, reason, content }: Wish,
  actor: Actor,
  now: number,
): Promise<Proposal | undefined> {
  const amount = voucher.amount * voucher.usesTotal
  const approvalsNeeded = signersFor(amount)
  if (approvalsNeeded === 0) return undefined
  const { programme } = await benefitOf(tx, voucher)
  const { id, version } = voucher
  const about = { kind, subject: id, programmeId: programme.id, orgCode: programme.orgCode }
  const all = { ...content, voucher: id, version, amount }
  return propose(tx, { ...about, content: all, amount, reason, approvalsNeeded }, actor, now)
}

/** Does what others have signed about a voucher, as it was looked at then. */
export async function carryOutRenewal(
  tx: Tx,
  node: ThisNode,
  { kind, subject, content, reason, proposedBy: staff }: Proposal,
  now: number,
): Promise<void> {
  const { version, valid_to: validTo = 0 } = JSON.parse(content) as {
    version: number
    valid_to?: number
  }
  const bucket = bucketOfHandle(subject)
  const given = { bucket, voucherId: subject, staff, now, expectedVersion: version }
  if (kind === 'extend') {
    const known = z.enum(extendReasons).parse(reason)
    await extendVoucher(tx, node, { ...given, reason: known, validTo })
  } else {
    await reissueVoucher(tx, node, { ...given, reason: z.enum(reissueReasons).parse(reason) })
  }
}

function render(voucher: Voucher, now: number): z.input<typeof renewed> {
  const { id, version, usesLeft, validTo } = voucher
  return { id, state: stateAt(voucher, now), version, uses_left: usesLeft, valid_to: validTo }
}
