import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import type { RefusalCode } from '../../base/refusal-codes.ts'
import type { Definition } from '../../benefits/definition.ts'
import { maskedName } from '../../identity/masked-name.ts'
import type { Collector } from '../../vouchers/delegations.ts'
import type { Preparation } from '../../vouchers/prepare.ts'
import type { CounterDetails, Redeemed } from '../../vouchers/redeem.ts'
import { maxReversals } from '../../vouchers/reverse.ts'
import { managerUntil } from '../../vouchers/undoer.ts'
import { fenSchema, instantSchema } from '../paging.ts'
import { promiseSchema } from '../promised.ts'
import { writeReference } from '../reference.ts'

/** Why a shown code may be refused. */
export const checkedCodes: readonly RefusalCode[] = [
  'TOKEN_MALFORMED',
  'UNSUPPORTED_TOKEN_VERSION',
  'VOUCHER_NOT_FOUND',
  'ALREADY_REDEEMED',
  'VOUCHER_SUSPENDED',
  'VOUCHER_VOID',
  'VOUCHER_RETURNED',
  'NOT_CLAIMED',
  'PREPARED_ELSEWHERE',
  'TOKEN_ALREADY_USED',
  'VOUCHER_EXPIRED',
  'TOKEN_EXPIRED',
  'NOT_YET_VALID',
  'OUTSIDE_TIME_WINDOW',
  'STORE_NOT_ACCEPTED',
  'THROTTLED_VOUCHER',
  'SHIFT_CLOSED',
  'STORE_INACTIVE',
  'MERCHANT_SUSPENDED',
  'CONTRACT_ENDED',
  'MEMBERSHIP_SUSPENDED',
  'TOO_MANY_CODE_ATTEMPTS',
  'DELEGATE_MISMATCH',
]

/** Why a redemption may be refused. */
export const spendingCodes: readonly RefusalCode[] = [
  ...checkedCodes,
  'NOT_FOUND',
  'PREPARATION_EXPIRED',
  'MIN_SPEND_NOT_MET',
  'CONFIRMATION_REQUIRED',
  'VERSION_CONFLICT',
]

/** What the counter adds to a redemption. */
export const detailFields = {
  order_amount: z.int().min(0).max(100_000_000).optional().describe('fen'),
  policy_number: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .optional(),
  collector: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^\p{Cc}]+$/u)
    .optional(),
}

/** The same, as `redeem` takes it. */
export function detailsIn(body: {
  order_amount?: number | undefined
  policy_number?: string | undefined
  collector?: string | undefined
}): CounterDetails {
  return {
    ...(body.order_amount !== undefined && { orderAmount: body.order_amount }),
    ...(body.policy_number !== undefined && { policyNumber: body.policy_number }),
    ...(body.collector !== undefined && { collector: body.collector }),
  }
}

const words = z.object({ zh: z.string(), en: z.string() })

const benefitSchema = z.object({
  id: z.string(),
  kind: z.enum(['checkup', 'insurance', 'package', 'coupon']),
  name: words,
  /** What the counter must add when redeeming. */
  needs: z.array(z.enum(['order_amount', 'policy_number'])),
  minimum_spend: fenSchema.optional(),
  face_value: fenSchema.optional(),
  pick_up_point: z.string().optional(),
  collector_allowed: z.boolean().optional(),
})

export const preparationSchema = z.object({
  preparation_id: z.string(),
  held_until: instantSchema,
  voucher_id: z.string(),
  uses_left: z.int(),
  amount: fenSchema,
  member_name: z.string().describe('masked'),
  benefit: benefitSchema,
  collector: z
    .object({ name: z.string(), mobile_last4: z.string() })
    .optional()
    .describe('whom the member has sent: compare with the person at the counter'),
})

export const redemptionSchema = z.object({
  redemption_id: z.string(),
  state: z.enum(['committed', 'reversed']),
  voucher_id: z.string(),
  uses_left: z.int(),
  amount: fenSchema,
  redeemed_at: instantSchema,
  reversible_until: instantSchema.describe(
    'until when this terminal may undo it in the same shift; redeemed_at when nobody may',
  ),
  manager_reversible_until: instantSchema.describe('until when a manager of the store may'),
  member_name: z.string().describe('masked'),
  benefit: benefitSchema,
  leaf_hash: z.string().describe("base64url of the ledger leaf's hash"),
  promise: promiseSchema.optional(),
})

/** A held voucher, as the cashier sees it. */
export function renderPreparation(
  { id, until, voucher, benefit, holder }: Preparation,
  collector?: Collector,
) {
  return {
    preparation_id: writeReference({ bucket: voucher.bucket, id }),
    held_until: until,
    voucher_id: voucher.id,
    uses_left: voucher.usesLeft,
    amount: voucher.amount,
    member_name: maskedName(holder.name),
    benefit: renderBenefit(benefit.benefitId, benefit.definition),
    ...(collector && {
      collector: { name: collector.name, mobile_last4: collector.mobileLast4 },
    }),
  }
}

/** A redemption, as the cashier sees it. */
export function renderRedemption(made: Redeemed): z.input<typeof redemptionSchema> {
  const { redemption, voucher, benefit, holder, usesLeft, leafHash } = made
  const undoable = voucher.reversals < maxReversals
  return {
    redemption_id: writeReference(redemption),
    state: redemption.state,
    voucher_id: voucher.id,
    uses_left: usesLeft,
    amount: redemption.amount,
    redeemed_at: redemption.redeemedAt,
    reversible_until: undoable ? redemption.reversibleUntil : redemption.redeemedAt,
    manager_reversible_until: undoable ? managerUntil(redemption) : redemption.redeemedAt,
    member_name: maskedName(holder.name),
    benefit: renderBenefit(benefit.benefitId, benefit.definition),
    leaf_hash: toBase64url(leafHash),
  }
}

function renderBenefit(id: string, { name, details }: Definition): z.input<typeof benefitSchema> {
  const common = { id, kind: details.kind, name }
  switch (details.kind) {
    case 'coupon': {
      const needs = details.minimum_spend > 0 ? (['order_amount'] as const) : []
      const { minimum_spend, face_value } = details
      return { ...common, needs: [...needs], minimum_spend, face_value }
    }
    case 'insurance':
      return { ...common, needs: ['policy_number'] }
    case 'package': {
      const { pick_up_point, collector_allowed } = details
      return { ...common, needs: [], pick_up_point, collector_allowed }
    }
    case 'checkup':
      return { ...common, needs: [] }
  }
}
