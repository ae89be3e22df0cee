/** Why a signer is not trusted. Closed and stable: branch on it. */
export type TrustErrorCode =
  /** Not base64 DER of certificates, too many, one twice, something behind it. */
  | 'X5C_MALFORMED'
  | 'X5C_MISSING'
  /** Signatures, names or constraints of the path do not fit together. */
  | 'CHAIN_INVALID'
  | 'ROOT_UNTRUSTED'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_NOT_YET_VALID'
  /** The certificate does not name this role. */
  | 'ROLE_REFUSED'
  | 'SAN_MISMATCH'
  /** The trust list does not name the issuer, its key, or no longer. */
  | 'ISSUER_UNLISTED'
  | 'TYPE_UNLISTED'
  /** A status list by another entity than the credential's issuer. */
  | 'STATUS_SIGNER_REFUSED'
  | 'TRUST_LIST_MISSING'
  | 'TRUST_LIST_STALE'

/**
 * A signer who is not trusted for what was signed: what the `trust` of the formats' policies
 * throws. Beside `FormatError` it is the only thing that is thrown for a bad input. Messages name
 * things, never a person's values.
 */
export class TrustError extends Error {
  readonly code: TrustErrorCode
  constructor(code: TrustErrorCode, message: string) {
    super(message)
    this.name = 'TrustError'
    this.code = code
  }
}
