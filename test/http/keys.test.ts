import { X509Certificate } from 'node:crypto'

import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { fromBase64 } from '../../src/base/bytes.ts'
import { openDeployment, serve } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import type { JsonObject } from '../../src/formats/json.ts'
import { readPublicJwk } from '../../src/formats/jwk.ts'
import { parseJws, signJws, verifyJws } from '../../src/formats/jws.ts'
import { openKeyring } from '../../src/keys/keyring.ts'
import { verifyWithJwk } from '../../src/keys/verify-jwk.ts'
import { mayIssue } from '../../src/trust/trusted-signers.ts'
import { answerOf, symbolon } from '../support/command-line.ts'
import { foundedAt, freshDeployment } from '../support/deployment.ts'
import { freePort } from '../support/process.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { publishOwnList } from '../support/trust.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer('sqlite')
})
afterAll(() => server.close())

type Issuer = { jwks: { keys: (JsonObject & { kid: string })[] } }

const get = (path: string, headers = {}) => fetch(`${server.url}${path}`, { headers })

describe('the keys of a node', () => {
  it('are a JWK Set with certificates, one for each role', async () => {
    const answer = await get('/.well-known/jwks.json')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
    const { keys } = (await answer.json()) as { keys: Record<string, string & string[]>[] }
    expect(keys).toHaveLength(6)
    for (const key of keys) {
      expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256' })
      expect(Object.keys(key)).not.toContain('d')
      const der = fromBase64(key.x5c?.[0] ?? '') ?? new Uint8Array(0)
      const jwk = new X509Certificate(der).publicKey.export({ format: 'jwk' })
      expect(jwk).toMatchObject({ x: key.x, y: key.y })
    }
  })

  it('that credentials are signed with are at the issuer’s well-known address', async () => {
    const answer = await get('/.well-known/jwt-vc-issuer')
    const { roles } = server.deployment.keyring
    expect(await answer.json()).toMatchObject({
      issuer: server.url,
      jwks: { keys: [{ kid: roles.current('issuer').kid }] },
    })
  })
})

describe('rotation', () => {
  it('leaves the old key in the set, behind the new one, which signs from the next start on', async () => {
    const { data, keyring } = server.deployment
    const old = keyring.roles.current('issuer')
    const ran = await symbolon(['keys', 'rotate', '--data', data, '--role', 'issuer', '--json'])
    const { kid } = answerOf(ran)
    await server.restart()
    const { jwks } = (await (await get('/.well-known/jwt-vc-issuer')).json()) as Issuer
    expect(jwks.keys.map((key) => key.kid)).toEqual([kid, old.kid])
    const signed = await signJws(old.sign, { typ: 'x' }, { a: 1 })
    const jws = parseJws(signed, { types: ['x'], algorithms: ['ES256'], maxLength: 1000 })
    const published = jwks.keys.find((key) => key.kid === old.kid)
    await verifyJws(verifyWithJwk, jws, readPublicJwk(published))
    const ground = { ...server.deployment, roles: openKeyring(data).roles, publicUrl: server.url }
    const trusted = { ...ground, trustRoots: keyring.trustRoots, clock: () => server.now }
    const type = `${server.url}/vct/union-membership/1`
    expect(await mayIssue(trusted, server.url, type, old.jwk)).toBe(true)
  })
})

describe('a node at a path', () => {
  it('has its well-known addresses before the path, and its own below it', async () => {
    const port = await freePort()
    const host = `http://localhost:${port}`
    const publicUrl = `${host}/nodes/nx`
    const deployment = await freshDeployment('sqlite', undefined, publicUrl)
    const config = readConfig({
      ...{ ...deployment.env, PORT: String(port), PUBLIC_URL: publicUrl, DEVELOPMENT: '1' },
    })
    const lines: string[] = []
    const clock = () => foundedAt
    const opened = await openDeployment({ data: deployment.data, config, clock })
    const log = pino({ level: 'warn' }, { write: (line) => lines.push(line) })
    const served = await serve(opened, { config, clock, log })
    const answer = await fetch(`${host}/.well-known/jwt-vc-issuer/nodes/nx`)
    expect(await answer.json()).toMatchObject({ issuer: publicUrl })
    expect((await fetch(`${host}/.well-known/jwt-vc-issuer`)).status).toBe(404)
    expect((await fetch(`${host}/nodes/nxx/.well-known/jwks.json`)).status).toBe(404)
    for (const base of [publicUrl, host]) {
      expect((await fetch(`${base}/.well-known/jwks.json`)).status).toBe(200)
    }
    expect(lines.filter((line) => /the key for|certified key/.test(line))).toEqual([])
    await served.close()
    await deployment.close()
  })
})

describe('a server whose keys are of another address', () => {
  it('says so at start, and that its keys are plain files', async () => {
    const deployment = await freshDeployment('sqlite', undefined, 'https://other.test')
    const config = readConfig({ ...deployment.env, PORT: '0' })
    const lines: string[] = []
    const clock = () => foundedAt
    const opened = await openDeployment({ data: deployment.data, config, clock })
    const log = pino({ level: 'warn' }, { write: (line) => lines.push(line) })
    const served = await serve(opened, { config, clock, log })
    await served.close()
    await deployment.close()
    expect(lines.join('')).toContain('the key for issuer: certificate does not name the address')
    expect(lines.join('')).toContain('the private keys are plain files')
  })
})

describe('the trust list', () => {
  it('is not there before there is one', async () => {
    expect((await get('/trust-list')).status).toBe(404)
  })

  it('is served as it was signed, and not again when it has not changed', async () => {
    const token = await publishOwnList(server)
    const answer = await get('/trust-list')
    expect(answer.headers.get('content-type')).toBe('application/trust-list+jwt')
    expect(await answer.text()).toBe(token)
    const tag = answer.headers.get('etag') ?? ''
    expect(tag).toMatch(/^"[0-9a-f]{32}"$/)
    expect((await get('/trust-list', { 'if-none-match': tag })).status).toBe(304)
    expect((await get('/trust-list', { 'if-none-match': '"x"' })).status).toBe(200)
  })
})
