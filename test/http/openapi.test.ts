import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { refusalCodes } from '../../src/base/refusal-codes.ts'
import { startServer, type TestServer } from '../support/server.ts'

type Json = { readonly [key: string]: Json | undefined } & Iterable<never>
interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly Record<string, readonly string[]>[]
  readonly parameters?: readonly { in: string; name: string; schema: object }[]
  readonly requestBody?: { content: Record<string, { schema: object }> }
  readonly responses: Record<string, Response>
}
interface Response {
  readonly description: string
  readonly content?: Record<string, { schema: Json }>
}
interface Document {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly securitySchemes: Record<string, unknown> }
}

describe('the API document', () => {
  let server: TestServer
  let document: Document
  let operations: { at: string; path: string; operation: Operation }[]
  beforeAll(async () => {
    server = await startServer('sqlite')
    document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        at: `${method.toUpperCase()} ${path}`,
        path,
        operation,
      })),
    )
  })
  afterAll(() => server.close())

  it('is OpenAPI 3.1 and names every operation once, with a summary and its audience', () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(document.info).toMatchObject({ title: 'Symbolon', version: expect.any(String) })
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(ids.every((id) => /^[a-z][A-Za-z]+$/.test(id ?? ''))).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
    const tags = document.tags.map(({ name }) => name)
    for (const { at, operation } of operations) {
      expect(operation.summary?.length, at).toBeGreaterThan(5)
      expect(tags, at).toEqual(expect.arrayContaining([...(operation.tags ?? ['none'])]))
    }
    expect(operations.length).toBeGreaterThan(70)
  })

  it('says of every operation what proves who asks, by a scheme that it describes', () => {
    const schemes = Object.keys(document.components.securitySchemes)
    for (const { at, operation } of operations) {
      expect(operation.security, at).toBeInstanceOf(Array)
      const named = operation.security?.flatMap((one) => Object.keys(one)) ?? []
      for (const name of named) expect(schemes, at).toContain(name)
      if (!isOpen(operation)) expect(named.length, at).toBeGreaterThan(0)
    }
  })

  it('describes every answer, with the refusals as problem documents', () => {
    for (const { at, operation } of operations) {
      expect(Object.keys(operation.responses), at).toContainEqual(expect.stringMatching(/^2/))
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(response.description.length, `${at} ${status}`).toBeGreaterThan(0)
        if (status < '400') continue
        const problem = response.content?.['application/problem+json']?.schema
        // some are answered in the forms of their specifications
        const foreign = [
          'POST /oauth/token',
          'GET /status/{list}',
          'POST /witness/add-checkpoint',
          'POST /witness/sign-draw',
        ].includes(at)
        const own = foreign || operation.tags?.[0] === 'wallet'
        if (problem === undefined) expect(own || status < '400', at).toBe(true)
        for (const code of codesOf(response)) expect(refusalCodes, at).toContain(code)
      }
    }
  })

  it('lists what every audience and every write may be refused', () => {
    for (const { at, operation } of operations) {
      const codes = Object.values(operation.responses).flatMap(codesOf)
      expect(codes, at).toContain('VALIDATION_FAILED')
      if (!isOpen(operation)) expect(codes, at).toContain('AUTH_REQUIRED')
      const keyed = operation.parameters?.some(({ name }) => name === 'idempotency-key')
      if (keyed) expect(codes, at).toContain('IDEMPOTENCY_KEY_REUSED')
    }
  })

  it('has every parameter of every path, and no schema that says nothing', () => {
    for (const { at, path, operation } of operations) {
      const named = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
      const given = (operation.parameters ?? []).filter((one) => one.in === 'path')
      expect(given.map(({ name }) => name).toSorted(), at).toEqual(named.toSorted())
      for (const { name, schema } of operation.parameters ?? []) {
        expect(Object.keys(schema).length, `${at} ${name}`).toBeGreaterThan(0)
      }
      const bodies = Object.values(operation.requestBody?.content ?? {})
      const answers = Object.values(operation.responses).flatMap((one) =>
        Object.values(one.content ?? {}),
      )
      for (const { schema } of [...bodies, ...answers]) expectSaying(schema, at)
    }
  })
})

/** Asked without a proof, or with one that the wallets' specifications know. */
function isOpen({ tags }: Operation): boolean {
  return tags?.[0] === 'public' || tags?.[0] === 'wallet'
}

function codesOf({ content }: Response): string[] {
  const schema = content?.['application/problem+json']?.schema as
    | { properties: { code: { enum: string[] } } }
    | undefined
  return schema?.properties.code.enum ?? []
}

/** No property, item or alternative is without a word on what it is. */
function expectSaying(schema: object, at: string): void {
  expect(Object.keys(schema).length, `${at}: an empty schema`).toBeGreaterThan(0)
  const { properties = {}, items, anyOf = [], oneOf = [] } = schema as Record<string, never>
  for (const [name, one] of Object.entries(properties)) expectSaying(one as object, `${at}.${name}`)
  if (items) expectSaying(items, `${at}[]`)
  for (const one of [...(anyOf as object[]), ...(oneOf as object[])]) expectSaying(one, at)
}
