/**
 * Every code a refusal can carry. Closed: adding one means adding its status and its words in
 * `http/problem.ts` and `http/words.ts`, which the compiler insists on.
 */
export const refusalCodes = [
  // the input could not be read
  'VALIDATION_FAILED',
  'TOKEN_MALFORMED',
  'UNSUPPORTED_TOKEN_VERSION',
  'ENCODING_UNKNOWN',
  'FILE_UNREADABLE',
  'FILE_TOO_LARGE',
  'HEADERS_UNKNOWN',
  // who is asking
  'AUTH_REQUIRED',
  'TERMINAL_REVOKED',
  'PROOF_INVALID',
  'PROOF_REPLAYED',
  'SHIFT_CLOSED',
  'PIN_WRONG',
  'PIN_LOCKED',
  'ACTIVATION_INVALID',
  // may not
  'FORBIDDEN',
  'OUT_OF_SCOPE',
  'SELF_APPROVAL',
  'MERCHANT_SUSPENDED',
  'STORE_INACTIVE',
  'CONTRACT_ENDED',
  'MEMBERSHIP_SUSPENDED',
  // there is no such thing, or it is not yours
  'VOUCHER_NOT_FOUND',
  'NOT_FOUND',
  // the state of things forbids it
  'ALREADY_REDEEMED',
  'VOUCHER_SUSPENDED',
  'VOUCHER_VOID',
  'VOUCHER_RETURNED',
  'NOT_CLAIMED',
  'PREPARED_ELSEWHERE',
  'PREPARATION_EXPIRED',
  'TOKEN_ALREADY_USED',
  'VERSION_CONFLICT',
  'IDEMPOTENCY_IN_PROGRESS',
  'BATCH_STATE',
  'BENEFIT_STATE',
  'ALREADY_CLAIMED',
  'ALREADY_EXISTS',
  'ALREADY_REVERSED',
  // too late
  'VOUCHER_EXPIRED',
  'OFFER_LAPSED',
  'TOKEN_EXPIRED',
  // a rule says no
  'NOT_YET_VALID',
  'OUTSIDE_TIME_WINDOW',
  'STORE_NOT_ACCEPTED',
  'MIN_SPEND_NOT_MET',
  'THROTTLED_VOUCHER',
  'CONFIRMATION_REQUIRED',
  'DELEGATE_MISMATCH',
  'NOT_ELIGIBLE',
  'FACT_UNKNOWN',
  'PERSON_CAP_REACHED',
  'QUOTA_EXHAUSTED',
  'BUDGET_EXHAUSTED',
  'VERIFIER_UNAVAILABLE',
  'REVERSAL_WINDOW_PASSED',
  'REVERSAL_LIMIT',
  'RETURN_NOT_ALLOWED',
  'IDEMPOTENCY_KEY_REQUIRED',
  'IDEMPOTENCY_KEY_REUSED',
  'DRY_RUN_STALE',
  'DUPLICATE_ROWS',
  'CRITERIA_INVALID',
  // slow down
  'TOO_MANY_CODE_ATTEMPTS',
  // not now
  'TEMPORARILY_UNAVAILABLE',
] as const

export type RefusalCode = (typeof refusalCodes)[number]
