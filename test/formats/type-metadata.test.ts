import fc from 'fast-check'
import { expect, it } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import {
  checkIntegrity,
  integrityOf,
  membershipTypeMetadata,
  readTypeMetadata,
} from '../../src/formats/type-metadata.ts'
import { codeOf, sha256 } from './es256.ts'

const vct = 'https://union.example/vct/union-membership/1'
const document = membershipTypeMetadata(vct)
const bytes = utf8(JSON.stringify(document))

it('tells every claim of a membership in Chinese and English', () => {
  const { names, claims } = readTypeMetadata(bytes, vct)
  expect(names.get('zh-CN')).toBe('工会会员证')
  expect(names.get('en')).toBe('Union membership')
  for (const { path, labels } of claims) {
    expect([...labels.keys()], path.join()).toEqual(['zh-CN', 'en'])
  }
  const paths = claims.map(({ path }) => path.join('.'))
  expect(new Set(paths).size).toBe(paths.length)
  expect(paths).toEqual(expect.arrayContaining(['name', 'organisation.code', 'photo_digest']))
})

it('says which claims may be kept back', () => {
  const { claims } = readTypeMetadata(bytes, vct)
  const sd = (name: string) => claims.find(({ path }) => path.join('.') === name)?.sd
  expect(sd('exp')).toBe('never')
  expect(sd('hardship')).toBe('always')
  expect(sd('organisation.name')).toBe('always')
})

it.each([
  ['of another type', { ...document, vct: `${vct}0` }],
  ['with claims that are no list', { ...document, claims: {} }],
  ['with an empty path', { ...document, claims: [{ path: [] }] }],
  ['with a path of objects', { ...document, claims: [{ path: [{}] }] }],
  ['with an unknown sd', { ...document, claims: [{ path: ['a'], sd: 'sometimes' }] }],
  ['with a name that is missing', { ...document, display: [{ locale: 'en' }] }],
])('refuses a document %s', async (_, other) => {
  const read = () => readTypeMetadata(utf8(JSON.stringify(other)), vct)
  expect(await codeOf(read)).toBe('TYPE_METADATA_MALFORMED')
})

it('refuses a document of more than 64 kB', async () => {
  const long = utf8(JSON.stringify({ ...document, description: 'a'.repeat(65_536) }))
  expect(await codeOf(() => readTypeMetadata(long, vct))).toBe('TOO_LARGE')
})

it('knows the document by its integrity', async () => {
  // The example of W3C Subresource Integrity section 3.1, with SHA-256 (of `openssl dgst`).
  expect(integrityOf(sha256, utf8("alert('Hello, world.');"))).toBe(
    'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=',
  )
  const integrity = integrityOf(sha256, bytes)
  checkIntegrity(sha256, bytes, integrity)
  for (const [other, claimed] of [
    [bytes.subarray(1), integrity],
    [bytes, integrity.toUpperCase()],
    [bytes, ''],
  ] as const) {
    expect(await codeOf(() => checkIntegrity(sha256, other, claimed))).toBe('INTEGRITY_MISMATCH')
  }
})

it('throws nothing but the format’s error for any octets', async () => {
  const read = async (any: Uint8Array) => void (await codeOf(() => readTypeMetadata(any, vct)))
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), read))
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), (any) => {
      return read(utf8(JSON.stringify({ vct, claims: any, display: any })))
    }),
  )
})
