import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { utf8 } from '../../../src/base/bytes.ts'
import { minute } from '../../../src/base/clock.ts'
import {
  isPublic,
  requireReachable,
} from '../../../src/credentials/presentation/webhook-address.ts'
import {
  contentDigest,
  readSignature,
  readSignatureInput,
  signatureBase,
} from '../../../src/formats/http-signature.ts'
import { sha256, verifyEs256 } from '../../formats/es256.ts'
import { engines } from '../../support/engines.ts'
import { desk } from '../../support/union.ts'
import {
  asked,
  newCredential,
  openVerifier,
  presentTo,
  roleKey,
  type VerifierTest,
} from './ground.ts'

describe.each(engines)('the result of a verification on %s', (engine) => {
  let ground: VerifierTest
  let hook: Awaited<ReturnType<typeof openHook>>
  beforeAll(async () => {
    ground = await openVerifier(engine)
    hook = await openHook()
  })
  afterAll(async () => {
    await hook.close()
    await ground.close()
  })

  it('is posted to its webhook, signed by the verifier, and again until it is taken', async () => {
    hook.status = 503
    const { id, link } = await asked(ground, { webhook: hook.url })
    await presentTo(ground, link, [await newCredential(ground)])
    const first = await hook.next(0)
    await expectSigned(first)
    hook.status = 204
    ground.server.now += 2 * minute
    const second = await hook.next(1)
    await expectSigned(second)
    expect(second.headers['idempotency-key']).toBe(first.headers['idempotency-key'])
    expect(JSON.parse(second.body)).toMatchObject({
      ...{ id, state: 'verified' },
      credentials: { card: [{ claims: { name: '李雷' } }] },
    })
    ground.server.now += 60 * minute
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(hook.received.length).toBe(2)
  })

  it('comes as events, the last of them the result', async () => {
    const { token, ask } = await desk(ground.server, { role: 'verifier' })
    const mine = { ...ground, ask }
    const { id, link } = await asked(mine)
    const url = `${ground.server.url}/api/v1/verifications/${id}/events`
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const whole = answer.text()
    await presentTo(ground, link, [await newCredential(ground)])
    const events = (await whole).split('\n\n').filter((each) => each.startsWith('event:'))
    const states = events.map((each) => JSON.parse(each.split('\ndata: ')[1] ?? '').state)
    expect(states[0]).toBe('pending')
    expect(states.at(-1)).toBe('verified')
    expect(events.at(-1)).toContain('李雷')
  })

  async function expectSigned({ headers, body }: Received) {
    const input = readSignatureInput(String(headers['signature-input']))!
    const signature = readSignature(String(headers.signature), input.label)!
    const target = { method: 'POST', targetUri: hook.url, headers: headers as never }
    const base = signatureBase(target, input)!
    const { jwk, kid } = roleKey(ground.server, 'verifier')
    expect(input.keyId).toBe(kid)
    expect(input.components).toContain('content-digest')
    expect(headers['content-digest']).toBe(contentDigest(sha256, utf8(body)))
    expect(await verifyEs256(jwk, base, signature)).toBe(true)
  }
})

describe('the address of a webhook', () => {
  it.each([
    'http://example.org/x',
    'https://localhost/x',
    'https://127.0.0.1/x',
    'https://10.1.2.3/x',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest',
    'https://100.64.0.1/',
    'https://[::1]/',
    'https://[fd00::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://0x7f.1/',
    'https://user:pass@example.org/',
  ])('%s is refused in service', (address) => {
    expect(() => requireReachable(address, { development: false })).toThrow('validation failed')
  })

  it('may be any public https one, and in development this machine', () => {
    for (const address of [
      'https://example.org/x',
      'https://8.8.8.8/',
      'https://[2400:3200::1]/',
    ]) {
      requireReachable(address, { development: false })
    }
    requireReachable('http://localhost:3000/x', { development: true })
    expect(isPublic('172.32.0.1')).toBe(true)
    expect(isPublic('172.31.0.1')).toBe(false)
  })
})

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** An integrator's own server. */
async function openHook() {
  const received: Received[] = []
  const hook = {
    status: 204,
    received,
    url: '',
    async next(n: number): Promise<Received> {
      const patience = AbortSignal.timeout(10_000)
      for (;;) {
        const found = received[n]
        if (found) return found
        patience.throwIfAborted()
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    async close() {
      listener.close()
      listener.closeAllConnections()
      await once(listener, 'close')
    },
  }
  const listener = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ headers: request.headers, body })
    response.writeHead(hook.status).end()
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  hook.url = `http://localhost:${(listener.address() as AddressInfo).port}/hook`
  return hook
}
