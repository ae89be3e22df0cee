import type { Refusal } from '../base/refusal.ts'
import type { RefusalCode } from '../base/refusal-codes.ts'
import { cashierWords } from './cashier-words.ts'
import { memberWords } from './member-words.ts'

/** What a program may do after a refusal. */
export type Retry = 'never' | 'same_key' | 'later' | 'after_action'

const table = {
  VALIDATION_FAILED: [400, 'never'],
  TOKEN_MALFORMED: [400, 'never'],
  UNSUPPORTED_TOKEN_VERSION: [400, 'never'],
  IDEMPOTENCY_KEY_REQUIRED: [400, 'after_action'],
  AUTH_REQUIRED: [401, 'after_action'],
  TERMINAL_REVOKED: [401, 'never'],
  PROOF_INVALID: [401, 'same_key'],
  PROOF_REPLAYED: [401, 'same_key'],
  SHIFT_CLOSED: [401, 'after_action'],
  PIN_WRONG: [401, 'after_action'],
  PIN_LOCKED: [401, 'after_action'],
  ACTIVATION_INVALID: [401, 'after_action'],
  FORBIDDEN: [403, 'never'],
  OUT_OF_SCOPE: [403, 'never'],
  FREEZE_ACTIVE: [403, 'later'],
  SELF_APPROVAL: [403, 'never'],
  STEP_UP_REQUIRED: [403, 'after_action'],
  MERCHANT_SUSPENDED: [403, 'after_action'],
  STORE_INACTIVE: [403, 'after_action'],
  CONTRACT_ENDED: [403, 'after_action'],
  PRINTED_CODE_OFF: [403, 'after_action'],
  COUNTER_CLOSED: [403, 'later'],
  MEMBERSHIP_SUSPENDED: [403, 'after_action'],
  VOUCHER_NOT_FOUND: [404, 'never'],
  NOT_FOUND: [404, 'never'],
  ALREADY_REDEEMED: [409, 'never'],
  VOUCHER_SUSPENDED: [409, 'later'],
  VOUCHER_VOID: [409, 'never'],
  VOUCHER_RETURNED: [409, 'never'],
  NOT_CLAIMED: [409, 'after_action'],
  PREPARED_ELSEWHERE: [409, 'later'],
  PREPARATION_EXPIRED: [409, 'after_action'],
  AWAITING_COUNTER: [409, 'later'],
  TOKEN_ALREADY_USED: [409, 'after_action'],
  VERSION_CONFLICT: [409, 'after_action'],
  IDEMPOTENCY_IN_PROGRESS: [409, 'same_key'],
  BATCH_STATE: [409, 'after_action'],
  PROPOSAL_STATE: [409, 'never'],
  IMPORT_STATE: [409, 'never'],
  MERGE_BLOCKED: [409, 'after_action'],
  APPROVAL_NEEDED: [409, 'after_action'],
  STATEMENT_STATE: [409, 'after_action'],
  BENEFIT_STATE: [409, 'after_action'],
  ALREADY_CLAIMED: [409, 'never'],
  DRAW_STATE: [409, 'never'],
  DRAW_CLOSED: [409, 'never'],
  ALREADY_ENTERED: [409, 'never'],
  ALREADY_EXISTS: [409, 'never'],
  ALREADY_REVERSED: [409, 'never'],
  TRANSFER_NEEDED: [409, 'after_action'],
  VOUCHER_EXPIRED: [410, 'never'],
  OFFER_LAPSED: [410, 'never'],
  TOKEN_EXPIRED: [410, 'after_action'],
  NOT_YET_VALID: [422, 'later'],
  OUTSIDE_TIME_WINDOW: [422, 'later'],
  STORE_NOT_ACCEPTED: [422, 'never'],
  MIN_SPEND_NOT_MET: [422, 'after_action'],
  THROTTLED_VOUCHER: [422, 'later'],
  CONFIRMATION_REQUIRED: [422, 'after_action'],
  DELEGATE_MISMATCH: [422, 'never'],
  NOT_ELIGIBLE: [422, 'after_action'],
  FACT_UNKNOWN: [422, 'after_action'],
  PERSON_CAP_REACHED: [422, 'never'],
  QUOTA_EXHAUSTED: [422, 'never'],
  BUDGET_EXHAUSTED: [422, 'after_action'],
  VERIFIER_UNAVAILABLE: [422, 'after_action'],
  REVERSAL_WINDOW_PASSED: [422, 'never'],
  REVERSAL_LIMIT: [422, 'never'],
  REVERSAL_SETTLED: [422, 'never'],
  RETURN_NOT_ALLOWED: [422, 'never'],
  IDEMPOTENCY_KEY_REUSED: [422, 'never'],
  DRY_RUN_STALE: [422, 'after_action'],
  DUPLICATE_ROWS: [422, 'after_action'],
  CRITERIA_INVALID: [422, 'after_action'],
  ENCODING_UNKNOWN: [422, 'after_action'],
  FILE_UNREADABLE: [422, 'after_action'],
  FILE_TOO_LARGE: [413, 'after_action'],
  HEADERS_UNKNOWN: [422, 'after_action'],
  PICTURE_UNFIT: [422, 'after_action'],
  TOO_MANY_CODE_ATTEMPTS: [429, 'later'],
  RATE_LIMITED: [429, 'later'],
  TEMPORARILY_UNAVAILABLE: [503, 'same_key'],
} as const satisfies Record<RefusalCode, readonly [status: number, retry: Retry]>

/** The HTTP status of a refusal (RFC 9110). */
export function statusOf(code: RefusalCode): number {
  return table[code][0]
}

/** What may be done about it. */
export function retryOf(code: RefusalCode): Retry {
  return table[code][1]
}

/** The body of a refusal: problem details (RFC 9457) with our members. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: RefusalCode | 'INTERNAL'
  readonly retry: Retry
  /** For screens: what a cashier and a member read, in Chinese and English. */
  readonly words: {
    readonly cashier: { readonly zh: string; readonly en: string }
    readonly member: { readonly zh: string; readonly en: string }
  }
  readonly [detail: string]: unknown
}

/** The media type of a refusal. */
export const problemType = 'application/problem+json'

/** A refusal as the world sees it. */
export function problemOf({ code, detail }: Refusal): Problem {
  const [cashierZh, cashierEn] = cashierWords[code]
  const [memberZh, memberEn] = memberWords[code]
  return {
    // First, so that no detail can stand for a member that RFC 9457 defines.
    ...detail,
    type: `/docs/problems#${code.toLowerCase()}`,
    title: cashierEn,
    status: statusOf(code),
    code,
    retry: retryOf(code),
    words: {
      cashier: { zh: cashierZh, en: cashierEn },
      member: { zh: memberZh, en: memberEn },
    },
  }
}

/** A mistake of ours: nothing about it is told. */
export const internalProblem: Problem = {
  type: '/docs/problems#internal',
  title: 'Something went wrong here',
  status: 500,
  code: 'INTERNAL',
  retry: 'same_key',
  words: {
    cashier: { zh: '系统出错，请稍后查询结果', en: 'Something went wrong; look again shortly' },
    member: { zh: '系统出错，请稍后重试', en: 'Something went wrong; try again shortly' },
  },
}
