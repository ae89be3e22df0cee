import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../src/formats/json.ts'
import { signJws } from '../../src/formats/jws.ts'
import {
  makeTrustListPayload,
  readTrustList,
  type TrustList,
  trustListType,
} from '../../src/formats/trust-list.ts'
import { verifyTrustList } from '../../src/formats/verify-trust-list.ts'
import { codeOf, crypto, newKey } from './es256.ts'

const root = newKey()
const issued = Date.UTC(2026, 10, 1)
const nextUpdate = Date.UTC(2026, 11, 1)
const issuerKey = newKey().jwk

const list: TrustList = {
  sequence: 7,
  issued,
  nextUpdate,
  operator: [{ lang: 'zh-CN', value: '中华全国总工会' }],
  nodes: [
    {
      url: 'https://union.example/nodes/nx',
      number: 64,
      names: [
        { lang: 'zh-CN', value: '宁夏总工会' },
        { lang: 'en', value: 'Ningxia' },
      ],
      services: [
        {
          role: 'issuer',
          certificates: [Uint8Array.of(0x30, 1, 2, 3)],
          keys: [issuerKey],
          vkeys: [],
          types: ['https://union.example/vct/union-membership/1'],
          status: 'granted',
          since: issued,
        },
        {
          role: 'log',
          certificates: [],
          keys: [],
          vkeys: ['union.example/log+12345678+AQAA'],
          types: [],
          status: 'withdrawn',
          since: issued,
        },
      ],
    },
  ],
}

const sign = (payload: JsonObject) => signJws(root.sign, { typ: trustListType }, payload)
const policy = {
  trust: () => root.jwk,
  known: 'none',
  now: issued + 1000,
  skewSeconds: 60,
} as const
const verify = async (given: Partial<TrustList>, how: object = {}) =>
  verifyTrustList(crypto, await sign(makeTrustListPayload({ ...list, ...given })), {
    ...policy,
    ...how,
  })

describe('a trust list', () => {
  it('is verified and read back', async () => {
    const accepted = await verify({})
    expect(accepted.list).toEqual(list)
    expect(accepted.known.sequence).toBe(7)
  })

  it('has the members of the profile', () => {
    const payload = makeTrustListPayload(list) as { LoTE: { ListAndSchemeInformation: JsonObject } }
    expect(payload.LoTE.ListAndSchemeInformation).toMatchObject({
      LoTEVersionIdentifier: 1,
      LoTESequenceNumber: 7,
      ListIssueDateTime: '2026-11-01T00:00:00Z',
      NextUpdate: '2026-12-01T00:00:00Z',
    })
  })

  it('replaces an older one, and is replaced by no older one', async () => {
    const { known } = await verify({})
    expect((await verify({ sequence: 8 }, { known })).known.sequence).toBe(8)
    expect((await verify({}, { known })).known).toEqual(known)
    expect(await codeOf(() => verify({ sequence: 6 }, { known }))).toBe('TRUST_LIST_ROLLBACK')
  })

  it('is refused when it says something else under the same number', async () => {
    const { known } = await verify({})
    const nodes = list.nodes.map((node) => ({ ...node, number: 65 }))
    expect(await codeOf(() => verify({ nodes }, { known }))).toBe('TRUST_LIST_FORKED')
  })

  it('is refused past its NextUpdate, and before it was issued', async () => {
    expect(await codeOf(() => verify({}, { now: nextUpdate }))).toBe('accepted')
    expect(await codeOf(() => verify({}, { now: nextUpdate + 1 }))).toBe('TRUST_LIST_STALE')
    expect(await codeOf(() => verify({}, { now: issued - 60_000 }))).toBe('accepted')
    expect(await codeOf(() => verify({}, { now: issued - 60_001 }))).toBe('TRUST_LIST_FROM_FUTURE')
  })

  it('is refused when another signed it, or it is another kind of token', async () => {
    expect(await codeOf(() => verify({}, { trust: () => newKey().jwk }))).toBe(
      'JWS_SIGNATURE_INVALID',
    )
    const jwt = await signJws(root.sign, { typ: 'JWT' }, makeTrustListPayload(list))
    expect(await codeOf(() => verifyTrustList(crypto, jwt, policy))).toBe('JWS_TYP_UNEXPECTED')
  })

  it('of a hundred nodes with their certificates is read, and one of more than 2 MiB is not', async () => {
    const [node] = list.nodes
    const [service] = node?.services ?? []
    if (!node || !service) throw new TypeError('no node')
    const certificates = [new Uint8Array(700).fill(0x30)]
    const services = Array.from({ length: 6 }, () => ({ ...service, certificates }))
    const nodes = (count: number) =>
      Array.from({ length: count }, (_, i) => {
        return { ...node, services, number: i, url: `https://node.example/${i}` }
      })
    expect((await verify({ nodes: nodes(100) })).list.nodes).toHaveLength(100)
    expect(await codeOf(() => verify({ nodes: nodes(300) }))).toBe('TOO_LARGE')
  })
})

describe('the shape of a trust list', () => {
  const changed = (from: string, to: string) => {
    const text = JSON.stringify(makeTrustListPayload(list))
    expect(text).toContain(from)
    return JSON.parse(text.replace(from, to)) as JsonObject
  }

  it.each([
    ['another version', '"LoTEVersionIdentifier":1', '"LoTEVersionIdentifier":2'],
    ['another type', ':union-nodes:1', ':union-nodes:2'],
    ['number 0', '"LoTESequenceNumber":7', '"LoTESequenceNumber":0'],
    ['a number that is a text', '"LoTESequenceNumber":7', '"LoTESequenceNumber":"7"'],
    ['a day that there is not', '2026-11-01T', '2026-02-30T'],
    ['a time with a zone', '2026-12-01T00:00:00Z', '2026-12-01T00:00:00+08:00'],
    ['an end before its beginning', '2026-12-01T', '2025-12-01T'],
    ['an unknown role', 'role:issuer', 'role:king'],
    ['an unknown status', 'status:granted', 'status:maybe'],
    ['a node number that is too great', '"NodeNumber":64', '"NodeNumber":65536'],
    ['a certificate that is not base64', '"MAECAw=="', '"MAECAw"'],
    ['no key at all', '"OtherIds"', '"Others"'],
    ['no nodes', '"TrustedEntitiesList"', '"Trusted"'],
  ])('with %s is refused', async (_, from, to) => {
    expect(await codeOf(() => readTrustList(changed(from, to)))).toBe('TRUST_LIST_MALFORMED')
  })

  it('with a key that is none is refused', async () => {
    const payload = changed('"crv":"P-256"', '"crv":"P-384"')
    expect(await codeOf(() => readTrustList(payload))).toBe('JWK_MALFORMED')
  })

  it('with a node twice is not made', () => {
    const [node] = list.nodes
    if (!node) throw new TypeError('no node')
    for (const other of [{ url: 'https://x.example' }, { number: 1 }, {}]) {
      const nodes = [node, { ...node, ...other }]
      expect(() => makeTrustListPayload({ ...list, nodes })).toThrow(TypeError)
    }
  })

  it('takes any JSON without throwing anything else', async () => {
    const object = fc.dictionary(
      fc.constantFrom('LoTE', 'a'),
      fc.jsonValue(),
    ) as fc.Arbitrary<JsonObject>
    await fc.assert(
      fc.asyncProperty(object, async (any) => void (await codeOf(() => readTrustList(any)))),
    )
  })
})
