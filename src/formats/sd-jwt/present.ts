import { FormatError } from '../error.ts'
import { isArray, isObject, type Json } from '../json.ts'
import type { Sha256 } from '../jwk.ts'
import { maxTokenLength, parseJws, type SignEs256 } from '../jws.ts'
import { bindKey, type KeyBinding } from './key-binding.ts'
import { formatSdJwt, parseSdJwt } from './parse.ts'
import { type ClaimPath, type Unveiled, unveil } from './unveil.ts'

/** A claim that was asked for; `null` is every element of an array (OpenID4VP 1.0 section 7). */
export type ClaimsPathPointer = readonly (string | number | null)[]

/**
 * What a holder's credential says, all of it: for showing it to its holder and for answering a
 * query. The issuer's signature is not checked. Throws FormatError as `parseSdJwt`, `parseJws` and
 * `unveil` do, and SD_JWT_MALFORMED when a key binding is already there.
 */
export function readCredential(sha256: Sha256, compact: string): Unveiled & { jwt: string } {
  const { jwt, disclosures, keyBinding } = parseSdJwt(sha256, compact)
  if (keyBinding !== undefined) {
    throw new FormatError('SD_JWT_MALFORMED', 'credential is bound already')
  }
  const shape = { types: ['dc+sd-jwt'], algorithms: ['ES256'], maxLength: maxTokenLength } as const
  return { ...unveil(parseJws(jwt, shape).payload, disclosures), jwt }
}

/**
 * Keeps the disclosures without which one of `wanted` cannot be seen, and those below a wanted
 * claim, and drops the others (RFC 9901 section 7.2, steps 2 and 3). Answers an SD-JWT that ends
 * with a tilde. Throws FormatError CLAIM_ABSENT when the credential has no such claim.
 */
export function chooseDisclosures(
  sha256: Sha256,
  compact: string,
  wanted: readonly ClaimsPathPointer[],
): string {
  const { jwt, claims, disclosed } = readCredential(sha256, compact)
  if (!wanted.every((path) => stands(claims, path))) {
    throw new FormatError('CLAIM_ABSENT', 'credential has no such claim')
  }
  const kept = disclosed.filter(({ path }) => wanted.some((each) => meet(each, path)))
  return formatSdJwt(
    jwt,
    kept.map(({ disclosure }) => disclosure),
  )
}

/**
 * Presents a credential (RFC 9901 section 7.2): the wanted claims, and a key binding signed with
 * the holder's key. Throws as `chooseDisclosures`.
 */
export function presentSdJwt(
  given: Readonly<{ sha256: Sha256; sign: SignEs256 }>,
  compact: string,
  wanted: readonly ClaimsPathPointer[],
  binding: KeyBinding,
): Promise<string> {
  return bindKey(given, chooseDisclosures(given.sha256, compact, wanted), binding)
}

/** True when one path is the beginning of the other. */
function meet(wanted: ClaimsPathPointer, path: ClaimPath): boolean {
  const length = Math.min(wanted.length, path.length)
  return wanted
    .slice(0, length)
    .every((step, i) => (step === null ? typeof path[i] === 'number' : step === path[i]))
}

function stands(value: Json | undefined, [step, ...rest]: ClaimsPathPointer): boolean {
  if (value === undefined) return false
  if (step === undefined) return true
  if (typeof step === 'string') {
    return isObject(value) && Object.hasOwn(value, step) && stands(value[step], rest)
  }
  if (!isArray(value)) return false
  return step === null ? value.some((each) => stands(each, rest)) : stands(value[step], rest)
}
