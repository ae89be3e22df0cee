import { FormatError } from '../error.ts'
import { type Json, type JsonObject, member } from '../json.ts'
import type { PublicJwk, Sha256 } from '../jwk.ts'
import {
  type Algorithm,
  type JwsHeader,
  maxTokenLength,
  parseJws,
  type VerifyEs256,
  verifyJws,
} from '../jws.ts'
import { readStatusReference, type StatusReference, statusValue } from '../status-list.ts'
import { type Clock, checkTimes, numericDate } from '../token-times.ts'
import { holderKeyOf, type KeyBindingPolicy, verifyKeyBinding } from './key-binding.ts'
import { parseSdJwt, type SdJwt } from './parse.ts'
import { type ClaimPath, type Unveiled, unveil } from './unveil.ts'

/**
 * Everything that a verifier must have an opinion on. Nothing is optional: what is really not
 * wanted is written out.
 */
export type VerifyPolicy = Readonly<{
  /** The credential types (`vct`) that were asked for. */
  types: readonly string[]
  algorithms: readonly Algorithm[]
  clock: Clock
  /**
   * Answers the issuer's key, or throws: path of `header.x5c` to a pinned root, validity and usage
   * of the certificate, `iss` among its names, its role, and whether it may issue this `vct`. It
   * gets the payload unverified, and with nothing disclosed.
   */
  trust: (header: JwsHeader, payload: JsonObject) => PublicJwk | Promise<PublicJwk>
  keyBinding: 'not-asked' | KeyBindingPolicy
  /** Answers the status (0 valid, 1 revoked, 2 suspended), or throws when it cannot be known. */
  status: 'not-asked' | ((reference: StatusReference) => number | Promise<number>)
}>

/** A credential that passed. */
export type VerifiedSdJwt = Readonly<{
  header: JwsHeader
  issuer: string
  type: string
  /** The claims that the holder showed, and those that are always plain. */
  claims: JsonObject
  /** Where the shown ones stand. */
  disclosed: readonly ClaimPath[]
  issuerKey: PublicJwk
  /** The key that signed, or 'not-asked'. */
  holderKey: 'not-asked' | PublicJwk
}>

const credentialType = 'dc+sd-jwt'

/**
 * Verifies an SD-JWT VC. The checks, in this order, each a no of its own:
 *
 * 1. size and shape (RFC 9901 section 4): TOO_LARGE, SD_JWT_MALFORMED, DISCLOSURE_*, JSON_*
 * 2. header: `typ`, `alg`, `crit` (section 7.1 step 2; SD-JWT VC draft-19 section 2.2.1): JWS_*
 * 3. the issuer (draft-19 section 2.5), by `trust`, which throws what it likes
 * 4. the issuer's signature (section 7.1 step 2): JWS_SIGNATURE_INVALID
 * 5. disclosures (section 7.1 steps 3 to 5): DISCLOSURE_*, DIGEST_*, CLAIM_*
 * 6. `vct` (draft-19 section 2.2.2.1): VCT_REFUSED, CLAIM_MALFORMED
 * 7. times; `exp` must be there: TOKEN_*, CLAIM_MALFORMED
 * 8. key binding (section 7.3): KEY_BINDING_*, JWS_*, JWK_MALFORMED
 * 9. status, last (Token Status List draft-20 section 8.3): STATUS_*
 */
export async function verifySdJwt(
  given: Readonly<{ sha256: Sha256; verifyEs256: VerifyEs256 }>,
  compact: string,
  policy: VerifyPolicy,
): Promise<VerifiedSdJwt> {
  const { algorithms, clock } = policy
  const sdJwt = parseSdJwt(given.sha256, compact)
  const shape = { types: [credentialType], algorithms, maxLength: maxTokenLength }
  const jws = parseJws(sdJwt.jwt, shape)
  const issuerKey = await policy.trust(jws.header, jws.payload)
  await verifyJws(given.verifyEs256, jws, issuerKey)
  const unveiled = unveil(jws.payload, sdJwt.disclosures)
  const type = checkType(unveiled.claims, policy.types)
  checkTimes(unveiled.claims, clock)
  if (numericDate(unveiled.claims, 'exp') === undefined) {
    throw new FormatError('CLAIM_MALFORMED', 'credential has no exp')
  }
  const holderKey = await checkKeyBinding(given, sdJwt, unveiled, policy)
  if (policy.status !== 'not-asked') await checkStatus(unveiled.claims, policy.status)
  return {
    header: jws.header,
    issuer: text(unveiled.claims, 'iss'),
    type,
    claims: unveiled.claims,
    disclosed: unveiled.disclosed.map(({ path }) => path),
    issuerKey,
    holderKey,
  }
}

function checkType(claims: JsonObject, types: readonly string[]): string {
  text(claims, 'iss')
  const type = text(claims, 'vct')
  if (!types.includes(type)) throw new FormatError('VCT_REFUSED', 'unexpected type of credential')
  return type
}

/** A key binding that nobody is going to check is refused rather than passed over. */
async function checkKeyBinding(
  given: Readonly<{ sha256: Sha256; verifyEs256: VerifyEs256 }>,
  { keyBinding, presented }: SdJwt,
  { claims }: Unveiled,
  policy: VerifyPolicy,
): Promise<VerifiedSdJwt['holderKey']> {
  if (policy.keyBinding === 'not-asked') {
    if (keyBinding === undefined) return 'not-asked'
    throw new FormatError('KEY_BINDING_UNEXPECTED', 'there is a key binding, expected none')
  }
  if (keyBinding === undefined) {
    throw new FormatError('KEY_BINDING_MISSING', 'key binding is missing')
  }
  const key = holderKeyOf(claims)
  await verifyKeyBinding(given, { keyBinding, presented }, key, policy.keyBinding, policy)
  return key
}

async function checkStatus(
  claims: JsonObject,
  statusOf: (reference: StatusReference) => number | Promise<number>,
): Promise<void> {
  const value = await statusOf(readStatusReference(claims))
  if (value === statusValue.valid) return
  if (value === statusValue.revoked) {
    throw new FormatError('STATUS_REVOKED', 'credential is revoked')
  }
  if (value === statusValue.suspended) {
    throw new FormatError('STATUS_SUSPENDED', 'credential is suspended')
  }
  throw new FormatError('STATUS_UNKNOWN', 'credential has a status that we do not know')
}

function text(claims: JsonObject, name: string): string {
  const value: Json | undefined = member(claims, name)
  if (typeof value !== 'string' || value === '') {
    throw new FormatError('CLAIM_MALFORMED', `${name} is not a text`)
  }
  return value
}
