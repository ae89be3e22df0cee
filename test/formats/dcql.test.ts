import { describe, expect, it } from 'vitest'

import { type DcqlQuery, readDcql, selectClaims } from '../../src/formats/dcql.ts'
import {
  checkAnswer,
  chooseCredentials,
  claimsFor,
  type Matchable,
} from '../../src/formats/dcql-match.ts'
import type { Json, JsonObject } from '../../src/formats/json.ts'
import { codeOf } from './es256.ts'

const card = { id: 'card', format: 'dc+sd-jwt', meta: { vct_values: ['v'] } }
const query = (changes: object = {}, more: object = {}): DcqlQuery =>
  readDcql({ credentials: [{ ...card, ...changes }], ...more } as JsonObject)
const held = (claims: JsonObject, changes: Partial<Matchable> = {}): Matchable => ({
  ...{ format: 'dc+sd-jwt', type: 'v', claims, authorityKeys: [], ...changes },
})

describe('a query', () => {
  it.each<[string, unknown]>([
    ['no object', []],
    ['no credentials', { credentials: [] }],
    ['an id twice', { credentials: [card, card] }],
    ['an id with a space', { credentials: [{ ...card, id: 'a b' }] }],
    ['no format', { credentials: [{ ...card, format: undefined }] }],
    ['no meta', { credentials: [{ ...card, meta: undefined }] }],
    ['no types', { credentials: [{ ...card, meta: {} }] }],
    ['an empty list of claims', { credentials: [{ ...card, claims: [] }] }],
    ['an empty path', { credentials: [{ ...card, claims: [{ path: [] }] }] }],
    ['a negative index', { credentials: [{ ...card, claims: [{ path: ['a', -1] }] }] }],
    ['a fraction in a path', { credentials: [{ ...card, claims: [{ path: ['a', 0.5] }] }] }],
    ['no values', { credentials: [{ ...card, claims: [{ path: ['a'], values: [] }] }] }],
    [
      'a fraction as value',
      { credentials: [{ ...card, claims: [{ path: ['a'], values: [0.5] }] }] },
    ],
    ['a claim twice', { credentials: [{ ...card, claims: [{ path: ['a'] }, { path: ['a'] }] }] }],
    ['sets without claims', { credentials: [{ ...card, claim_sets: [['a']] }] }],
    [
      'sets beside a claim without id',
      { credentials: [{ ...card, claims: [{ path: ['a'] }], claim_sets: [['a']] }] },
    ],
    [
      'sets that name no claim',
      { credentials: [{ ...card, claims: [{ id: 'a', path: ['a'] }], claim_sets: [['b']] }] },
    ],
    [
      'an option without credential',
      { credentials: [card], credential_sets: [{ options: [['x']] }] },
    ],
    ['an empty option', { credentials: [card], credential_sets: [{ options: [[]] }] }],
    ['a flag that is none', { credentials: [{ ...card, multiple: 1 }] }],
    ['an authority without type', { credentials: [{ ...card, trusted_authorities: [{}] }] }],
  ])('with %s is refused', async (_, value) => {
    const given = JSON.parse(JSON.stringify(value)) as Json
    expect(await codeOf(() => readDcql(given))).toBe('DCQL_MALFORMED')
  })

  it('may have members that we do not know', () => {
    expect(query({ purpose: 'x' }, { more: 1 }).credentials.length).toBe(1)
  })
})

describe('a path', () => {
  const claims = { a: { b: [{ c: 1 }, { c: 2 }, { d: 3 }] }, n: null, list: ['x', 'y'] }

  it.each<[readonly (string | number | null)[], Json]>([
    [
      ['a', 'b', null, 'c'],
      [1, 2],
    ],
    [['a', 'b', 1, 'c'], [2]],
    [
      ['list', null],
      ['x', 'y'],
    ],
    [['list', 5], []],
    [['n'], [null]],
    [['list', 'x'], []],
    [['a', 0], []],
    [['constructor'], []],
    [['list', 'length'], []],
  ])('%j selects %j', (path, found) => {
    expect(selectClaims(claims, path)).toEqual(found)
  })
})

describe('a credential', () => {
  const claims = { name: '李雷', age: 30, member: true }

  it('answers a query of its type with all the claims that are asked for', () => {
    const asks = query({ claims: [{ path: ['name'] }, { path: ['age'] }] }).credentials[0]!
    expect(claimsFor(asks, held(claims))).toEqual([['name'], ['age']])
    expect(claimsFor(asks, held({ name: 'x' }))).toBeUndefined()
    expect(claimsFor(asks, held(claims, { type: 'other' }))).toBeUndefined()
    expect(claimsFor(asks, held(claims, { format: 'mso_mdoc' }))).toBeUndefined()
  })

  it('shows nothing that is selective when no claims are asked for', () => {
    expect(claimsFor(query().credentials[0]!, held(claims))).toEqual([])
  })

  it('must have one of the values, of the same type', () => {
    const asks = (values: readonly Json[]) =>
      claimsFor(query({ claims: [{ path: ['age'], values }] }).credentials[0]!, held(claims))
    expect(asks([29, 30])).toEqual([['age']])
    expect(asks([29, '30'])).toBeUndefined()
  })

  it('answers with the first of the sets that it has', () => {
    const asks = query({
      claims: ['a', 'b', 'name'].map((name) => ({ id: name, path: [name] })),
      claim_sets: [['a', 'b'], ['b'], ['name']],
    }).credentials[0]!
    expect(claimsFor(asks, held({ b: 1, name: 2 }))).toEqual([['b']])
    expect(claimsFor(asks, held(claims))).toEqual([['name']])
    expect(claimsFor(asks, held({}))).toBeUndefined()
  })

  it('must come from an authority that is trusted, where some are named', () => {
    const trusted_authorities = [{ type: 'aki', values: ['k1', 'k2'] }]
    const asks = query({ trusted_authorities }).credentials[0]!
    expect(claimsFor(asks, held(claims, { authorityKeys: ['k2'] }))).toEqual([])
    expect(claimsFor(asks, held(claims, { authorityKeys: ['k3'] }))).toBeUndefined()
    const other = query({ trusted_authorities: [{ type: 'x', values: ['k1'] }] }).credentials[0]!
    expect(claimsFor(other, held(claims, { authorityKeys: ['k1'] }))).toBeUndefined()
  })
})

describe('a choice of credentials', () => {
  const both = readDcql({
    credentials: [card, { ...card, id: 'other', meta: { vct_values: ['w'] } }],
    credential_sets: [
      { options: [['card', 'other'], ['card']] },
      { options: [['other']], required: false },
    ],
  })

  it('takes the first option that can be answered, and nothing that is not required', () => {
    const ids = (types: string[]) =>
      chooseCredentials(
        both,
        types.map((type) => held({}, { type })),
      ).map(({ query: { id } }) => id)
    expect(ids(['v', 'w'])).toEqual(['card', 'other'])
    expect(ids(['v'])).toEqual(['card'])
  })

  it('is refused when something required is not there', async () => {
    expect(await codeOf(() => chooseCredentials(both, [held({}, { type: 'w' })]))).toBe(
      'DCQL_UNSATISFIED',
    )
    const all = query({}, {})
    expect(await codeOf(() => chooseCredentials(all, []))).toBe('DCQL_UNSATISFIED')
  })
})

describe('an answer', () => {
  const check = (asked: DcqlQuery, answer: Record<string, Matchable[]>) =>
    codeOf(() => checkAnswer(asked, new Map(Object.entries(answer))))

  it('has what was asked for, once, and nothing else', async () => {
    const asks = query({ claims: [{ path: ['name'] }] })
    const good = held({ name: 'x' })
    expect(await check(asks, { card: [good] })).toBe('accepted')
    expect(await check(asks, {})).toBe('DCQL_UNSATISFIED')
    expect(await check(asks, { card: [] })).toBe('DCQL_UNSATISFIED')
    expect(await check(asks, { card: [good, good] })).toBe('DCQL_UNSATISFIED')
    expect(await check(asks, { card: [held({})] })).toBe('DCQL_UNSATISFIED')
    expect(await check(asks, { card: [good], more: [good] })).toBe('DCQL_UNSATISFIED')
  })

  it('may have several presentations where several were allowed, each of them good', async () => {
    const asks = query({ multiple: true, claims: [{ path: ['name'] }] })
    const good = held({ name: 'x' })
    expect(await check(asks, { card: [good, good] })).toBe('accepted')
    expect(await check(asks, { card: [good, held({})] })).toBe('DCQL_UNSATISFIED')
  })
})
