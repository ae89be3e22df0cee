import type { Instant } from '../../base/clock.ts'
import { isObject, type Json, member } from '../../formats/json.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import { type ProvedKeys, readKeyProofs } from './key-proofs.ts'
import { membershipConfiguration } from './metadata.ts'
import { IssuanceRefusal } from './refused.ts'

/**
 * Reads a credential request (OpenID4VCI 1.0 section 8.2): a known configuration, named as one, and
 * key proofs. We name no credential identifiers, so one that is asked for is unknown; responses are
 * not encrypted. IssuanceRefusal with the codes of section 8.3.1.2.
 */
export function readCredentialRequest(
  node: ThisNode,
  body: Json,
  given: { readonly audience: string; readonly now: Instant },
): Promise<ProvedKeys> {
  if (!isObject(body)) throw malformed('the request is not an object')
  const configuration = member(body, 'credential_configuration_id')
  const identifier = member(body, 'credential_identifier')
  if (configuration !== undefined && identifier !== undefined) {
    throw malformed('a configuration or an identifier, not both')
  }
  if (identifier !== undefined) {
    throw new IssuanceRefusal('unknown_credential_identifier', 'no identifier was ever named')
  }
  if (typeof configuration !== 'string') throw malformed('no configuration is asked for')
  if (configuration !== membershipConfiguration) {
    throw new IssuanceRefusal('unknown_credential_configuration', 'see the issuer metadata')
  }
  refuseEncryption(body)
  return readKeyProofs(node, member(body, 'proofs'), given)
}

/** Reads a deferred request (section 9.1): its `transaction_id`. */
export function readDeferredRequest(body: Json): string {
  if (!isObject(body)) throw malformed('the request is not an object')
  refuseEncryption(body)
  const id = member(body, 'transaction_id')
  if (typeof id !== 'string') throw malformed('transaction_id is missing')
  return id
}

/** Section 8.2: we have said in the metadata that we do not encrypt. */
function refuseEncryption(body: Json): void {
  if (!isObject(body)) return
  if (member(body, 'credential_response_encryption') !== undefined) {
    throw new IssuanceRefusal('invalid_encryption_parameters', 'responses are not encrypted here')
  }
}

function malformed(description: string): IssuanceRefusal {
  return new IssuanceRefusal('invalid_credential_request', description)
}
