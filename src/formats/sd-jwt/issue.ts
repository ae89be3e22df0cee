import { decoy, type Random } from '../disclosure.ts'
import { isObject, type Json, type JsonObject, member } from '../json.ts'
import type { Sha256 } from '../jwk.ts'
import { type SignEs256, signJws } from '../jws.ts'
import { type Disclosure, makeDisclosure } from './disclosure.ts'
import { formatSdJwt } from './parse.ts'
import { neverSelective, reservedNames } from './unveil.ts'

/**
 * What a credential says. A claim is hidden because it stands under `selective`, so that a
 * misspelt name cannot make it plain.
 */
export type Claims = Readonly<{
  plain: JsonObject
  selective: JsonObject
  /**
   * Members of `selective` that are objects whose own members are selective, too: their disclosure
   * holds digests alone (RFC 9901 section 6.3).
   */
  nested: readonly string[]
  /**
   * How many digests `_sd` has, decoys included, so that their number tells nothing (RFC 9901
   * section 4.2.5): in the payload, and in each of `nested`.
   */
  digests: Readonly<{ top: number; nested: number }>
}>

export type Concealed = Readonly<{ payload: JsonObject; disclosures: readonly Disclosure[] }>

const saltLength = 16

/**
 * Turns claims into an issuer's payload with digests, and the disclosures that open them (RFC 9901
 * sections 4.1 and 4.2): the digests sorted, a fresh salt of 128 bits for each. TypeError for a
 * reserved name, one that must not hide, one given twice, or more claims than digests.
 */
export function conceal(sha256: Sha256, random: Random, claims: Claims): Concealed {
  const { plain, selective, nested, digests } = claims
  for (const name of [...Object.keys(plain), ...Object.keys(selective)]) refuseReserved(name)
  const twice = Object.keys(selective).some((name) => Object.hasOwn(plain, name))
  if (twice) throw new TypeError('a claim is plain or selective, not both')
  if (nested.some((name) => !isObject(member(selective, name)))) {
    throw new TypeError('a nested claim is an object and selective')
  }
  const disclosures: Disclosure[] = []
  const hide = (name: string, value: Json) => {
    if (neverSelective.includes(name)) throw new TypeError(`claim "${name}" must not hide`)
    const disclosure = makeDisclosure(sha256, saltFrom(random), name, value)
    disclosures.push(disclosure)
    return disclosure.digest
  }
  const top = Object.entries(selective).map(([name, value]) => {
    if (!nested.includes(name) || !isObject(value)) return hide(name, value)
    const inner = Object.entries(value).map(([each, its]) => {
      refuseReserved(each)
      return hide(each, its)
    })
    return hide(name, { _sd: pad(sha256, random, inner, digests.nested) })
  })
  const _sd = pad(sha256, random, top, digests.top)
  return { payload: { ...plain, _sd, _sd_alg: 'sha-256' }, disclosures }
}

/**
 * Issues an SD-JWT with all its disclosures, compact, ES256 (RFC 9901 section 4). `header` has the
 * `typ` (`dc+sd-jwt` for a credential, SD-JWT VC draft-19 section 2.2.1) and, for ours, `x5c`.
 * TypeError as `conceal` and `signJws`.
 */
export async function issueSdJwt(
  given: Readonly<{ sha256: Sha256; random: Random; sign: SignEs256 }>,
  header: JsonObject & { readonly typ: string },
  claims: Claims,
): Promise<string> {
  const { payload, disclosures } = conceal(given.sha256, given.random, claims)
  return formatSdJwt(await signJws(given.sign, header, payload), disclosures)
}

function pad(
  sha256: Sha256,
  random: Random,
  digests: readonly string[],
  count: number,
): readonly string[] {
  if (digests.length > count) throw new TypeError('there are more claims than digests')
  const decoys = Array.from({ length: count - digests.length }, () => decoy(sha256, random))
  return [...digests, ...decoys].sort()
}

function saltFrom(random: Random): Uint8Array {
  const salt = random(saltLength)
  if (salt.length !== saltLength) throw new TypeError('a salt has 16 octets')
  return salt
}

function refuseReserved(name: string): void {
  if (reservedNames.includes(name) || name === '__proto__') {
    throw new TypeError('a claim has a reserved name')
  }
}
