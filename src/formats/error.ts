/** Why a credential, a status or a trust list was refused. Closed and stable: branch on it. */
export type FormatErrorCode =
  | 'TOO_LARGE'
  | 'JSON_MALFORMED'
  | 'JSON_DUPLICATE_MEMBER'
  | 'JSON_TOO_DEEP'
  | 'JWK_MALFORMED'
  | 'JWS_MALFORMED'
  | 'JWS_ALG_REFUSED'
  | 'JWS_TYP_UNEXPECTED'
  | 'JWS_CRIT_REFUSED'
  | 'JWS_X5C_MALFORMED'
  | 'JWS_SIGNATURE_INVALID'
  | 'SD_JWT_MALFORMED'
  | 'DISCLOSURE_MALFORMED'
  | 'DISCLOSURE_TOO_MANY'
  | 'DISCLOSURE_DUPLICATE'
  | 'DISCLOSURE_UNREFERENCED'
  | 'DIGEST_MALFORMED'
  | 'DIGEST_DUPLICATE'
  | 'DIGEST_ALG_REFUSED'
  | 'CLAIM_COLLISION'
  | 'CLAIM_RESERVED'
  | 'CLAIM_NEVER_SELECTIVE'
  | 'CLAIM_ABSENT'
  | 'CLAIM_MALFORMED'
  | 'VCT_REFUSED'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_NOT_YET_VALID'
  | 'TOKEN_FROM_FUTURE'
  | 'KEY_BINDING_MISSING'
  | 'KEY_BINDING_UNEXPECTED'
  | 'KEY_BINDING_AUDIENCE'
  | 'KEY_BINDING_NONCE'
  | 'KEY_BINDING_TOO_OLD'
  | 'KEY_BINDING_FROM_FUTURE'
  | 'KEY_BINDING_SD_HASH'
  | 'KEY_BINDING_TRANSACTION_DATA'
  | 'STATUS_MISSING'
  | 'STATUS_REVOKED'
  | 'STATUS_SUSPENDED'
  | 'STATUS_UNKNOWN'
  | 'STATUS_INDEX_OUT_OF_RANGE'
  | 'STATUS_LIST_MALFORMED'
  | 'STATUS_LIST_SUBJECT'
  | 'TRUST_LIST_MALFORMED'
  | 'TRUST_LIST_ROLLBACK'
  | 'TRUST_LIST_FORKED'
  | 'TRUST_LIST_STALE'
  | 'TRUST_LIST_FROM_FUTURE'
  | 'TYPE_METADATA_MALFORMED'
  | 'INTEGRITY_MISMATCH'
  | 'CERTIFICATE_MALFORMED'
  | 'DCQL_MALFORMED'
  | 'DCQL_UNSATISFIED'
  | 'RECEIPT_OF_ANOTHER'

/**
 * Something from outside that is not what its specification asks for, or does not verify.
 *
 * It is the only thing that the credential formats throw for a bad input; a caller's own mistake
 * (a salt of the wrong length, a claim given twice) is a `TypeError`, and what a handed-in function
 * throws passes through. Messages name things, never a person's values.
 */
export class FormatError extends Error {
  readonly code: FormatErrorCode
  constructor(code: FormatErrorCode, message: string) {
    super(message)
    this.name = 'FormatError'
    this.code = code
  }
}
