/** Why a wallet does not go on. Closed and stable: pages have words for each. */
export type WalletErrorCode =
  | 'OFFER_MALFORMED'
  | 'METADATA_MALFORMED'
  | 'METADATA_ISSUER'
  | 'TOKEN_REFUSED'
  | 'CREDENTIAL_REFUSED'
  | 'RESPONSE_MALFORMED'
  | 'REQUEST_MALFORMED'
  | 'REQUEST_UNAVAILABLE'
  | 'REQUEST_CLIENT_ID'
  | 'REQUEST_AUDIENCE'
  | 'REQUEST_WALLET_NONCE'
  | 'REQUEST_ORIGIN'
  | 'REQUEST_MODE'
  | 'REQUEST_ENCRYPTION'
  | 'REQUEST_TRANSACTION_DATA'
  | 'ANSWER_REFUSED'

/**
 * What somebody else has sent is not what the wallet goes on with. `reason` is the other side's own
 * code, where it gave one (`invalid_grant`, `STATUS_REVOKED`).
 */
export class WalletError extends Error {
  readonly code: WalletErrorCode
  readonly reason: string | undefined
  constructor(code: WalletErrorCode, message: string, reason?: string) {
    super(message)
    this.name = 'WalletError'
    this.code = code
    this.reason = reason
  }
}
