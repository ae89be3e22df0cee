import { gzipSync } from 'node:zlib'

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { issuerMetadata, signedIssuerMetadata } from '../../credentials/issuance/metadata.ts'
import { showOffer } from '../../credentials/issuance/offers.ts'
import { membershipMetadata } from '../../credentials/membership-claims.ts'
import { createStatusPublisher, statusTtlSeconds } from '../../credentials/status-lists.ts'
import type { App } from '../app.ts'
import { wellKnownPath } from '../base-path.ts'
import type { Context } from '../context.ts'
import { namesSecurely } from '../secure-address.ts'

const jwtType = 'application/jwt'
const statusType = 'application/statuslist+jwt'
const jsonType = 'application/json; charset=utf-8'
/** For readers of the document: what is sent is text or octets already. */
const document = (name: string) =>
  z.looseObject({ [name]: z.string() }) as z.ZodType as z.ZodType<string | Uint8Array>
const token = (description: string, type: string) => ({
  description,
  content: { [type]: { schema: z.string() } },
})

/** What wallets and verifiers read of the issuer without proof. Open to every origin. */
export function issuerRoutes(app: App, context: Context): void {
  if (!namesSecurely(context)) return
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('access-control-allow-origin', '*')
  })
  getMetadata(app, context)
  getTypeMetadata(app, context)
  getOffer(app, context)
  getStatusLists(app, context)
}

function getMetadata(app: App, context: Context): void {
  const { publicUrl, clock } = context
  app.get(
    wellKnownPath('openid-credential-issuer', publicUrl),
    {
      schema: {
        operationId: 'getCredentialIssuer',
        summary: 'Credential issuer metadata (OpenID4VCI 1.0 section 12.2), signed if asked for',
        response: {
          200: {
            description: 'metadata',
            content: {
              'application/json': { schema: document('credential_issuer') },
              [jwtType]: { schema: z.string() },
            },
          },
        },
      },
    },
    async (request, reply) => {
      reply.header('vary', 'Accept').header('cache-control', 'public, max-age=300')
      if (quality(request, jwtType) > quality(request, 'application/json')) {
        return reply.type(jwtType).send(await signedIssuerMetadata(context, clock()))
      }
      return reply.type(jsonType).send(JSON.stringify(issuerMetadata(context)))
    },
  )
}

function getTypeMetadata(app: App, { publicUrl }: Context): void {
  const { octets } = membershipMetadata(publicUrl)
  app.get(
    '/vct/union-membership/1',
    {
      schema: {
        operationId: 'getMembershipType',
        summary: 'Type metadata of the membership credential (SD-JWT VC draft-19 section 6)',
        response: {
          200: {
            description: 'octets that vct#integrity is over',
            content: { 'application/json': { schema: document('vct') } },
          },
        },
      },
    },
    async (_request, reply) =>
      reply
        .header('cache-control', 'public, max-age=86400')
        .type(jsonType)
        .send(Buffer.from(octets)),
  )
}

function getOffer(app: App, { store, node, clock, publicUrl }: Context): void {
  app.get(
    '/offers/:offer_id',
    {
      schema: {
        operationId: 'getCredentialOffer',
        summary: 'A credential offer (OpenID4VCI 1.0 section 4.1), as often as it is asked for',
        params: z.object({ offer_id: z.string().max(64) }),
        response: {
          200: {
            description: 'the offer',
            content: { 'application/json': { schema: document('credential_issuer') } },
          },
        },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const asked = { id: request.params.offer_id, publicUrl, now: clock() }
      const offer = await showOffer(store.read, node, asked)
      return offer ? reply.type(jsonType).send(JSON.stringify(offer)) : reply.callNotFound()
    },
  )
}

function getStatusLists(app: App, context: Context): void {
  const publisher = createStatusPublisher(context)
  app.get(
    '/status',
    {
      schema: {
        operationId: 'listStatusLists',
        summary: 'Every status list in use (Token Status List draft-20 section 9.3)',
        response: { 200: z.object({ status_lists: z.array(z.string()).readonly() }) },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', `public, max-age=${statusTtlSeconds}`)
      return { status_lists: await publisher.aggregation() }
    },
  )
  app.get(
    '/status/:list',
    {
      schema: {
        operationId: 'getStatusList',
        summary: 'A status list token (Token Status List draft-20 section 8)',
        params: z.object({ list: z.string().max(16).describe('number of the list') }),
        response: {
          200: token('the token', statusType),
          304: z.null().describe('as it was'),
          406: z.null().describe('only as JWT'),
        },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { list } = request.params
      const number = /^[1-9][0-9]{0,4}$/.test(list) ? Number(list) : undefined
      const published = number === undefined ? undefined : await publisher.list(number)
      if (!published) return reply.callNotFound()
      if (quality(request, statusType) === 0) return reply.code(406).send(null)
      return tellList(request, reply, published)
    },
  )
}

/** Draft-20 section 8.2: compressed for who can read that, and nothing for who has it. */
function tellList(
  request: FastifyRequest,
  reply: FastifyReply,
  { token: text, etag }: { readonly token: string; readonly etag: string },
) {
  reply
    .header('cache-control', `public, max-age=${statusTtlSeconds}`)
    .header('etag', etag)
    .header('vary', 'Accept, Accept-Encoding')
  const known = String(request.headers['if-none-match'] ?? '').split(/\s*,\s*/)
  if (known.includes(etag)) return reply.code(304).send(null)
  reply.type(statusType)
  const zipped = /(^|,)\s*gzip\s*(;\s*q=(1|0\.[0-9]*[1-9]))?\s*(,|$)/i
  if (!zipped.test(String(request.headers['accept-encoding'] ?? ''))) return reply.send(text)
  return reply.header('content-encoding', 'gzip').send(gzipSync(text))
}

/** How much a media type is wanted (RFC 9110 section 12.5.1): the most specific range counts. */
function quality({ headers: { accept } }: FastifyRequest, type: string): number {
  if (accept === undefined || accept.trim() === '') return type === jwtType ? 0 : 1
  const ranges = new Map(
    accept.split(',').map((part) => {
      const [range = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase())
      const weight = parameters.find((each) => each.startsWith('q='))?.slice(2)
      return [range, weight === undefined ? 1 : Number(weight) || 0] as const
    }),
  )
  const [kind] = type.split('/')
  return ranges.get(type) ?? ranges.get(`${kind}/*`) ?? ranges.get('*/*') ?? 0
}
