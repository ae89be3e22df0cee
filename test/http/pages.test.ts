import { connect } from 'node:net'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { refusalCodes } from '../../src/base/refusal-codes.ts'
import { startServer, type TestServer } from '../support/server.ts'

describe('what every answer says of itself', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer('sqlite')
  })
  afterAll(() => server.close())
  const get = (path: string, headers = {}) => fetch(`${server.url}${path}`, { headers })

  it.each([
    '/healthz',
    '/docs/',
    '/docs/problems',
    '/openapi.json',
    '/api/v1/me/rights',
    '/nowhere',
    '/api/v1/nowhere',
    '/%zz',
    `/api/v1/admin/members/${'x'.repeat(300)}`,
  ])('is not guessed at, and does not tell where from: %s', async (path) => {
    const { headers, status } = await get(path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';/)
    if (path.startsWith('/api')) expect(headers.get('cache-control')).toBe('no-store')
    if (status >= 400) expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
  })

  it('is kept by no cache under /api, whatever the audience', async () => {
    for (const path of ['/admin/members', '/audit/checkpoint', '/me/vouchers', '/terminal/info']) {
      const { headers, status } = await get(`/api/v1${path}`)
      expect(status).toBe(401)
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  it('reads /docs/problems: every code, its status and words, where `type` points', async () => {
    const page = await (await get('/docs/problems')).text()
    const problem = (await (await get('/nowhere')).json()) as { type: string }
    expect(problem.type).toBe('/docs/problems#not_found')
    for (const code of [...refusalCodes, 'INTERNAL']) {
      expect(page).toContain(`<section id="${code.toLowerCase()}">`)
      expect(page).toContain(`>${code}</a>`)
    }
    expect(page).toContain('此券已核销')
    expect(page).toContain('Already redeemed')
    expect(page).not.toMatch(/https?:\/\/|<script|<img|<link|@import/)
  })

  it('opens /docs with files of its own origin only, and a policy that holds it to that', async () => {
    const answer = await get('/docs/')
    const page = await answer.text()
    const loaded = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, at]) => at)
    expect(loaded).toEqual(['js/scalar.js'])
    expect(page).not.toMatch(/https?:\/\//)
    const policy = answer.headers.get('content-security-policy') ?? ''
    for (const rule of [
      /script-src 'self' 'sha256-/,
      /connect-src 'self';/,
      /font-src 'self' data:;/,
    ]) {
      expect(policy).toMatch(rule)
    }
    expect(policy).not.toMatch(/https?:|\*|'unsafe-eval'/)
    expect((await get('/docs/js/scalar.js')).status).toBe(200)
  })

  it('does not stumble over a Host that is no host', async () => {
    const { hostname, port } = new URL(server.url)
    for (const path of ['/docs', '/docs/', '/healthz']) {
      const text = await new Promise<string>((resolve) => {
        const socket = connect(Number(port), hostname)
        let read = ''
        socket.on('data', (data) => {
          read += data.toString('latin1')
        })
        socket.on('close', () => resolve(read))
        socket.write(`GET ${path} HTTP/1.1\r\nHost: [%%\r\nConnection: close\r\n\r\n`)
      })
      expect(text).toMatch(/^HTTP\/1\.1 [234]/)
    }
  })
})
