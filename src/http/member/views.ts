import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import { drawnBy } from '../../benefits/definition.ts'
import type { Right } from '../../benefits/rights.ts'
import type { HeldVoucher } from '../../vouchers/wallet.ts'
import { fenSchema, instantSchema } from '../paging.ts'
import { promiseSchema } from '../promised.ts'

const words = z.object({ zh: z.string(), en: z.string() })
const kind = z.enum(['checkup', 'insurance', 'package', 'coupon'])

export const rightSchema = z.object({
  benefit_id: z.string(),
  kind,
  name: words,
  description: words,
  supply: z.enum(['batch', 'stock']),
  allocation: z
    .enum(['fair_window', 'lottery'])
    .optional()
    .describe('the stock is drawn: see getBenefitDraw'),
  status: z.enum(['eligible', 'not_yet', 'ineligible', 'need_info', 'exhausted']),
  left: z.int().optional().describe('units left of open stock'),
  because: z.array(words).describe('what speaks for the member'),
  blocked_by: z.array(words.extend({ known: z.boolean() })).describe('what stands in the way'),
  how_to_fix: z.array(words),
  eligible_from: z.string().optional().describe('YYYY-MM-DD, when waiting alone is enough'),
  missing: z.array(z.string()).describe('facts to complete'),
})

export const voucherSchema = z.object({
  id: z.string(),
  benefit_id: z.string(),
  kind,
  name: words,
  state: z.enum(['offered', 'active', 'used', 'suspended', 'returned', 'void', 'expired']),
  uses_total: z.int(),
  uses_left: z.int(),
  amount: fenSchema,
  offer_to: instantSchema.optional(),
  valid_from: instantSchema,
  valid_to: instantSchema,
  time_zone: z.string(),
  claimed_at: instantSchema.optional(),
  used_at: instantSchema.optional(),
  returnable: z.boolean(),
  leaf_hash: z.string().describe("base64url of the hash of the voucher's latest ledger leaf"),
  node: z.int().describe('for the voucher code'),
})

/** A voucher just claimed. */
export const claimedSchema = voucherSchema.extend({ promise: promiseSchema.optional() })

/** A benefit and what it is to this member. */
export function renderRight({ benefit, explanation, status, left }: Right) {
  const { name, description, details, supply } = benefit.definition
  const drawn = drawnBy(benefit.definition)
  return {
    benefit_id: benefit.benefitId,
    kind: details.kind,
    name,
    description,
    supply,
    ...(drawn && { allocation: drawn.mode }),
    status,
    ...(left !== undefined && { left }),
    because: [...explanation.because],
    blocked_by: [...explanation.blockedBy],
    how_to_fix: [...explanation.howToFix],
    ...(explanation.eligibleFrom && { eligible_from: explanation.eligibleFrom }),
    missing: [...explanation.missing],
  }
}

/** A voucher in its member's wallet; `node` is this node's number. */
export function renderVoucher({ voucher, state, benefit }: HeldVoucher, node: number) {
  const { definition, programme } = benefit
  const unused = voucher.usesLeft === voucher.usesTotal
  const open = state === 'offered' || state === 'active'
  return {
    id: voucher.id,
    benefit_id: voucher.benefitId,
    kind: definition.details.kind,
    name: definition.name,
    state,
    uses_total: voucher.usesTotal,
    uses_left: voucher.usesLeft,
    amount: voucher.amount,
    ...(voucher.offerTo !== null && { offer_to: voucher.offerTo }),
    valid_from: voucher.validFrom,
    valid_to: voucher.validTo,
    time_zone: programme.timeZone,
    ...(voucher.claimedAt !== null && { claimed_at: voucher.claimedAt }),
    ...(voucher.usedAt !== null && { used_at: voucher.usedAt }),
    returnable: definition.returnable && unused && open,
    leaf_hash: toBase64url(voucher.lastLeaf),
    node,
  }
}
