import { timingSafeEqual } from 'node:crypto'

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { issueAccessToken, type TokenSubject } from '../../identity/access-tokens.ts'
import { activeDevice } from '../../identity/devices.ts'
import { consumeNonce, type Nonce } from '../../identity/nonces.ts'
import { activeClient, type Client, secretHash } from '../../identity/principals.ts'
import { claimedSubject, verifyAssertion, verifyDpop } from '../../identity/proofs.ts'
import { jwkOf } from '../../keys/es256.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const text = z.string().min(1).max(8192)

const form = z.discriminatedUnion('grant_type', [
  z.object({
    grant_type: z.literal('client_credentials'),
    client_assertion_type: z.literal(assertionType).optional(),
    client_assertion: text.optional(),
  }),
  z.object({ grant_type: z.literal(jwtBearer), assertion: text }),
])

type Grant = { readonly subject: TokenSubject; readonly nonces: readonly Nonce[] }

/** An OAuth error (RFC 6749 section 5.2): these endpoints keep the form of their specification. */
class OAuthError extends Error {
  readonly error: 'invalid_request' | 'invalid_client' | 'invalid_grant' | 'invalid_dpop_proof'
  constructor(error: OAuthError['error']) {
    super(error)
    this.error = error
  }
}

/** OAuth 2.0: client credentials for programs, JWT bearer (RFC 7523) with DPoP for devices. */
export function tokenRoutes(app: App, context: Context): void {
  const { publicUrl, node, store, clock } = context
  const endpoint = `${publicUrl}/oauth/token`
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 32_768 },
    async (_request: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
  )

  app.get('/.well-known/oauth-authorization-server', async () => ({
    issuer: publicUrl,
    token_endpoint: endpoint,
    grant_types_supported: ['client_credentials', jwtBearer],
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic'],
    token_endpoint_auth_signing_alg_values_supported: ['ES256'],
    dpop_signing_alg_values_supported: ['ES256'],
    response_types_supported: [],
  }))

  app.post('/oauth/token', { config: { unkeyed: true } }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    try {
      const { subject, nonces } = await grantOf(request)
      await store.transaction(async (tx) => {
        for (const nonce of nonces) await consumeNonce(tx, nonce)
      })
      const { token, expiresInSeconds } = await issueAccessToken(node, {
        issuer: publicUrl,
        subject,
        now: clock(),
      })
      const token_type = subject.kind === 'device' ? 'DPoP' : 'Bearer'
      return { access_token: token, token_type, expires_in: expiresInSeconds }
    } catch (error) {
      const told = oauthError(error)
      return reply.code(told.error === 'invalid_client' ? 401 : 400).send({ error: told.error })
    }
  })

  async function grantOf(request: FastifyRequest): Promise<Grant> {
    const read = form.safeParse(request.body)
    if (!read.success) throw new OAuthError('invalid_request')
    if (read.data.grant_type === jwtBearer) return deviceGrant(request, read.data.assertion)
    const { client_assertion: assertion } = read.data
    return assertion ? assertedClient(assertion) : basicClient(request.headers.authorization)
  }

  async function assertedClient(assertion: string): Promise<Grant> {
    const client = await clientOf(claimedSubject(assertion))
    if (!client?.jwk) throw new OAuthError('invalid_client')
    const nonce = await verifyAssertion(assertion, {
      jwk: { ...client.jwk, kty: 'EC', crv: 'P-256' },
      subject: client.id,
      audiences: [endpoint, publicUrl],
      now: clock(),
    }).catch(() => {
      throw new OAuthError('invalid_client')
    })
    return { subject: { kind: 'principal', id: client.id }, nonces: [nonce] }
  }

  async function basicClient(header: string | undefined): Promise<Grant> {
    const encoded = /^Basic ([A-Za-z0-9+/=]{1,1024})$/i.exec(header ?? '')?.[1] ?? ''
    const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString().split(':')
    const client = await clientOf(id)
    const given = secretHash(node, secret)
    const stored = client?.secretHash ?? new Uint8Array(32)
    if (!client || !timingSafeEqual(given, stored)) throw new OAuthError('invalid_client')
    return { subject: { kind: 'principal', id: client.id }, nonces: [] }
  }

  async function deviceGrant(request: FastifyRequest, assertion: string): Promise<Grant> {
    const id = claimedSubject(assertion)
    const device = isId(id) ? await activeDevice(store.read, id) : undefined
    if (!device) throw new OAuthError('invalid_grant')
    const now = clock()
    const proof = await verifyDpop(String(request.headers.dpop ?? ''), {
      method: 'POST',
      url: endpoint,
      now,
    }).catch(() => {
      throw new OAuthError('invalid_dpop_proof')
    })
    const nonce = await verifyAssertion(assertion, {
      jwk: jwkOf(device.spki),
      subject: device.id,
      audiences: [endpoint, publicUrl],
      now,
    })
    if (proof.thumbprint !== device.thumbprint) throw new OAuthError('invalid_dpop_proof')
    const subject = { kind: 'device', id: device.id, thumbprint: device.thumbprint } as const
    return { subject, nonces: [proof.nonce, nonce] }
  }

  async function clientOf(id: string | undefined): Promise<Client | undefined> {
    return isId(id) ? activeClient(store.read, id) : undefined
  }
}

function isId(id: string | undefined): id is string {
  return id !== undefined && /^[0-9a-f-]{36}$/.test(id)
}

function oauthError(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error
  if (error instanceof Refusal) return new OAuthError('invalid_grant')
  throw error
}
