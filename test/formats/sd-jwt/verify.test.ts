import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../../src/formats/json.ts'
import { signJws } from '../../../src/formats/jws.ts'
import { bindKey, transactionDataHash } from '../../../src/formats/sd-jwt/key-binding.ts'
import {
  type ClaimsPathPointer,
  chooseDisclosures,
  presentSdJwt,
} from '../../../src/formats/sd-jwt/present.ts'
import { type VerifyPolicy, verifySdJwt } from '../../../src/formats/sd-jwt/verify.ts'
import { codeOf, crypto, newKey, sha256 } from '../es256.ts'
import {
  binding,
  claims,
  hidden,
  holder,
  issue,
  issuer,
  now,
  policy,
  presentation,
  signed,
  vct,
} from './membership.ts'

const code = (text: string, given: Partial<VerifyPolicy> = {}) =>
  codeOf(() => verifySdJwt(crypto, text, { ...policy, ...given }))
const asked = policy.keyBinding as Exclude<VerifyPolicy['keyBinding'], 'not-asked'>
const at = (nowSeconds: number) => ({ clock: { nowSeconds, skewSeconds: 60 } })
const unbound: Partial<VerifyPolicy> = { keyBinding: 'not-asked' }

/** A presentation whose key binding has exactly these members. */
async function boundBy(members: JsonObject, typ = 'kb+jwt', key = holder): Promise<string> {
  const shown = chooseDisclosures(sha256, await issue(), [['name']])
  const whole = await bindKey({ sha256, sign: holder.sign }, shown, binding)
  const said = decodeJwt(whole.slice(shown.length)) as JsonObject
  return shown + (await signJws(key.sign, { typ }, { ...said, ...members }))
}

describe('a presentation', () => {
  it('that is right discloses what was chosen, and says who signed', async () => {
    const verified = await verifySdJwt(crypto, await presentation(), policy)
    expect(verified.claims).toEqual({ ...claims.plain, name: '李雷' })
    expect(verified.disclosed).toEqual([['name']])
    expect(verified).toMatchObject({ type: vct, issuer: 'https://union.example' })
    expect(verified.issuerKey).toEqual(issuer.jwk)
    expect(verified.holderKey).toEqual(holder.jwk)
  })

  it('of any subset discloses exactly that subset', async () => {
    const compact = await issue()
    const all: ClaimsPathPointer[] = [
      ...Object.keys(claims.selective).map((name) => [name]),
      ...['code', 'name', 'level'].map((name) => ['organisation', name]),
    ]
    await fc.assert(
      fc.asyncProperty(fc.subarray(all), async (wanted) => {
        const text = await presentSdJwt({ sha256, sign: holder.sign }, compact, wanted, binding)
        const { disclosed } = await verifySdJwt(crypto, text, policy)
        const whole = wanted.some((path) => path.join() === 'organisation')
        const expected = all.filter(
          (path) =>
            wanted.includes(path) ||
            (path[0] === 'organisation' &&
              (whole || (path.length === 1 && wanted.some((p) => p[0] === 'organisation')))),
        )
        expect(disclosed.map(String).sort()).toEqual(expected.map(String).sort())
      }),
      { numRuns: 40 },
    )
  })

  it('is refused with any single letter changed', async () => {
    const text = await presentation()
    const letters = 'ABCabc012-_.~ =é'
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom(...letters),
        async (place, letter) => {
          fc.pre(text[place] !== letter)
          const changed = text.slice(0, place) + letter + text.slice(place + 1)
          expect(await code(changed)).not.toBe('accepted')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('of a claim that is not there is not made', async () => {
    const compact = await issue()
    for (const path of [['phone'], ['organisation', 'phone'], ['name', 'x'], ['name', 0]]) {
      expect(await codeOf(() => chooseDisclosures(sha256, compact, [path]))).toBe('CLAIM_ABSENT')
    }
    const bound = await presentation()
    expect(await codeOf(() => chooseDisclosures(sha256, bound, []))).toBe('SD_JWT_MALFORMED')
  })

  it('chooses elements of arrays by place, or all of them', async () => {
    const [a, b] = [hidden(undefined, 'a'), hidden(undefined, 'b')]
    const payload = { ...claims.plain, l: [{ '...': a.digest }, { '...': b.digest }] }
    const compact = await signed(payload, [a.encoded, b.encoded])
    const shown = (path: ClaimsPathPointer) =>
      chooseDisclosures(sha256, compact, [path]).split('~').slice(1, -1)
    expect(shown(['l', 1])).toEqual([b.encoded])
    expect(shown(['l', null])).toEqual([a.encoded, b.encoded])
  })
})

describe('the issuer’s part', () => {
  it.each<[string, JsonObject & { typ: string }, string]>([
    ['typ JWT', { typ: 'JWT' }, 'JWS_TYP_UNEXPECTED'],
    ['the typ of drafts', { typ: 'vc+sd-jwt' }, 'JWS_TYP_UNEXPECTED'],
    ['an unknown crit', { typ: 'dc+sd-jwt', crit: ['b64'], b64: false }, 'JWS_CRIT_REFUSED'],
  ])('with %s is refused', async (_, header, expected) => {
    expect(await code(await signed(claims.plain, [], header), unbound)).toBe(expected)
  })

  it.each(['none', 'HS256'])('with alg %s is refused before anybody is trusted', async (alg) => {
    const [head = '', ...rest] = (await issue()).split('.')
    const members = { ...JSON.parse(Buffer.from(head, 'base64url').toString()), alg }
    const changed = Buffer.from(JSON.stringify(members)).toString('base64url')
    const trust = () => Promise.reject(new Error('asked for trust'))
    expect(await code([changed, ...rest].join('.'), { trust })).toBe('JWS_ALG_REFUSED')
  })

  it('by another key is refused, and what trust throws comes through', async () => {
    const trust = () => Promise.reject(new RangeError('not on the list'))
    await expect(code(await presentation(), { trust })).rejects.toThrow(RangeError)
    expect(await code(await presentation(), { trust: () => newKey().jwk })).toBe(
      'JWS_SIGNATURE_INVALID',
    )
  })

  it('with exp in a disclosure is refused', async () => {
    const { exp, ...plain } = claims.plain
    const disclosure = hidden('exp', exp ?? 0)
    const text = await signed({ ...plain, _sd: [disclosure.digest] }, [disclosure.encoded])
    expect(await code(text, unbound)).toBe('CLAIM_NEVER_SELECTIVE')
  })

  it.each<[string, JsonObject, string]>([
    ['another vct', { vct: `${vct}x` }, 'VCT_REFUSED'],
    ['a vct that is a list', { vct: [vct] }, 'CLAIM_MALFORMED'],
    ['no issuer', { iss: '' }, 'CLAIM_MALFORMED'],
    ['an exp that has passed', { exp: now - 60 }, 'TOKEN_EXPIRED'],
    ['an exp that is a text', { exp: '2099' }, 'CLAIM_MALFORMED'],
    ['an nbf to come', { nbf: now + 61 }, 'TOKEN_NOT_YET_VALID'],
    ['an iat to come', { iat: now + 61 }, 'TOKEN_FROM_FUTURE'],
  ])('with %s is refused', async (_, members, expected) => {
    expect(await code(await signed({ ...claims.plain, ...members }, []), unbound)).toBe(expected)
  })

  it('without exp is refused', async () => {
    const { exp: _, ...plain } = claims.plain
    expect(await code(await signed(plain, []), unbound)).toBe('CLAIM_MALFORMED')
  })

  it('of 65 kB is refused', async () => {
    expect(await code(`${await issue()}${'A'.repeat(65_536)}`)).toBe('TOO_LARGE')
  })
})

describe('key binding', () => {
  it.each<[string, JsonObject, string]>([
    ['a wrong aud', { aud: 'https://other.example' }, 'KEY_BINDING_AUDIENCE'],
    ['an aud in a list', { aud: [binding.audience] }, 'KEY_BINDING_AUDIENCE'],
    ['a wrong nonce', { nonce: 'other' }, 'KEY_BINDING_NONCE'],
    ['a year of age', { iat: now - 365 * 86_400 }, 'KEY_BINDING_TOO_OLD'],
    ['an iat in the future', { iat: now + 61 }, 'KEY_BINDING_FROM_FUTURE'],
    ['an iat that is a text', { iat: `${now}` }, 'CLAIM_MALFORMED'],
    ['an exp that has passed', { exp: now - 60 }, 'TOKEN_EXPIRED'],
    ['another sd_hash', { sd_hash: 'A'.repeat(43) }, 'KEY_BINDING_SD_HASH'],
    ['data nobody asked for', { transaction_data_hashes: [] }, 'KEY_BINDING_TRANSACTION_DATA'],
  ])('with %s is refused', async (_, members, expected) => {
    expect(await code(await boundBy(members))).toBe(expected)
  })

  it('with another typ or by another key is refused', async () => {
    expect(await code(await boundBy({}))).toBe('accepted')
    expect(await code(await boundBy({}, 'JWT'))).toBe('JWS_TYP_UNEXPECTED')
    expect(await code(await boundBy({}, 'kb+jwt', newKey()))).toBe('JWS_SIGNATURE_INVALID')
  })

  it('that is missing or was not asked for is refused', async () => {
    const text = await presentation()
    const bare = text.slice(0, text.lastIndexOf('~') + 1)
    expect(await code(bare)).toBe('KEY_BINDING_MISSING')
    expect(await code(text, unbound)).toBe('KEY_BINDING_UNEXPECTED')
    expect(await code(bare, unbound)).toBe('accepted')
  })

  it('does not cover a disclosure that is added or taken away afterwards', async () => {
    const compact = await issue()
    const text = await presentSdJwt({ sha256, sign: holder.sign }, compact, [['name']], binding)
    const [jwt = '', name = '', bound = ''] = text.split('~')
    const other = compact.split('~').find((each) => each !== jwt && each !== name) ?? ''
    expect(await code([jwt, bound].join('~'))).toBe('KEY_BINDING_SD_HASH')
    expect(await code([jwt, name, other, bound].join('~'))).toBe('KEY_BINDING_SD_HASH')
  })

  it.each<[string, JsonObject]>([
    ['a key id', { kid: 'x' }],
    ['two keys', { jwk: holder.jwk, kid: 'x' }],
    ['nothing', {}],
  ])('to a cnf with %s is refused', async (_, cnf) => {
    const text = await signed({ ...claims.plain, cnf }, [])
    const whole = await bindKey({ sha256, sign: holder.sign }, text, binding)
    expect(await code(whole)).toBe('CLAIM_MALFORMED')
  })

  it('signs the transaction data that was asked for, all of it and in order', async () => {
    const hashes = ['one', 'two'].map((entry) => transactionDataHash(sha256, entry))
    const text = await presentation({ transactionDataHashes: hashes })
    const want = (transactionDataHashes: readonly string[] | 'not-asked') =>
      code(text, { keyBinding: { ...asked, transactionDataHashes } })
    expect(await want(hashes)).toBe('accepted')
    for (const other of [hashes.toReversed(), hashes.slice(1), 'not-asked'] as const) {
      expect(await want(other)).toBe('KEY_BINDING_TRANSACTION_DATA')
    }
    expect(
      await code(await presentation(), {
        keyBinding: { ...asked, transactionDataHashes: hashes },
      }),
    ).toBe('KEY_BINDING_TRANSACTION_DATA')
  })

  it('ages: good within its window, and no longer', async () => {
    const text = await presentation()
    expect(await code(text, at(now + 300))).toBe('accepted')
    expect(await code(text, at(now + 301))).toBe('KEY_BINDING_TOO_OLD')
    expect(await code(text, at(now - 60))).toBe('accepted')
    expect(await code(text, at(now - 61))).toBe('KEY_BINDING_FROM_FUTURE')
  })
})

describe('status', () => {
  it('is asked last, by address and index, and each answer has its code', async () => {
    const text = await presentation()
    let reference: unknown
    const asks = (value: number) => ({
      status: (asked: unknown) => {
        reference = asked
        return value
      },
    })
    expect(await code(text, asks(0))).toBe('accepted')
    expect(reference).toEqual({ uri: 'https://union.example/status/1', index: 5 })
    expect(await code(text, asks(1))).toBe('STATUS_REVOKED')
    expect(await code(text, asks(2))).toBe('STATUS_SUSPENDED')
    expect(await code(text, asks(3))).toBe('STATUS_UNKNOWN')
    reference = undefined
    expect(await code(text, { ...asks(1), ...at(now + 5000) })).toBe('TOKEN_EXPIRED')
    expect(reference).toBeUndefined()
  })

  it('that is missing or malformed is refused where it is asked for', async () => {
    const { status: _, ...plain } = claims.plain
    expect(await code(await signed(plain, []), unbound)).toBe('STATUS_MISSING')
    for (const status of ['x', {}, { status_list: { idx: -1, uri: 'u' } }]) {
      const text = await signed({ ...plain, status }, [])
      expect(await code(text, unbound)).toBe('CLAIM_MALFORMED')
      expect(await code(text, { ...unbound, status: 'not-asked' })).toBe('accepted')
    }
  })
})

it('throws nothing but the format’s error for any text', async () => {
  const good = await presentation()
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.base64String(), { maxLength: 6 }).map((parts) => parts.join('~')),
    fc.tuple(fc.nat(good.length), fc.nat(good.length), fc.string()).map(([from, to, middle]) => {
      return good.slice(0, from) + middle + good.slice(to)
    }),
  )
  await fc.assert(
    fc.asyncProperty(texts, async (text) => void (await code(text))),
    { numRuns: 300 },
  )
})
