/** Why a wallet's answer was refused, beyond what the formats refuse. Closed and stable. */
export type PresentationErrorCode =
  | 'REQUEST_UNKNOWN'
  | 'REQUEST_EXPIRED'
  | 'REQUEST_ANSWERED'
  | 'RESPONSE_MALFORMED'
  | 'RESPONSE_NOT_ENCRYPTED'
  | 'RESPONSE_UNREADABLE'
  | 'RESPONSE_STATE'
  | 'WALLET_DECLINED'

/**
 * An answer that is not what was asked for. Messages name things, never what a member has shown;
 * the code is told to the wallet and to who asked.
 */
export class PresentationError extends Error {
  readonly code: PresentationErrorCode
  constructor(code: PresentationErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'PresentationError'
    this.code = code
  }
}
