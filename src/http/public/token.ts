import { timingSafeEqual } from 'node:crypto'

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { issueAccessToken, type TokenSubject } from '../../identity/access-tokens.ts'
import { activeDevice } from '../../identity/devices.ts'
import { consumeNonce, type Nonce } from '../../identity/nonces.ts'
import { activeClient, type Client, secretHash } from '../../identity/principals.ts'
import { claimedSubject, verifyAssertion, verifyDpop } from '../../identity/proofs.ts'
import { jwkOf } from '../../keys/es256.ts'
import type { App } from '../app.ts'
import { wellKnownPath } from '../base-path.ts'
import type { Context } from '../context.ts'
import { isWalletForm, tellWalletTokens, walletGrantTypes } from '../wallet/token.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const formType = 'application/x-www-form-urlencoded'
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

/** For readers: the form itself is read by `form`, and told in OAuth's own words. */
const formWords = {
  type: 'object',
  required: ['grant_type'],
  properties: {
    grant_type: { type: 'string', enum: ['client_credentials', jwtBearer] },
    client_assertion_type: { type: 'string', const: assertionType },
    client_assertion: { type: 'string', description: 'JWS by the key of the client' },
    assertion: { type: 'string', description: 'JWS by the key of the device, with jwt-bearer' },
  },
} as const
const grantedSchema = z.object({
  access_token: z.string(),
  token_type: z.enum(['Bearer', 'DPoP']),
  expires_in: z.int().describe('seconds'),
  refresh_token: z.string().optional().describe('for wallets'),
})
const refusedSchema = z.object({
  error: z.enum([
    ...(['invalid_request', 'invalid_client', 'invalid_grant', 'invalid_dpop_proof'] as const),
    'use_dpop_nonce',
  ]),
  error_description: z.string().optional(),
})

/** OAuth 2.0: client credentials for programs, JWT bearer (RFC 7523) with DPoP for devices. */
export function tokenRoutes(app: App, context: Context): void {
  app.addContentTypeParser(
    formType,
    { parseAs: 'string', bodyLimit: 32_768 },
    async (_request: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
  )
  getMetadata(app, context)
  postToken(app, context)
}

function getMetadata(app: App, context: Context): void {
  app.get(
    wellKnownPath('oauth-authorization-server', context.publicUrl),
    {
      schema: {
        operationId: 'getAuthorizationServer',
        summary: 'Authorization server metadata (RFC 8414)',
        response: { 200: z.looseObject({ issuer: z.string(), token_endpoint: z.string() }) },
      },
    },
    async () => ({
      issuer: context.publicUrl,
      token_endpoint: endpointOf(context),
      grant_types_supported: ['client_credentials', jwtBearer, ...walletGrantTypes],
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256'],
      dpop_signing_alg_values_supported: ['ES256'],
      response_types_supported: [],
      'pre-authorized_grant_anonymous_access_supported': true,
    }),
  )
}

function postToken(app: App, context: Context): void {
  const json = (description: string, schema: z.ZodType) => ({
    description,
    content: { 'application/json': { schema } },
  })
  app.post(
    '/oauth/token',
    {
      schema: {
        operationId: 'createToken',
        summary: 'Get an access token for ten minutes',
        description:
          'client_credentials with an assertion (private_key_jwt) or with a secret (Basic); ' +
          'or the JWT bearer grant with an assertion and a DPoP proof by an enrolled device. ' +
          'Assertions are ES256, about their issuer, for this endpoint, with exp and jti.',
        consumes: [formType],
        security: [{}, { clientSecret: [] }, { dpopProof: [] }],
        body: z.unknown().meta(formWords),
        response: {
          200: json('the token', grantedSchema),
          400: json('RFC 6749 section 5.2', refusedSchema),
          401: json('invalid_client', refusedSchema),
        },
      },
      config: { unkeyed: true },
    },
    async (request, reply) =>
      isWalletForm(request.body)
        ? tellWalletTokens(context, request, reply)
        : reply.send(await tokenFor(context, request, reply)),
  )
}

async function tokenFor(context: Context, request: FastifyRequest, reply: FastifyReply) {
  const { store, node, clock, publicUrl } = context
  try {
    const { subject, nonces } = await grantOf(context, request)
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
    reply.code(told.error === 'invalid_client' ? 401 : 400)
    return { error: told.error }
  }
}

async function grantOf(context: Context, request: FastifyRequest): Promise<Grant> {
  const read = form.safeParse(request.body)
  if (!read.success) throw new OAuthError('invalid_request')
  if (read.data.grant_type === jwtBearer) return deviceGrant(context, request, read.data.assertion)
  const { client_assertion: assertion } = read.data
  return assertion
    ? assertedClient(context, assertion)
    : basicClient(context, request.headers.authorization)
}

async function assertedClient(context: Context, assertion: string): Promise<Grant> {
  const client = await clientOf(context, claimedSubject(assertion))
  if (!client?.jwk) throw new OAuthError('invalid_client')
  const nonce = await verifyAssertion(assertion, {
    jwk: { ...client.jwk, kty: 'EC', crv: 'P-256' },
    subject: client.id,
    audiences: [endpointOf(context), context.publicUrl],
    now: context.clock(),
  }).catch(refusedAs('invalid_client'))
  return { subject: { kind: 'principal', id: client.id }, nonces: [nonce] }
}

async function basicClient(context: Context, header: string | undefined): Promise<Grant> {
  const encoded = /^Basic ([A-Za-z0-9+/=]{1,1024})$/i.exec(header ?? '')?.[1] ?? ''
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString().split(':')
  const client = await clientOf(context, id)
  const given = secretHash(context.node, secret)
  const stored = client?.secretHash ?? new Uint8Array(32)
  if (!client || !timingSafeEqual(given, stored)) throw new OAuthError('invalid_client')
  return { subject: { kind: 'principal', id: client.id }, nonces: [] }
}

async function deviceGrant(
  context: Context,
  request: FastifyRequest,
  assertion: string,
): Promise<Grant> {
  const id = claimedSubject(assertion)
  const device = isId(id) ? await activeDevice(context.store.read, id) : undefined
  if (!device) throw new OAuthError('invalid_grant')
  const now = context.clock()
  const proof = await verifyDpop(String(request.headers.dpop ?? ''), {
    method: 'POST',
    url: endpointOf(context),
    now,
  }).catch(refusedAs('invalid_dpop_proof'))
  const nonce = await verifyAssertion(assertion, {
    jwk: jwkOf(device.spki),
    subject: device.id,
    audiences: [endpointOf(context), context.publicUrl],
    now,
  })
  if (proof.thumbprint !== device.thumbprint) throw new OAuthError('invalid_dpop_proof')
  const subject = { kind: 'device', id: device.id, thumbprint: device.thumbprint } as const
  return { subject, nonces: [proof.nonce, nonce] }
}

async function clientOf({ store }: Context, id: string | undefined): Promise<Client | undefined> {
  return isId(id) ? activeClient(store.read, id) : undefined
}

function endpointOf({ publicUrl }: Context): string {
  return `${publicUrl}/oauth/token`
}

function isId(id: string | undefined): id is string {
  return id !== undefined && /^[0-9a-f-]{36}$/.test(id)
}

/** A bad proof is told in OAuth's words; a mistake of ours stays one. */
function refusedAs(error: OAuthError['error']) {
  return (thrown: unknown): never => {
    throw thrown instanceof Refusal ? new OAuthError(error) : thrown
  }
}

function oauthError(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error
  if (error instanceof Refusal) return new OAuthError('invalid_grant')
  throw error
}
