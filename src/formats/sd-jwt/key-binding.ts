import { toBase64url, utf8 } from '../../base/bytes.ts'
import { FormatError, type FormatErrorCode } from '../error.ts'
import { isArray, isObject, type Json, type JsonObject, member } from '../json.ts'
import { type PublicJwk, readPublicJwk, type Sha256 } from '../jwk.ts'
import {
  type Algorithm,
  maxTokenLength,
  parseJws,
  type SignEs256,
  signJws,
  type VerifyEs256,
  verifyJws,
} from '../jws.ts'
import { type Clock, checkTimes, numericDate } from '../token-times.ts'

/** What the holder's signature must say. */
export type KeyBindingPolicy = Readonly<{
  audience: string
  nonce: string
  /** How old it may be, in seconds. */
  windowSeconds: number
  /** The hashes of the transaction data that were asked for, in their order. */
  transactionDataHashes: 'not-asked' | readonly string[]
}>

const keyBindingType = 'kb+jwt'

/** What a holder signs for. */
export type KeyBinding = Readonly<{
  audience: string
  nonce: string
  issuedSeconds: number
  /** Of `transactionDataHash`, in the order of the request; none: leave it empty. */
  transactionDataHashes: readonly string[]
}>

/** base64url of SHA-256 of one entry of `transaction_data`, as the request spelled it
 * (OpenID4VP 1.0 section B.3.3.1). */
export function transactionDataHash(sha256: Sha256, entry: string): string {
  return toBase64url(sha256(utf8(entry)))
}

/**
 * The key that the credential is bound to (RFC 9901 section 4.1.2, RFC 7800 section 3.2):
 * `cnf.jwk`, and nothing beside it. Throws FormatError CLAIM_MALFORMED or JWK_MALFORMED.
 */
export function holderKeyOf(claims: JsonObject): PublicJwk {
  const cnf = member(claims, 'cnf')
  if (!isObject(cnf) || Object.keys(cnf).join() !== 'jwk') {
    throw new FormatError('CLAIM_MALFORMED', 'cnf does not hold a jwk alone')
  }
  return readPublicJwk(member(cnf, 'jwk'))
}

/**
 * Makes the key binding of a presentation (RFC 9901 section 4.3) and answers the whole SD-JWT+KB.
 * `presented` ends with a tilde.
 */
export async function bindKey(
  given: Readonly<{ sha256: Sha256; sign: SignEs256 }>,
  presented: string,
  binding: KeyBinding,
): Promise<string> {
  const { audience, nonce, issuedSeconds, transactionDataHashes } = binding
  const payload = {
    iat: issuedSeconds,
    aud: audience,
    nonce,
    sd_hash: toBase64url(given.sha256(utf8(presented))),
    ...(transactionDataHashes.length > 0 && {
      transaction_data_hashes: transactionDataHashes,
      transaction_data_hashes_alg: 'sha-256',
    }),
  }
  return presented + (await signJws(given.sign, { typ: keyBindingType }, payload))
}

/**
 * Checks a key binding (RFC 9901 section 7.3, step 5) against the key of `cnf` and the policy.
 * Throws FormatError JWS_*, JSON_*, KEY_BINDING_*, TOKEN_* or CLAIM_MALFORMED.
 */
export async function verifyKeyBinding(
  given: Readonly<{ sha256: Sha256; verifyEs256: VerifyEs256 }>,
  { keyBinding, presented }: Readonly<{ keyBinding: string; presented: string }>,
  key: PublicJwk,
  policy: KeyBindingPolicy,
  { algorithms, clock }: Readonly<{ algorithms: readonly Algorithm[]; clock: Clock }>,
): Promise<void> {
  const shape = { types: [keyBindingType], algorithms, maxLength: maxTokenLength }
  const jws = parseJws(keyBinding, shape) // steps 5.b to 5.d: alg and typ
  await verifyJws(given.verifyEs256, jws, key) // step 5.e
  checkFreshness(jws.payload, policy, clock) // step 5.f
  expect(jws.payload, 'aud', policy.audience, 'KEY_BINDING_AUDIENCE') // step 5.g
  expect(jws.payload, 'nonce', policy.nonce, 'KEY_BINDING_NONCE')
  const hash = toBase64url(given.sha256(utf8(presented)))
  expect(jws.payload, 'sd_hash', hash, 'KEY_BINDING_SD_HASH') // step 5.h
  checkTransactionData(jws.payload, policy.transactionDataHashes)
}

function checkFreshness(payload: JsonObject, policy: KeyBindingPolicy, clock: Clock): void {
  const issued = numericDate(payload, 'iat')
  if (issued === undefined) throw new FormatError('CLAIM_MALFORMED', 'key binding has no iat')
  if (issued > clock.nowSeconds + clock.skewSeconds) {
    throw new FormatError('KEY_BINDING_FROM_FUTURE', 'key binding is from the future')
  }
  if (issued < clock.nowSeconds - policy.windowSeconds) {
    throw new FormatError('KEY_BINDING_TOO_OLD', 'key binding is too old')
  }
  checkTimes(payload, clock)
}

function expect(payload: JsonObject, name: string, value: string, code: FormatErrorCode): void {
  if (member(payload, name) !== value) {
    throw new FormatError(code, `unexpected ${name} in the key binding`)
  }
}

/** OpenID4VP 1.0 section B.3.3.1. Hashes that nobody asked for are refused, too. */
function checkTransactionData(
  payload: JsonObject,
  asked: KeyBindingPolicy['transactionDataHashes'],
): void {
  const hashes = member(payload, 'transaction_data_hashes')
  const algorithm = member(payload, 'transaction_data_hashes_alg')
  const good =
    asked === 'not-asked' || asked.length === 0
      ? hashes === undefined && algorithm === undefined
      : sameTexts(hashes, asked) && (algorithm === undefined || algorithm === 'sha-256')
  if (!good) {
    throw new FormatError('KEY_BINDING_TRANSACTION_DATA', 'unexpected transaction data hashes')
  }
}

function sameTexts(value: Json | undefined, texts: readonly string[]): boolean {
  return (
    isArray(value) && value.length === texts.length && texts.every((text, i) => value[i] === text)
  )
}
