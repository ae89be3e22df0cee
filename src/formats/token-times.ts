import { FormatError } from './error.ts'
import { type JsonObject, member } from './json.ts'

/** What time it is, and how far another's clock may be from ours. Both in seconds. */
export type Clock = Readonly<{ nowSeconds: number; skewSeconds: number }>

/**
 * Reads a NumericDate (RFC 7519 section 2): seconds since 1970, `undefined` when it is not there.
 * Throws FormatError CLAIM_MALFORMED.
 */
export function numericDate(payload: JsonObject, name: string): number | undefined {
  const value = member(payload, name)
  if (value === undefined) return undefined
  if (typeof value !== 'number' || value < 0 || value > Number.MAX_SAFE_INTEGER) {
    throw new FormatError('CLAIM_MALFORMED', `${name} is not a time`)
  }
  return value
}

/**
 * Checks `iat`, `nbf` and `exp` as far as they are there (RFC 7519 sections 4.1.4 to 4.1.6). Throws
 * FormatError TOKEN_FROM_FUTURE, TOKEN_NOT_YET_VALID, TOKEN_EXPIRED or CLAIM_MALFORMED.
 */
export function checkTimes(payload: JsonObject, { nowSeconds, skewSeconds }: Clock): void {
  const [issued, from, until] = ['iat', 'nbf', 'exp'].map((name) => numericDate(payload, name))
  if (issued !== undefined && issued > nowSeconds + skewSeconds) {
    throw new FormatError('TOKEN_FROM_FUTURE', 'token was issued in the future')
  }
  if (from !== undefined && from > nowSeconds + skewSeconds) {
    throw new FormatError('TOKEN_NOT_YET_VALID', 'token is not valid yet')
  }
  if (until !== undefined && until <= nowSeconds - skewSeconds) {
    throw new FormatError('TOKEN_EXPIRED', 'token has expired')
  }
}
