import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { Weather } from '../../base/refusal.ts'
import { requestObject } from '../../credentials/presentation/request-object.ts'
import {
  type PostedForm,
  refusalOf,
  requireOpen,
  takeResponse,
} from '../../credentials/presentation/take-response.ts'
import type { VerifierGround } from '../../credentials/presentation/verify-response.ts'
import { createStatusCache } from '../../credentials/status-cache.ts'
import { FormatError } from '../../formats/error.ts'
import { trustedIssuer, trustedStatusSigner } from '../../trust/trusted-signers.ts'
import type { App } from '../app.ts'
import { openTo } from '../audience.ts'
import type { Context } from '../context.ts'
import { namesSecurely } from '../secure-address.ts'

const formType = 'application/x-www-form-urlencoded'
const requestType = 'application/oauth-authz-req+jwt'
const params = z.object({ request_id: z.string().max(64).describe('22 letters of base64url') })
const refusedSchema = z.object({
  error: z.enum(['invalid_request', 'invalid_request_uri']),
  error_description: z.string().describe('a stable code: why'),
})
const takenSchema = z.object({
  redirect_uri: z.string().optional().describe('where the browser goes, with a response code'),
})

/**
 * The verifier as wallets meet it (OpenID4VP 1.0): the request by reference, fetched as often as a
 * wallet likes, and the place where it answers. They keep the form of their specification.
 */
export async function presentationRoutes(
  app: App,
  { context }: { context: Context },
): Promise<void> {
  if (!namesSecurely(context)) return
  openTo(app, { name: 'wallet', security: [], refusals: [] })
  app.addContentTypeParser(
    formType,
    { parseAs: 'string', bodyLimit: 262_144 },
    async (_request: FastifyRequest, body: string) => readForm(body),
  )
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('access-control-allow-origin', '*') // wallets that are pages of other origins
  })
  const { clock, development: plainHttp } = context
  const signer = (issuer: string) => trustedStatusSigner(context, issuer)
  const statuses = createStatusCache({ signer, clock, plainHttp })
  const statusOf: VerifierGround['statusOf'] = (reference, issuer) =>
    statuses.statusOf(reference, issuer).catch((error: unknown) => {
      if (!(error instanceof Weather)) throw error
      throw new FormatError('STATUS_UNKNOWN', 'status list cannot be had')
    })
  const trust = trustedIssuer(context)
  getRequest(app, context)
  postRequest(app, context)
  postResponse(app, context, () => ({ trust, statusOf, now: clock() }))
}

const requestAnswers = {
  200: {
    description: 'the signed request, a JWT',
    content: { [requestType]: { schema: z.string() } },
  },
  400: jsonOf('malformed', refusedSchema),
  404: jsonOf('no such request', refusedSchema),
  410: jsonOf('expired, or answered', refusedSchema),
}

function getRequest(app: App, context: Context): void {
  app.get(
    '/vp/:request_id',
    {
      schema: {
        operationId: 'getPresentationRequest',
        summary: 'The signed request of a verification (OpenID4VP 1.0 section 5.10)',
        params,
        response: requestAnswers,
      },
    },
    (request, reply) => tellRequest(context, reply, request.params.request_id, undefined),
  )
}

function postRequest(app: App, context: Context): void {
  app.post(
    '/vp/:request_id',
    {
      schema: {
        operationId: 'postPresentationRequest',
        summary: 'The same with the wallet’s nonce in it (request_uri_method post)',
        consumes: [formType],
        params,
        body: z.unknown().meta({
          type: 'object',
          properties: { wallet_nonce: { type: 'string' }, wallet_metadata: { type: 'string' } },
        }),
        response: requestAnswers,
      },
      config: { unkeyed: true },
    },
    (request, reply) => {
      const form = formOf(request)
      const walletNonce = form?.wallet_nonce
      const good = form !== undefined && /^[\x21-\x7e]{0,512}$/.test(walletNonce ?? '')
      if (!good) return refuse(reply, 400, 'REQUEST_MALFORMED')
      return tellRequest(context, reply, request.params.request_id, walletNonce)
    },
  )
}

function postResponse(app: App, context: Context, ground: () => VerifierGround): void {
  app.post(
    '/vp/:request_id/response',
    {
      schema: {
        operationId: 'postPresentation',
        summary: 'A wallet’s answer, encrypted (OpenID4VP 1.0 section 8.3.1, direct_post.jwt)',
        consumes: [formType],
        params,
        body: z.unknown().meta({
          type: 'object',
          properties: { response: { type: 'string', description: 'compact JWE, ECDH-ES' } },
        }),
        response: {
          200: jsonOf('it was accepted', takenSchema),
          400: jsonOf('it was refused', refusedSchema),
          404: jsonOf('no such request', refusedSchema),
          410: jsonOf('expired, or answered', refusedSchema),
        },
      },
      config: { unkeyed: true },
    },
    async (request, reply) => {
      const form = formOf(request)
      if (!form) return refuse(reply, 400, 'RESPONSE_MALFORMED')
      const requestId = request.params.request_id
      try {
        const { redirectUri } = await takeResponse(context, { requestId, form }, ground())
        return reply.send({ ...(redirectUri !== undefined && { redirect_uri: redirectUri }) })
      } catch (error) {
        return refuseBy(reply, error)
      }
    },
  )
}

async function tellRequest(
  context: Context,
  reply: FastifyReply,
  requestId: string,
  walletNonce: string | undefined,
): Promise<FastifyReply> {
  const { store, roles, publicUrl, clock } = context
  try {
    const now = clock()
    const verification = await requireOpen(store, requestId, { now })
    const given = { publicUrl, walletNonce, now }
    const signed = await requestObject(roles.current('verifier'), verification, given)
    return reply.type(requestType).send(signed)
  } catch (error) {
    return refuseBy(reply, error)
  }
}

const statuses: Readonly<Record<string, number>> = {
  REQUEST_UNKNOWN: 404,
  REQUEST_EXPIRED: 410,
  REQUEST_ANSWERED: 410,
}

/** What is no refusal is a mistake of ours, and stays one. */
function refuseBy(reply: FastifyReply, thrown: unknown): FastifyReply {
  const code = refusalOf(thrown)
  if (code === undefined) throw thrown
  return refuse(reply, statuses[code] ?? 400, code)
}

function refuse(reply: FastifyReply, status: number, code: string): FastifyReply {
  const error = status === 400 ? 'invalid_request' : 'invalid_request_uri'
  return reply.code(status).type('application/json').send({ error, error_description: code })
}

/** `undefined` for a form with a member twice (RFC 6749 section 3.1), and for no form at all. */
function readForm(body: string): PostedForm | undefined {
  const pairs = [...new URLSearchParams(body)]
  const form = Object.fromEntries(pairs)
  return Object.keys(form).length === pairs.length ? form : undefined
}

function formOf({ headers, body, rawBody }: FastifyRequest): PostedForm | undefined {
  if (headers['content-type']?.startsWith(formType)) return body as PostedForm | undefined
  return rawBody.length === 0 && !body ? {} : undefined
}

function jsonOf(description: string, schema: z.ZodType) {
  return { description, content: { 'application/json': { schema } } }
}
