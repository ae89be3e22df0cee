import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { toBase64url, utf8 } from '../../../src/base/bytes.ts'
import type { Json, JsonObject } from '../../../src/formats/json.ts'
import { makeDisclosure, parseDisclosure } from '../../../src/formats/sd-jwt/disclosure.ts'
import { conceal } from '../../../src/formats/sd-jwt/issue.ts'
import { parseSdJwt } from '../../../src/formats/sd-jwt/parse.ts'
import { neverSelective, unveil } from '../../../src/formats/sd-jwt/unveil.ts'
import { codeOf, random, sha256 } from '../es256.ts'
import { claims, hidden, issue } from './membership.ts'

const encode = (value: unknown) => toBase64url(utf8(JSON.stringify(value)))
const salt = 'AAAAAAAAAAAAAAAAAAAAAA'

describe('a disclosure', () => {
  it.each([
    ['without letters', ''],
    ['in base64', 'WyI+Pz8/Il0='],
    ['with bits past the end', `${encode([salt, 'abc', 1]).slice(0, -1)}9`],
    ['of one part', encode([salt])],
    ['of four', encode([salt, 'a', 1, 2])],
    ['with a name that is a number', encode([salt, 1, 2])],
    ['with a salt that is a number', encode([1, 'a', 2])],
    ['of an object', encode({ 0: salt, length: 2 })],
  ])('%s is refused', async (_, text) => {
    expect(await codeOf(() => parseDisclosure(sha256, text))).toBe('DISCLOSURE_MALFORMED')
  })

  it('that is not JSON, or has a member twice, is refused', async () => {
    const twice = toBase64url(utf8(`["${salt}","a",{"b":1,"b":2}]`))
    expect(await codeOf(() => parseDisclosure(sha256, 'AAAA'))).toBe('JSON_MALFORMED')
    expect(await codeOf(() => parseDisclosure(sha256, twice))).toBe('JSON_DUPLICATE_MEMBER')
  })

  it('is not made with a short salt', () => {
    expect(() => makeDisclosure(sha256, new Uint8Array(15), 'a', 1)).toThrow(TypeError)
  })
})

describe('an SD-JWT', () => {
  it('with more than 128 disclosures is refused', async () => {
    const many = Array.from({ length: 129 }, (_, i) => hidden('a', i).encoded)
    expect(await codeOf(() => parseSdJwt(sha256, `a~${many.join('~')}~`))).toBe(
      'DISCLOSURE_TOO_MANY',
    )
    expect(parseSdJwt(sha256, `a~${many.slice(1).join('~')}~`).disclosures).toHaveLength(128)
    const tildes = '~'.repeat(60_000)
    expect(await codeOf(() => parseSdJwt(sha256, `a${tildes}`))).toBe('DISCLOSURE_TOO_MANY')
  })

  it('of more than 64 kB, without a tilde, or with a disclosure twice is refused', async () => {
    const { encoded } = hidden('a', 1)
    const code = (text: string) => codeOf(() => parseSdJwt(sha256, text))
    expect(await code(`${'a'.repeat(65_536)}~`)).toBe('TOO_LARGE')
    expect(await code('a.b.c')).toBe('SD_JWT_MALFORMED')
    expect(await code('~')).toBe('SD_JWT_MALFORMED')
    expect(await code(`a~${encoded}~${encoded}~`)).toBe('DISCLOSURE_DUPLICATE')
    expect(await code(`a~${encoded}~~`)).toBe('DISCLOSURE_MALFORMED')
  })
})

describe('a payload', () => {
  const a = hidden('a', 1)
  const element = hidden(undefined, 'e')
  const cases: [string, string, JsonObject, ReturnType<typeof hidden>[]][] = [
    ['an unreferenced disclosure', 'DISCLOSURE_UNREFERENCED', { _sd: [] }, [a]],
    ['a disclosure given twice', 'DISCLOSURE_DUPLICATE', { _sd: [a.digest] }, [a, a]],
    ['a digest twice in one place', 'DIGEST_DUPLICATE', { _sd: [a.digest, a.digest] }, [a]],
    ['a digest twice', 'DIGEST_DUPLICATE', { _sd: [a.digest], o: { _sd: [a.digest] } }, [a]],
    ['a decoy twice', 'DIGEST_DUPLICATE', { _sd: [a.digest], l: [{ '...': a.digest }] }, []],
    ['a plain claim of that name', 'CLAIM_COLLISION', { a: 0, _sd: [a.digest] }, [a]],
    ['an element for a member', 'DISCLOSURE_MALFORMED', { _sd: [element.digest] }, [element]],
    ['a member for an element', 'DISCLOSURE_MALFORMED', { l: [{ '...': a.digest }] }, [a]],
    ['more beside an element', 'DIGEST_MALFORMED', { l: [{ '...': a.digest, b: 1 }] }, []],
    ['an element that is no digest', 'DIGEST_MALFORMED', { l: [{ '...': 1 }] }, []],
    ['an _sd that is no array', 'DIGEST_MALFORMED', { _sd: a.digest }, []],
    ['an _sd of numbers', 'DIGEST_MALFORMED', { _sd: [1] }, []],
    ['an _sd of short digests', 'DIGEST_MALFORMED', { _sd: ['abc'] }, []],
    ['a claim named "..."', 'CLAIM_RESERVED', { o: { '...': a.digest } }, []],
    ['an inner _sd_alg', 'CLAIM_RESERVED', { o: { _sd_alg: 'sha-256' } }, []],
    ['another _sd_alg', 'DIGEST_ALG_REFUSED', { _sd_alg: 'sha-512' }, []],
    ['an _sd_alg that is null', 'DIGEST_ALG_REFUSED', { _sd_alg: null }, []],
    ['a cnf that hides', 'CLAIM_NEVER_SELECTIVE', { cnf: { _sd: [a.digest] } }, [a]],
    ['a cnf with a decoy', 'CLAIM_NEVER_SELECTIVE', { cnf: { jwk: { _sd: [] } } }, []],
    ['a status that hides', 'CLAIM_NEVER_SELECTIVE', { status: { l: [{ '...': a.digest }] } }, []],
  ]
  it.each(cases)('with %s is refused: %s', async (_, code, payload, disclosures) => {
    expect(await codeOf(() => unveil(payload, disclosures))).toBe(code)
  })

  it.each(['_sd', '...', '_sd_alg', '__proto__'])('with a hidden %s is refused', async (name) => {
    const disclosure = hidden(name, 1)
    const code = await codeOf(() => unveil({ _sd: [disclosure.digest] }, [disclosure]))
    expect(code).toBe('CLAIM_RESERVED')
  })

  it.each(neverSelective)('with a hidden %s is refused at any depth', async (name) => {
    const bare = hidden(name, 1)
    const outer = hidden('outer', { _sd: [bare.digest] })
    const inside = hidden('outer', { list: [{ [name]: 1 }] })
    const payloads: [JsonObject, ReturnType<typeof hidden>[]][] = [
      [{ _sd: [bare.digest] }, [bare]],
      [{ o: { p: [{ _sd: [bare.digest] }] } }, [bare]],
      [{ _sd: [outer.digest] }, [outer, bare]],
      [{ _sd: [inside.digest] }, [inside]],
    ]
    for (const [payload, disclosures] of payloads) {
      expect(await codeOf(() => unveil(payload, disclosures))).toBe('CLAIM_NEVER_SELECTIVE')
    }
  })

  it('whose disclosures nest more than 16 levels is refused', async () => {
    const chain = [hidden('a', 1)]
    for (let i = 0; i < 20; i++) chain.unshift(hidden('a', { _sd: [chain[0]!.digest] }))
    const code = await codeOf(() => unveil({ _sd: [chain[0]!.digest] }, chain))
    expect(code).toBe('JSON_TOO_DEEP')
  })

  it('throws nothing but the format’s error for any JSON', async () => {
    const names = fc.constantFrom('_sd', '...', '_sd_alg', 'cnf', 'status', 'exp', 'a', 'b')
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom<Json[]>(a.digest, element.digest, 'x', 1, null, true),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(names, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }))
    const objects = fc.dictionary(names, tree, { maxKeys: 4, noNullPrototype: true })
    const work = async (payload: JsonObject) =>
      void (await codeOf(() => unveil(payload, [a, element])))
    await fc.assert(fc.asyncProperty(objects, work), { numRuns: 1000 })
  })
})

describe('an issuer', () => {
  it('writes as many digests as it was told, sorted, whatever it has to say', () => {
    for (const selective of [claims.selective, { name: 'x' }, {}]) {
      const nested = 'organisation' in selective ? ['organisation'] : []
      const { payload } = conceal(sha256, random, { ...claims, selective, nested })
      const digests = payload._sd as string[]
      expect(digests).toHaveLength(12)
      expect([...digests].sort()).toEqual(digests)
      expect(new Set(digests).size).toBe(12)
    }
  })

  it('hides an organisation, and behind it each of its members', () => {
    const { payload, disclosures } = conceal(sha256, random, claims)
    const outer = disclosures.find(({ name }) => name === 'organisation')
    expect(outer?.value).toEqual({ _sd: expect.toSatisfy((all: string[]) => all.length === 4) })
    expect(JSON.stringify(outer)).not.toContain('110000')
    expect(unveil(payload, disclosures).claims).toEqual({ ...claims.plain, ...claims.selective })
  })

  it.each([
    ['a claim that must not hide', { selective: { exp: 1 }, nested: [] }],
    ['a reserved name', { selective: { _sd: 1 }, nested: [] }],
    ['a claim both plain and selective', { selective: { iss: 'x' }, nested: [] }],
    ['a nested claim that is no object', { nested: ['name'] }],
    ['more claims than digests', { digests: { top: 4, nested: 4 } }],
    ['more nested claims than digests', { digests: { top: 12, nested: 2 } }],
  ])('takes %s for a mistake', async (_, given) => {
    await expect(issue(given)).rejects.toThrow(TypeError)
  })
})
