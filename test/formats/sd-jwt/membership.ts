import type { JsonObject } from '../../../src/formats/json.ts'
import { signJws } from '../../../src/formats/jws.ts'
import { makeDisclosure } from '../../../src/formats/sd-jwt/disclosure.ts'
import { type Claims, issueSdJwt } from '../../../src/formats/sd-jwt/issue.ts'
import type { KeyBinding } from '../../../src/formats/sd-jwt/key-binding.ts'
import { presentSdJwt } from '../../../src/formats/sd-jwt/present.ts'
import type { VerifyPolicy } from '../../../src/formats/sd-jwt/verify.ts'
import { newKey, random, sha256 } from '../es256.ts'

export const issuer = newKey()
export const holder = newKey()
export const now = 1_790_000_000
export const vct = 'https://union.example/vct/union-membership/1'

export const claims: Claims = {
  plain: {
    iss: 'https://union.example',
    vct,
    iat: now - 1000,
    nbf: now - 1000,
    exp: now + 1000,
    cnf: { jwk: holder.jwk },
    status: { status_list: { idx: 5, uri: 'https://union.example/status/1' } },
  },
  selective: {
    name: '李雷',
    name_masked: '李**',
    organisation: { code: '110000', name: '市总工会', level: 2 },
    standing: 'active',
    model_worker: false,
  },
  nested: ['organisation'],
  digests: { top: 12, nested: 4 },
}

export const header = { typ: 'dc+sd-jwt' }

export function issue(given: Partial<Claims> = {}): Promise<string> {
  return issueSdJwt({ sha256, random, sign: issuer.sign }, header, { ...claims, ...given })
}

export const binding: KeyBinding = {
  audience: 'x509_hash:verifier',
  nonce: 'n-1234567890',
  issuedSeconds: now,
  transactionDataHashes: [],
}

export const policy: VerifyPolicy = {
  types: [vct],
  algorithms: ['ES256'],
  clock: { nowSeconds: now, skewSeconds: 60 },
  trust: () => issuer.jwk,
  keyBinding: {
    audience: binding.audience,
    nonce: binding.nonce,
    windowSeconds: 300,
    transactionDataHashes: 'not-asked',
  },
  status: () => 0,
}

/** A credential shown with its name, and a key binding that differs from `binding` as given. */
export async function presentation(given: Partial<KeyBinding> = {}): Promise<string> {
  const bound = { ...binding, ...given }
  return presentSdJwt({ sha256, sign: holder.sign }, await issue(), [['name']], bound)
}

/** The letters of a disclosure, and its digest. */
export function hidden(name: string | undefined, value: JsonObject[string]) {
  return makeDisclosure(sha256, random(16), name, value)
}

/** An SD-JWT of any payload, signed by the issuer, with any texts for disclosures. */
export async function signed(
  payload: JsonObject,
  disclosures: readonly string[],
  head: JsonObject & { readonly typ: string } = header,
): Promise<string> {
  return [await signJws(issuer.sign, head, payload), ...disclosures, ''].join('~')
}
