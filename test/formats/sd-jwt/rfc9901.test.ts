import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

import type { PublicJwk } from '../../../src/formats/jwk.ts'
import { parseJws, verifyJws } from '../../../src/formats/jws.ts'
import { parseDisclosure } from '../../../src/formats/sd-jwt/disclosure.ts'
import { holderKeyOf, verifyKeyBinding } from '../../../src/formats/sd-jwt/key-binding.ts'
import { formatSdJwt, parseSdJwt } from '../../../src/formats/sd-jwt/parse.ts'
import { readCredential } from '../../../src/formats/sd-jwt/present.ts'
import { unveil } from '../../../src/formats/sd-jwt/unveil.ts'
import { verifySdJwt } from '../../../src/formats/sd-jwt/verify.ts'
import { codeOf, crypto, sha256, verifyEs256 } from '../es256.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../spec/sd-jwt/rfc9901.json', import.meta.url), 'utf8'),
) as {
  issuerKey: PublicJwk
  keyBinding: { nonce: string; aud: string }
  sdJwts: string[]
  disclosures: { disclosure: string; digest: string }[]
}
const shape = {
  types: ['example+sd-jwt', 'dc+sd-jwt'],
  algorithms: ['ES256'],
  maxLength: 65_536,
} as const

describe('the disclosures of RFC 9901', () => {
  it.each(vectors.disclosures)('have their digest: $digest', ({ disclosure, digest }) => {
    expect(parseDisclosure(sha256, disclosure)).toMatchObject({ encoded: disclosure, digest })
  })
})

describe('the SD-JWTs of RFC 9901', () => {
  it.each(vectors.sdJwts.map((text, at) => [at, text] as const))(
    'number %i is verified, unveiled and written back',
    async (_, text) => {
      const { jwt, disclosures, keyBinding } = parseSdJwt(sha256, text)
      const jws = parseJws(jwt, shape)
      await verifyJws(verifyEs256, jws, vectors.issuerKey)
      const { claims, disclosed } = unveil(jws.payload, disclosures)
      expect(disclosed).toHaveLength(disclosures.length)
      expect(JSON.stringify(claims)).not.toMatch(/"(_sd|_sd_alg|\.\.\.)"/)
      expect(keyBinding).toBeUndefined()
      expect(formatSdJwt(jwt, disclosures)).toBe(text)
    },
  )

  it('say what the RFC says they do', () => {
    const claims = vectors.sdJwts.map((text) => {
      const { jwt, disclosures } = parseSdJwt(sha256, text)
      return unveil(parseJws(jwt, shape).payload, disclosures).claims
    })
    expect(claims[0]).toMatchObject({
      given_name: 'John',
      family_name: 'Doe',
      phone_number_verified: true,
      address: { street_address: '123 Main St', locality: 'Anytown', region: 'Anystate' },
      nationalities: ['US', 'DE'],
      updated_at: 1570000000,
    })
    expect(claims[1]).toMatchObject({ address: { region: '港区', country: 'JP' } })
    expect(claims[2]).toMatchObject({
      vct: 'urn:eudi:pid:de:1',
      address: { locality: 'Köln', country: 'DE' },
      nationalities: ['DE'],
      age_equal_or_over: { 18: true, 65: false },
    })
  })

  it('show an element of an array or not, and keep the place of the others', () => {
    const { jwt, disclosures } = parseSdJwt(sha256, vectors.sdJwts[0] ?? '')
    const { payload } = parseJws(jwt, shape)
    const last = disclosures.filter(({ value }) => value === 'DE')
    const { claims, disclosed } = unveil(payload, last)
    expect(claims).toMatchObject({ nationalities: ['DE'] })
    expect(disclosed.map(({ path }) => path)).toEqual([['nationalities', 1]])
    expect(unveil(payload, []).claims).toMatchObject({ nationalities: [] })
  })

  it('of the credential type pass the whole verification', async () => {
    const text = vectors.sdJwts[2] ?? ''
    const verified = await verifySdJwt(crypto, text, {
      types: ['urn:eudi:pid:de:1'],
      algorithms: ['ES256'],
      clock: { nowSeconds: 1_700_000_000, skewSeconds: 60 },
      trust: () => vectors.issuerKey,
      keyBinding: 'not-asked',
      status: 'not-asked',
    })
    expect(verified.issuer).toBe('https://pid-issuer.bund.de.example')
    expect(verified.claims).toEqual(readCredential(sha256, text).claims)
  })
})

describe('the presentation of RFC 9901 section 5.2', () => {
  const file = new URL('../../spec/sd-jwt/rfc9901-section-5.2.txt', import.meta.url)
  const sdJwt = parseSdJwt(sha256, readFileSync(file, 'utf8').replaceAll('\n', ''))
  const jws = parseJws(sdJwt.jwt, shape)
  const { claims } = unveil(jws.payload, sdJwt.disclosures)
  const { keyBinding = '', presented } = sdJwt

  /** What verifying the key binding with these differences answers. */
  const check = (given: object = {}, nowSeconds = 1_748_537_300) => {
    const { aud, nonce } = vectors.keyBinding
    const asked = { audience: aud, nonce, windowSeconds: 300, transactionDataHashes: 'not-asked' }
    const policy = { ...asked, ...given } as Parameters<typeof verifyKeyBinding>[3]
    const time = { algorithms: ['ES256'], clock: { nowSeconds, skewSeconds: 60 } } as const
    const both = { keyBinding, presented }
    return codeOf(() => verifyKeyBinding(crypto, both, holderKeyOf(claims), policy, time))
  }

  it('is verified: issuer, disclosures, key binding', async () => {
    await verifyJws(verifyEs256, jws, vectors.issuerKey)
    expect(claims).toMatchObject({ given_name: 'John', family_name: 'Doe', nationalities: ['US'] })
    expect(claims).not.toHaveProperty('email')
    expect(await check()).toBe('accepted')
  })

  it('is refused by another verifier, for another nonce, a year later and the day before', async () => {
    expect(await check({ audience: 'https://other.example' })).toBe('KEY_BINDING_AUDIENCE')
    expect(await check({ nonce: '1234567891' })).toBe('KEY_BINDING_NONCE')
    expect(await check({}, 1_748_537_244 + 365 * 86_400)).toBe('KEY_BINDING_TOO_OLD')
    expect(await check({}, 1_748_537_244 - 86_400)).toBe('KEY_BINDING_FROM_FUTURE')
  })
})
