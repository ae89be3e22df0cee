import { z } from 'zod'

import { Refusal, Weather } from '../base/refusal.ts'
import { type RefusalCode, refusalCodes } from '../base/refusal-codes.ts'
import type { PeerAnswer } from './ask-peer.ts'

const text = z.string().max(512)
const instant = z.int().min(0)
const fen = z.int().min(0)
const words = z.object({ zh: text, en: text })
const hash = z.string().length(43)
const digests = z.string().max(16_384)

const benefit = z.object({
  id: text,
  kind: z.enum(['checkup', 'insurance', 'package', 'coupon']),
  name: words,
  needs: z.array(z.enum(['order_amount', 'policy_number'])).max(2),
  minimum_spend: fen.optional(),
  face_value: fen.optional(),
  pick_up_point: text.optional(),
  collector_allowed: z.boolean().optional(),
})

/** What a voucher's node answers of one that it holds for a terminal of ours. */
export const homePreparation = z.object({
  preparation_id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  held_until: instant,
  voucher_id: z.string().regex(/^[0-9a-f]{32}$/),
  uses_left: z.int(),
  amount: fen,
  member_name: text,
  benefit,
})

const logged = { leaf_hash: hash, receipt: z.string().max(1_200_000).optional() }

/** What it answers of one that it has redeemed. */
export const homeRedemption = z.object({
  redemption_id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  voucher_id: z.string().regex(/^[0-9a-f]{32}$/),
  uses_left: z.int(),
  amount: fen,
  redeemed_at: instant,
  reversible_until: instant,
  manager_reversible_until: instant,
  member_name: text,
  benefit,
  evidence: digests.describe('opens the digest of the evidence in the leaf'),
  merchant: digests.describe('opens the digest of whom it owes'),
  ...logged,
})

/** What it answers of one that it has undone. */
export const homeReversal = z.object({
  redemption_id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  amount: fen,
  reversed_at: instant,
  uses_left: z.int(),
  valid_to: instant,
  ...logged,
})

/** What was answered before to a request under a key. */
export const homeLearned = z.object({
  status: z.int(),
  answer: z.record(z.string(), z.unknown()),
})

export type HomePreparation = z.infer<typeof homePreparation>
export type HomeRedemption = z.infer<typeof homeRedemption>
export type HomeReversal = z.infer<typeof homeReversal>

const problem = z.looseObject({ code: z.enum(refusalCodes) })

/** Refusals that say something of the voucher; any other is between the nodes. */
const ofVouchers = new Set<RefusalCode>([
  ...(['VOUCHER_NOT_FOUND', 'ALREADY_REDEEMED', 'VOUCHER_SUSPENDED', 'VOUCHER_VOID'] as const),
  ...(['VOUCHER_RETURNED', 'NOT_CLAIMED', 'PREPARED_ELSEWHERE', 'TOKEN_ALREADY_USED'] as const),
  ...(['VOUCHER_EXPIRED', 'TOKEN_EXPIRED', 'NOT_YET_VALID', 'OUTSIDE_TIME_WINDOW'] as const),
  ...(['STORE_NOT_ACCEPTED', 'THROTTLED_VOUCHER', 'MEMBERSHIP_SUSPENDED'] as const),
  ...(['PREPARATION_EXPIRED', 'MIN_SPEND_NOT_MET', 'CONFIRMATION_REQUIRED'] as const),
  ...(['DELEGATE_MISMATCH', 'VERSION_CONFLICT', 'NOT_FOUND', 'ALREADY_REVERSED'] as const),
  ...(['REVERSAL_WINDOW_PASSED', 'REVERSAL_LIMIT', 'REVERSAL_SETTLED'] as const),
])

/**
 * Reads an answer: what was asked for, or the voucher's node's refusal, with its details. Weather
 * for whatever else it said: the outcome is not known then.
 */
export function readAnswer<T>({ status, body }: PeerAnswer, schema: z.ZodType<T>): T | Refusal {
  if (status >= 200 && status < 300) {
    const read = schema.safeParse(body)
    if (read.success) return read.data
    throw new Weather('another node answered something else', read.error)
  }
  const refusal = status >= 400 && status < 500 ? refusalIn(body) : undefined
  if (refusal) return refusal
  throw new Weather('another node answered neither yes nor no', status)
}

const members = ['type', 'title', 'status', 'code', 'retry', 'words', 'issues']

function refusalIn(body: unknown): Refusal | undefined {
  const read = problem.safeParse(body)
  if (!read.success || !ofVouchers.has(read.data.code)) return undefined
  const { code } = read.data
  const details = Object.entries(read.data).filter(([name, value]) => {
    if (members.includes(name) || !/^[a-z_]{1,40}$/.test(name)) return false
    if (Array.isArray(value)) return value.every((one) => typeof one === 'string')
    return ['number', 'boolean', 'string'].includes(typeof value)
  })
  return new Refusal(code, Object.fromEntries(details) as Refusal['detail'])
}
