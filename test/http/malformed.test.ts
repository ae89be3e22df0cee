import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { sha256 } from '../../src/base/sha256.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { signJws } from '../../src/keys/sign-jws.ts'
import { databaseSource } from '../../src/ledger/log-source.ts'
import { verifyLog } from '../../src/ledger/verify.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import { engines } from '../support/engines.ts'
import { listNode } from './asking-node.ts'
import { counts, type Ground, openGround } from './ground.ts'
import {
  knownOf,
  type Operation,
  operationsOf,
  type Prover,
  proversOf,
  textsOf,
} from './operations.ts'
import type { Wire } from './proofs.ts'
import { broken, type JsonSchema, keeping } from './schema-arbitrary.ts'

const runs = Number(process.env.FUZZ_RUNS ?? 300)

/** Answered in the forms of their specifications. */
const ownForm = /^\/(oauth|openid4vci|vp|status|witness)\//

describe.each(engines)('whatever is asked, on %s', (engine) => {
  let ground: Ground
  let operations: Operation[]
  let provers: Record<string, Prover>
  let known: Record<string, string>
  let texts: string[]
  beforeAll(async () => {
    ground = await openGround(engine)
    operations = await operationsOf(ground)
    const node = await listNode(ground)
    provers = await proversOf(ground, node)
    known = await knownOf(ground, node)
    texts = textsOf(ground, known)
  })
  afterAll(() => ground.server.close())

  it.each([
    // It got past the doors, and past the schemas.
    ['of anybody', '', runs, [200, 400, 401, 404, 409]],
    ['of another node', 'node', runs / 4, [200, 400, 401, 404]],
  ] as const)(
    'is answered without a mistake of ours, and leaves nothing half done, %s',
    async (_, of, numRuns, expected) => {
      const asked = operations.filter(({ tag }) => of === '' || tag === of)
      let before = await counts(ground.server)
      const told = new Set<number>()
      const ask = async (wire: Wire) => {
        const { status, problem } = await sendRaw(ground.server.url, wire)
        expect(status, `${wire.method} ${wire.path}`).toBeLessThan(500)
        told.add(status)
        const after = await counts(ground.server)
        if (status >= 400) {
          // A refusal writes its own answer, and at a counter the refused redemption: no more.
          expect({ ...after, answers: 0, refused: 0 }).toEqual({
            ...before,
            answers: 0,
            refused: 0,
          })
          expect(after.answers - before.answers).toBeLessThanOrEqual(1)
          if (!ownForm.test(wire.path)) expect(problem).toBe(true)
        }
        before = after
      }
      // What failed has changed the ground: a smaller example would not be one.
      const property = fc.asyncProperty(requests(asked, { provers, known, texts }), ask)
      await fc.assert(property, { numRuns, endOnFailure: true })
      expect([...told]).toEqual(expect.arrayContaining([...expected]))
    },
    60_000,
  )

  it('is refused when it is nothing: every route, with octets for a body and for proofs', async () => {
    const octets = Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 37) % 256))
    for (const { method, path, tag } of operations) {
      const plain = path.replaceAll(/\{[^}]+\}/g, 'x')
      for (const type of ['application/json', 'text/csv', '']) {
        for (const prove of [provers[tag], provers.rubbish]) {
          if (!prove) continue
          const wire = prove({
            method,
            path: plain,
            headers: { ...(type && { 'content-type': type }), 'idempotency-key': 'k'.repeat(8) },
          })
          const body = method === 'GET' ? {} : { body: octets }
          const answer = await fetch(`${ground.server.url}${plain}`, {
            ...{ method, headers: wire.headers },
            ...body,
          })
          await answer.arrayBuffer()
          expect(answer.status, `${method} ${plain} ${type}`).toBeLessThan(500)
        }
      }
    }
  })

  it('is refused with NUL in an address or in what makes a proof unique', async () => {
    const { server, maker, member } = ground
    const paths = ['/admin/benefits?after=%00', '/admin/members/a%00', '/admin/benefits?%00=1']
    for (const path of paths) {
      const { status, body } = await maker.ask('GET', path)
      expect([status, body.code]).toEqual([400, 'VALIDATION_FAILED'])
    }
    for (const jti of ['\u0000'.repeat(8), 'has space', 'x'.repeat(129), 'short']) {
      const path = `/api/v1/me/vouchers/${known.vouchers}/return`
      const htu = `${server.url}${path}`
      const ath = Buffer.from(sha256(member.token)).toString('base64url')
      const claims = { htm: 'POST', htu, iat: Math.floor(server.now / 1000), jti, ath }
      const dpop = signJws(member.key, { typ: 'dpop+jwt', jwk: member.key.jwk }, claims)
      const { status } = await sendRaw(server.url, {
        ...{ method: 'POST', path, body: '{}' },
        headers: {
          'content-type': 'application/json',
          'idempotency-key': crypto.randomUUID(),
          authorization: `DPoP ${member.token}`,
          dpop,
        },
      })
      expect(status).toBe(401)
    }
  })

  it('leaves a log and books that the auditor finds whole', async () => {
    const { logKey, location, store } = ground.server.deployment
    const waits = async () => (await store.read.$count(store.read.tables.pendingLeaves)) > 0
    while (await waits()) await new Promise((resolve) => setTimeout(resolve, 50))
    const policy = parsePolicy(sha256, Buffer.from(`log ${logKey.vkey}\nquorum none\n`))
    const report = await readSnapshot(location, (reader) =>
      verifyLog(databaseSource(reader, logKey.name), policy, { database: reader }),
    )
    expect(report.findings).toEqual([])
  })
})

interface Given {
  readonly provers: Record<string, Prover>
  readonly known: Record<string, string>
  readonly texts: readonly string[]
}

/** Any operation, with any proof, with values that keep its schema or break it. */
function requests(
  operations: readonly Operation[],
  { provers, known, texts }: Given,
): fc.Arbitrary<Wire> {
  const proof = fc.constantFrom(...Object.values(provers))
  const rightOnes = ({ path, params, tag }: Operation) => {
    const behind = [...path.matchAll(/([a-z]+)\/\{/g)].map(
      ([, segment = '']) => known[`${tag}/${segment}`] ?? known[segment],
    )
    return Object.fromEntries(Object.keys(params).map((name, i) => [name, behind[i] ?? 'x']))
  }
  const one = (operation: Operation) => {
    const values = (schemas: Record<string, JsonSchema>) =>
      fc.record(
        Object.fromEntries(
          Object.entries(schemas).map(([name, schema]) => [
            name,
            fc.oneof(
              { weight: 10, arbitrary: keeping(schema, texts).map(String) },
              { weight: 1, arbitrary: fc.oneof(fc.string(), fc.string({ unit: 'binary' })) },
              { weight: 1, arbitrary: fc.constantFrom(...texts) },
            ),
          ]),
        ),
      )
    const good = operation.body ? keeping(operation.body, texts) : fc.constant(undefined)
    const body = fc.oneof({ weight: 5, arbitrary: good }, { weight: 3, arbitrary: broken(good) })
    // Most requests get past the door: their audience's own good proof.
    const own = fc.constant(provers[operation.tag] ?? ((wire: Wire) => wire))
    return fc
      .record({
        params: fc.oneof(
          { weight: 5, arbitrary: fc.constant(rightOnes(operation)) },
          { weight: 1, arbitrary: values(operation.params) },
        ),
        query: fc.oneof(
          { weight: 6, arbitrary: values(operation.query) },
          { weight: 1, arbitrary: fc.dictionary(fc.string(), fc.string()) },
        ),
        body: fc.oneof(
          { weight: 9, arbitrary: body.map(asText) },
          { weight: 1, arbitrary: rubbish },
        ),
        key: fc.oneof(
          { weight: 9, arbitrary: fc.uuid() },
          { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
        ),
        header: fc.dictionary(fc.stringMatching(/^x-[a-z]{1,9}$/), fc.string({ maxLength: 50 })),
        prove: fc.oneof({ weight: 6, arbitrary: own }, { weight: 1, arbitrary: proof }),
      })
      .map((given) => wireOf(operation, given))
  }
  return fc.oneof(...operations.map(one))
}

const rubbish = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('{', '[]', 'null', '"x"', '{"a":1,}', `${'['.repeat(2000)}`, '{"a":"\\u0000"}'),
)

function asText(body: unknown): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body)
}

function wireOf(
  { method, path }: Operation,
  given: {
    params: Record<string, string>
    query: Record<string, string>
    body: string | undefined
    key: string
    header: Record<string, string>
    prove: Prover
  },
): Wire {
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name) =>
    encodeURIComponent((given.params[name] ?? '').toWellFormed()),
  )
  const query = Object.entries(given.query).map(
    ([name, value]) => [name.toWellFormed(), value.toWellFormed()] as [string, string],
  )
  const asked = query.length > 0 ? `?${new URLSearchParams(query)}` : ''
  const type = path === '/oauth/token' ? 'application/x-www-form-urlencoded' : 'application/json'
  const visible = (text: string) => text.replaceAll(/[^\x21-\x7e]/g, '_')
  const header = Object.entries(given.header).map(([name, value]) => [name, visible(value)])
  const key = method === 'GET' || given.key === '' ? {} : { 'idempotency-key': visible(given.key) }
  const body = method === 'GET' ? undefined : given.body?.toWellFormed()
  const wire: Wire = {
    method,
    path: `${filled}${asked}`,
    headers: { ...Object.fromEntries(header), 'content-type': type, ...key },
    ...(body !== undefined && { body }),
  }
  return given.prove(wire)
}

async function sendRaw(url: string, { method, path, headers, body }: Wire) {
  const answer = await fetch(`${url}${path}`, { method, headers, ...(body && { body }) })
  const type = answer.headers.get('content-type') ?? ''
  await answer.arrayBuffer()
  return { status: answer.status, problem: type.startsWith('application/problem+json') }
}
