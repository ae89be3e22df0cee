import { Refusal } from '../../base/refusal.ts'

/**
 * The errors that our endpoints know, each in the words of its specification: RFC 6749 section 5.2
 * and RFC 9449 sections 5, 8 and 9 for tokens and proofs of possession; OpenID4VCI 1.0 sections
 * 8.3.1.2 (credential), 9.3 (deferred) and 11.3 (notification).
 */
export type IssuanceErrorCode =
  | 'invalid_request'
  | 'invalid_grant'
  | 'invalid_token'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'invalid_credential_request'
  | 'unknown_credential_configuration'
  | 'unknown_credential_identifier'
  | 'invalid_proof'
  | 'invalid_nonce'
  | 'invalid_encryption_parameters'
  | 'credential_request_denied'
  | 'invalid_transaction_id'
  | 'invalid_notification_id'
  | 'invalid_notification_request'

/**
 * A refusal in the words of OAuth and OpenID4VCI. Like every refusal it undoes what was written
 * beside what must outlive it. `description` is for developers and names no values.
 */
export class IssuanceRefusal extends Refusal {
  readonly error: IssuanceErrorCode
  readonly description: string
  constructor(error: IssuanceErrorCode, description: string) {
    super('VALIDATION_FAILED')
    this.name = 'IssuanceRefusal'
    this.error = error
    this.description = description
  }
}
