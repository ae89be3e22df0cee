import type { FastifyReply } from 'fastify'
import { z } from 'zod'

import {
  type Delivery,
  deferredIntervalSeconds,
  deliver,
  deliverDeferred,
} from '../../credentials/issuance/deliver.ts'
import { issuancePaths } from '../../credentials/issuance/metadata.ts'
import { keepNotification, readNotification } from '../../credentials/issuance/notifications.ts'
import { readCredentialRequest, readDeferredRequest } from '../../credentials/issuance/requests.ts'
import { makeServerNonce } from '../../credentials/issuance/server-nonces.ts'
import { signCopies } from '../../credentials/issue.ts'
import type { Json } from '../../formats/json.ts'
import type { App } from '../app.ts'
import { openTo } from '../audience.ts'
import type { Context } from '../context.ts'
import { namesSecurely } from '../secure-address.ts'
import { giveNonce, openToOrigins, refusedSchema, tellInTheirForm } from './refusals.ts'
import { forWallet, readWalletCall } from './resource.ts'

const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
})
const refused = {
  400: json('in the words of OpenID4VCI 1.0', refusedSchema),
  401: json('RFC 9449 section 7.1, with a challenge', refusedSchema),
}
const delivered = z.object({
  credentials: z.array(z.object({ credential: z.string().describe('SD-JWT VC') })),
  notification_id: z.string().optional(),
})
const waiting = z.object({ transaction_id: z.string(), interval: z.int().describe('seconds') })
const walletProof = [{ walletToken: [], dpopProof: [] }]
const body = (properties: object) => z.unknown().meta({ type: 'object', properties })
const text = { type: 'string' }

/** The credential issuer's protected endpoints (OpenID4VCI 1.0 sections 7 to 11). */
export async function issuanceRoutes(app: App, { context }: { context: Context }): Promise<void> {
  if (!namesSecurely(context)) return
  openTo(app, { name: 'wallet', security: [], refusals: [] })
  app.addHook('onRequest', async (_request, reply) => openToOrigins(reply))
  postNonce(app, context)
  await app.register(async (own: App) => postCredential(own, context))
  await app.register(async (own: App) => postDeferred(own, context))
  await app.register(async (own: App) => postNotification(own, context))
  allowOrigins(app)
}

function postNonce(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    issuancePaths.nonce,
    {
      schema: {
        operationId: 'createNonce',
        summary: 'A nonce for key proofs, good once and for five minutes',
        response: { 200: z.object({ c_nonce: z.string() }) },
      },
      config: { unkeyed: true },
    },
    async (_request, reply) => {
      giveNonce(context, reply)
      return { c_nonce: makeServerNonce(node, 'c_nonce', clock()) }
    },
  )
}

function postCredential(app: App, context: Context): void {
  const { node, clock, publicUrl } = context
  tellInTheirForm(app, context, 'invalid_credential_request')
  app.post(
    issuancePaths.credential,
    {
      schema: {
        operationId: 'createCredentials',
        summary: 'One to ten copies of the membership credential (OpenID4VCI 1.0 section 8)',
        security: walletProof,
        body: body({ credential_configuration_id: text, proofs: { type: 'object' } }),
        response: { 200: json('signed', delivered), 202: json('deferred', waiting), ...refused },
      },
      config: { unkeyed: true },
    },
    async (request, reply) => {
      const call = await readWalletCall(context, request)
      const now = clock()
      const given = { audience: publicUrl, now }
      const { keys, nonces } = await readCredentialRequest(node, request.body as Json, given)
      const delivery = await forWallet(context, call, nonces, (tx, grant) =>
        deliver(tx, node, { grant, keys, now }),
      )
      return tell(context, reply, delivery, { deferred: false })
    },
  )
}

function postDeferred(app: App, context: Context): void {
  const { node, clock } = context
  tellInTheirForm(app, context, 'invalid_credential_request')
  app.post(
    issuancePaths.deferred,
    {
      schema: {
        operationId: 'createDeferredCredentials',
        summary: 'What had to wait, once it may go out (OpenID4VCI 1.0 section 9)',
        security: walletProof,
        body: body({ transaction_id: text }),
        response: { 200: json('signed', delivered), 202: json('not yet', waiting), ...refused },
      },
      config: { unkeyed: true },
    },
    async (request, reply) => {
      const call = await readWalletCall(context, request)
      const transactionId = readDeferredRequest(request.body as Json)
      const delivery = await forWallet(context, call, [], (tx, grant) =>
        deliverDeferred(tx, node, { grant, transactionId, now: clock() }),
      )
      return tell(context, reply, delivery, { deferred: true })
    },
  )
}

function postNotification(app: App, context: Context): void {
  tellInTheirForm(app, context, 'invalid_notification_request')
  app.post(
    issuancePaths.notification,
    {
      schema: {
        operationId: 'createNotification',
        summary: 'What became of an issuance (OpenID4VCI 1.0 section 11)',
        security: walletProof,
        body: body({ notification_id: text, event: text, event_description: text }),
        response: { 204: z.null().describe('kept'), ...refused },
      },
      config: { unkeyed: true },
    },
    async (request, reply) => {
      const call = await readWalletCall(context, request)
      const notification = readNotification(request.body as Json)
      const now = context.clock()
      await forWallet(context, call, [], (tx, grant) =>
        keepNotification(tx, notification, { grant, now }),
      )
      giveNonce(context, reply)
      return reply.code(204).send(null)
    },
  )
}

/** Signs after the transaction. What was deferred has no `notification_id`: wallets refuse one. */
async function tell(
  context: Context,
  reply: FastifyReply,
  delivery: Delivery,
  { deferred }: { readonly deferred: boolean },
) {
  giveNonce(context, reply)
  if ('transactionId' in delivery) {
    const { transactionId: transaction_id } = delivery
    return reply.code(202).send({ transaction_id, interval: deferredIntervalSeconds })
  }
  const { copies } = delivery
  const signed = await signCopies(context, copies)
  const credentials = signed.map((credential) => ({ credential }))
  const { issuanceId: notification_id } = copies
  return reply.send({ credentials, ...(!deferred && { notification_id }) })
}

/** A browser asks first (Fetch standard): wallets may be pages of any origin. */
function allowOrigins(app: App): void {
  for (const path of [...Object.values(issuancePaths), '/oauth/token']) {
    app.options(
      path,
      {
        schema: {
          hide: true,
          operationId: 'allowOrigins',
          summary: 'What a page of another origin may send',
          response: { 204: z.null().describe('allowed') },
        },
        config: { unkeyed: true },
      },
      async (_request, reply) =>
        reply
          .header('access-control-allow-methods', 'POST')
          .header('access-control-allow-headers', 'Authorization, Content-Type, DPoP')
          .header('access-control-max-age', '86400')
          .code(204)
          .send(null),
    )
  }
}
