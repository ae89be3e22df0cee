import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { clientIdOf, clientIdPrefixes } from '../../credentials/presentation/request-object.ts'
import {
  createVerification,
  prepareVerification,
  readVerification,
} from '../../credentials/presentation/verifications.ts'
import { requireReachable } from '../../credentials/presentation/webhook-address.ts'
import { FormatError } from '../../formats/error.ts'
import { type JsonObject, member, parseJsonObject } from '../../formats/json.ts'
import { scopesOf } from '../../identity/roles.ts'
import { principalOf } from '../admin/authenticate.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { verifierKey } from '../verifier-key.ts'
import { write } from '../write.ts'
import { askedSchema, renderAsked, renderResult, resultSchema } from './views.ts'

const query = z.object({
  response_code: z
    .string()
    .max(64)
    .optional()
    .describe('of the redirection, where there was a redirect_uri'),
})
const address = z.url({ protocol: /^https?$/ }).max(2048)

/** A DCQL query is read by its own reader; this is for readers of the document. */
const dcql = z
  .looseObject({
    credentials: z.array(
      z.looseObject({ id: z.string(), format: z.string().describe('dc+sd-jwt') }),
    ),
  })
  .describe('OpenID4VP 1.0 section 6')

const seconds = z.int().min(60).max(900)

const body = z.strictObject({
  dcql_query: dcql,
  transaction_data: z
    .array(z.looseObject({ type: z.string(), credential_ids: z.array(z.string()) }))
    .max(8)
    .optional(),
  client_id_prefix: z.enum(clientIdPrefixes).optional(),
  redirect_uri: address.optional().describe('for the same device: the browser comes back here'),
  webhook: address.optional().describe('the result is posted here, signed (RFC 9421)'),
  expires_in_seconds: seconds.optional().describe('300 by default'),
})

/** Asking wallets for credentials, and what they have shown (OpenID4VP 1.0). */
export function verificationRoutes(app: App, context: Context): void {
  postVerifications(app, context)
  getVerification(app, context)
  getVerificationEvents(app, context)
}

function postVerifications(app: App, context: Context): void {
  const { node, clock, publicUrl, development } = context
  app.post(
    '/verifications',
    {
      schema: {
        operationId: 'createVerification',
        summary: 'Ask a wallet to show credentials',
        description: 'Answers a link, also for a QR code. The result is told to who asked alone.',
        body,
        response: { 201: askedSchema },
      },
      config: { refusals: ['VERIFIER_UNAVAILABLE'] },
    },
    async (request, reply) => {
      const askedBy = askerOf(request)
      const given = readStrictly(request.rawBody)
      const { redirect_uri: redirectUri, webhook, client_id_prefix: prefix } = request.body
      for (const each of [redirectUri, webhook]) {
        if (each !== undefined) requireReachable(each, { development })
      }
      const prepared = await prepareVerification(node, {
        askedBy,
        clientId: clientIdOf(prefix ?? 'x509_hash', verifierKey(context), publicUrl),
        query: member(given, 'dcql_query') as JsonObject,
        transactionData: (member(given, 'transaction_data') ?? []) as readonly JsonObject[],
        ...(redirectUri !== undefined && { redirectUri }),
        seconds: request.body.expires_in_seconds ?? 300,
        now: clock(),
      })
      return write(context, request, reply, {
        principal: askedBy,
        nonces: [],
        answer: askedSchema,
        status: 201,
        work: async (tx) => {
          await createVerification(tx, prepared, webhook)
          return renderAsked(context, prepared)
        },
      })
    },
  )
}

function getVerification(app: App, context: Context): void {
  const { store, clock } = context
  app.get(
    '/verifications/:id',
    {
      schema: {
        operationId: 'getVerification',
        summary: 'What came of a verification',
        params: z.object({ id: idText }),
        querystring: query,
        response: { 200: resultSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const found = await readVerification(store.read, {
        ...{ id: request.params.id, askedBy: askerOf(request) },
      })
      const responseCode = request.query.response_code
      return renderResult(context, found, { responseCode, now: clock() })
    },
  )
}

function getVerificationEvents(app: App, context: Context): void {
  const { store } = context
  const ending = new AbortController()
  app.addHook('preClose', async () => ending.abort())
  app.get(
    '/verifications/:id/events',
    {
      schema: {
        operationId: 'streamVerification',
        summary: 'The same as events, until it is over',
        description: 'Event `verification` with what getVerification answers, at every change.',
        params: z.object({ id: idText }),
        querystring: query,
        response: {
          200: {
            description: 'server-sent events',
            content: { 'text/event-stream': { schema: z.string() } },
          },
        },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const key = { id: request.params.id, askedBy: askerOf(request) }
      await readVerification(store.read, key)
      const gone = new AbortController()
      reply.raw.on('close', () => gone.abort())
      const signal = AbortSignal.any([ending.signal, gone.signal])
      const told = { key, responseCode: request.query.response_code, signal }
      reply.header('content-type', 'text/event-stream; charset=utf-8')
      return reply.send(Readable.from(eventsOf(context, told)) as never)
    },
  )
}

/** One event at once, and one at every change. */
async function* eventsOf(
  context: Context,
  given: {
    key: { id: string; askedBy: string }
    responseCode: string | undefined
    signal: AbortSignal
  },
): AsyncGenerator<string> {
  const { store, clock } = context
  const { key, responseCode, signal } = given
  let last = ''
  for (let turn = 0; !signal.aborted; turn++) {
    const found = await readVerification(store.read, key)
    const result = renderResult(context, found, { responseCode, now: clock() })
    const version = `${result.state} ${found.refusals}`
    if (version !== last) yield `event: verification\ndata: ${JSON.stringify(result)}\n\n`
    else if (turn % 30 === 0) yield ': waiting\n\n'
    if (result.state !== 'pending') return
    last = version
    await sleep(500, undefined, { signal }).catch(() => {})
  }
}

/** The asker, with the permission. Refusals AUTH_REQUIRED, FORBIDDEN. */
function askerOf(request: Parameters<typeof principalOf>[0]): string {
  const principal = principalOf(request)
  scopesOf(principal, 'verifications.write')
  return `principal:${principal.id}`
}

/** The body once more, with the bounds of the formats: depth, names, numbers. */
function readStrictly(octets: Uint8Array): JsonObject {
  try {
    return parseJsonObject(octets)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new Refusal('VALIDATION_FAILED', { issues: [`body: ${error.message}`] })
  }
}
