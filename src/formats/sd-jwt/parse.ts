import { FormatError } from '../error.ts'
import type { Sha256 } from '../jwk.ts'
import { maxTokenLength } from '../jws.ts'
import { type Disclosure, parseDisclosure } from './disclosure.ts'

/** A compact SD-JWT taken apart; nothing of it is verified. */
export type SdJwt = Readonly<{
  /** The issuer's JWS, compact. */
  jwt: string
  disclosures: readonly Disclosure[]
  /** The holder's JWS, compact, if there is one. */
  keyBinding: string | undefined
  /** Up to and with the last tilde: what `sd_hash` is the hash of (RFC 9901 section 4.3.1). */
  presented: string
}>

const maxDisclosures = 128

/**
 * Takes `<issuer's JWS>~<disclosure>~…~[<key binding JWS>]` apart (RFC 9901 section 4): at most
 * 65 536 letters and 128 disclosures, no disclosure twice (section 7.1, step 4). Throws FormatError
 * TOO_LARGE, SD_JWT_MALFORMED, DISCLOSURE_* or JSON_*.
 */
export function parseSdJwt(sha256: Sha256, compact: string): SdJwt {
  if (compact.length > maxTokenLength) throw new FormatError('TOO_LARGE', 'SD-JWT is too long')
  const [jwt = '', ...rest] = compact.split('~', maxDisclosures + 3)
  const keyBinding = rest.pop()
  if (jwt === '' || keyBinding === undefined) {
    throw new FormatError('SD_JWT_MALFORMED', 'SD-JWT has no tilde after the JWT of its issuer')
  }
  if (rest.length > maxDisclosures) {
    throw new FormatError('DISCLOSURE_TOO_MANY', 'SD-JWT has too many disclosures')
  }
  const disclosures = rest.map((encoded) => parseDisclosure(sha256, encoded))
  if (new Set(disclosures.map(({ digest }) => digest)).size !== disclosures.length) {
    throw new FormatError('DISCLOSURE_DUPLICATE', 'disclosure is there twice')
  }
  const presented = compact.slice(0, compact.length - keyBinding.length)
  return { jwt, disclosures, keyBinding: keyBinding === '' ? undefined : keyBinding, presented }
}

/** Writes an SD-JWT without key binding (RFC 9901 section 4): it ends with a tilde. */
export function formatSdJwt(jwt: string, disclosures: readonly Disclosure[]): string {
  return [jwt, ...disclosures.map(({ encoded }) => encoded), ''].join('~')
}
