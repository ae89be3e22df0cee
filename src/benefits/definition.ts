import { z } from 'zod'

import { day } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { checkCriteria } from './criteria/criteria.ts'
import { subQuotasSchema } from './sub-quotas.ts'

const words = z.strictObject({ zh: z.string().min(1).max(200), en: z.string().min(1).max(200) })
const fen = z.int().min(0).max(100_000_000)
const instant = z.iso.datetime({ offset: true })

/** From a fixed day to a fixed day, or a number of days that begins with the claim. */
const validity = z.union([
  z.strictObject({ from: instant, to: instant }),
  z.strictObject({ days_after_claim: z.int().min(1).max(366) }),
])

const checkup = z.strictObject({
  kind: z.literal('checkup'),
  /** Completed years on the day of the claim. */
  min_age: z.int().min(0).max(150).optional(),
  max_age: z.int().min(0).max(150).optional(),
  gender: z.enum(['female', 'male']).optional(),
  /** What is examined, for the member to read. */
  items: z.array(z.string().min(1).max(100)).max(50),
})
const insurance = z.strictObject({
  kind: z.literal('insurance'),
  insurer: z.string().min(1).max(100),
  /** Days covered from redemption on. */
  cover_days: z.int().min(1).max(3660),
  sum_insured: fen,
})
const parcel = z.strictObject({
  kind: z.literal('package'),
  contents: z.array(z.string().min(1).max(100)).min(1).max(50),
  pick_up_point: z.string().min(1).max(200),
  /** Whether somebody else may collect it for the member. */
  collector_allowed: z.boolean(),
})
const coupon = z.strictObject({
  kind: z.literal('coupon'),
  face_value: fen,
  minimum_spend: fen,
})

/**
 * Who gets scarce stock: whoever is first, or a draw among everybody who entered in a window of
 * seconds (from publication on, unless it says when) or of days.
 */
const allocation = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('fcfs') }),
  z.strictObject({
    mode: z.literal('fair_window'),
    opens: instant.optional(),
    seconds: z.int().min(2).max(3600),
  }),
  z.strictObject({ mode: z.literal('lottery'), opens: instant, closes: instant }),
])

/** Everything a benefit is. A published version of it never changes. */
export const definitionSchema = z
  .strictObject({
    name: words,
    description: words,
    details: z.discriminatedUnion('kind', [checkup, insurance, parcel, coupon]),
    /** Fen the merchant is owed for one use. */
    amount: fen,
    /** How often one voucher can be used. */
    uses: z.int().min(1).max(100).default(1),
    validity,
    /** Offers to named members lapse after so many days. */
    offer_days: z.int().min(1).max(366).default(30),
    /** Offered to named members by batches, or open stock that members claim. */
    supply: z.enum(['batch', 'stock']),
    /** Offered to whoever's membership is approved, by itself; only without open stock. */
    on_join: z.boolean().optional(),
    /** Units of open stock. */
    stock: z.int().min(1).max(10_000_000).optional(),
    /** How open stock is given; none: first come, first served. */
    allocation: allocation.optional(),
    /** Units that organisations and days may have of it, whether offered or claimed. */
    sub_quotas: subQuotasSchema.optional(),
    cap: z
      .strictObject({
        count: z.int().min(1).max(100),
        per: z.enum(['ever', 'year', 'month']),
      })
      .default({ count: 1, per: 'ever' }),
    returnable: z.boolean().default(true),
    on_leave: z.enum(['keep', 'void']).default('keep'),
    /** Hours by which a reversal after the end extends validity. */
    grace_hours: z.int().min(0).max(720).default(72),
    /** Seconds between two uses of one voucher. */
    throttle_seconds: z.int().min(0).max(86_400).default(60),
    /** Local hours in which it is taken; none: always. */
    hours: z
      .array(
        z.strictObject({
          days: z.array(z.int().min(1).max(7)).min(1).max(7),
          from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
          to: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/),
        }),
      )
      .max(21)
      .default([]),
    /** Who is entitled, as `criteria.ts` says. */
    criteria: z.unknown(),
  })
  .check((check) => {
    const { supply, stock, on_join, validity: span } = check.value
    const complain = (path: string, message: string) =>
      check.issues.push({ code: 'custom', path: [path], message, input: check.value })
    if ((supply === 'stock') !== (stock !== undefined)) {
      complain('stock', 'open stock needs a number of units, and only open stock has one')
    }
    if (on_join && supply !== 'batch') {
      complain('on_join', 'open stock is claimed by members and not offered')
    }
    if ('from' in span && Date.parse(span.from) >= Date.parse(span.to)) {
      complain('validity', 'from must be before to')
    }
    for (const [path, message] of drawFaults(check.value)) complain(path, message)
  })

export type Definition = z.infer<typeof definitionSchema>

/** How a benefit's stock is drawn; `undefined` when it is not. */
export function drawnBy({ allocation: how }: Pick<Definition, 'allocation'>) {
  return how === undefined || how.mode === 'fcfs' ? undefined : how
}

/**
 * Reads a definition from outside. Throws Refusal VALIDATION_FAILED with `issues` (paths and
 * reasons), or CRITERIA_INVALID.
 */
export function checkDefinition(value: unknown): Definition {
  const read = definitionSchema.safeParse(value)
  if (!read.success) {
    const issues = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Refusal('VALIDATION_FAILED', { issues: issues.slice(0, 20) })
  }
  return { ...read.data, criteria: checkCriteria(read.data.criteria) }
}

/** The text of a definition that is stored and hashed, and its digest (SHA-256, 32 octets). */
export function sealDefinition(definition: Definition): { text: string; digest: Uint8Array } {
  const text = JSON.stringify(definition)
  return { text, digest: sha256(text) }
}

/** Winners have two days at least to take what they won. */
function drawFaults(given: {
  readonly allocation?: Definition['allocation']
  readonly supply: 'batch' | 'stock'
  readonly offer_days: number
  readonly validity: Definition['validity']
}): [path: string, message: string][] {
  const how = drawnBy(given)
  const faults: [string, string][] = []
  if (given.allocation && given.supply !== 'stock') {
    faults.push(['allocation', 'only open stock is allocated'])
  }
  if (how && given.offer_days < 2) faults.push(['offer_days', 'winners have two days at least'])
  if (how?.mode === 'lottery' && Date.parse(how.opens) >= Date.parse(how.closes)) {
    faults.push(['allocation', 'opens must be before closes'])
  }
  if (how?.mode === 'lottery' && 'to' in given.validity) {
    const left = Date.parse(given.validity.to) - Date.parse(how.closes)
    if (left < 2 * day) faults.push(['validity', 'winners have two days at least'])
  }
  return faults
}
