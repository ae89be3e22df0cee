import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { makeChallenge, readChallenge } from '../../identity/challenges.ts'
import { readInvitation, useInvitation } from '../../identity/invitations.ts'
import { consumeNonce } from '../../identity/nonces.ts'
import { addPasskey, countPasskey, passkeyById } from '../../identity/passkey-owners.ts'
import {
  assertionOptions,
  challengeOf,
  registrationOptions,
  siteOf,
  verifyPasskey,
  verifyRegistration,
} from '../../identity/passkeys.ts'
import { readPrincipal } from '../../identity/principals.ts'
import { endSessions, readSession, startSession } from '../../identity/sessions.ts'
import type { Tx } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { deskToken, fromOwnPage, setDeskCookie } from '../desk-cookie.ts'
import { textOf } from '../paging.ts'
import { assertionResponse, ceremonyOptions, registrationResponse } from '../passkey-forms.ts'

const invitation = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const signedIn = z.object({ id: z.string().describe('the principal who is signed in now') })

/** How the union's staff sign in: a passkey, made with an invitation; then a session by cookie. */
export function signInRoutes(app: App, context: Context): void {
  postInvitation(app, context)
  postPasskeys(app, context)
  postSignInOptions(app, context)
  postSignIn(app, context)
}

function postInvitation(app: App, context: Context): void {
  const { store, node, clock, publicUrl } = context
  app.post(
    '/staff/invitation',
    {
      schema: {
        operationId: 'openInvitation',
        summary: 'Open an invitation: whom it is for, and the options to make a passkey with',
        body: z.strictObject({ invitation }),
        response: { 200: z.object({ name: z.string(), options: ceremonyOptions }) },
      },
      config: { refusals: ['ACTIVATION_INVALID'], unkeyed: true },
    },
    async (request) => {
      const now = clock()
      const token = request.body.invitation
      const { id, principalId, name } = await readInvitation(store.read, node, { token, now })
      const challenge = makeChallenge(node, `invitation:${id}`, { now })
      const user = { userId: principalId, userName: name, exclude: [] }
      const given = { ...user, siteName: node.nameZh, challenge }
      return { name, options: { ...(await registrationOptions(siteOf(publicUrl), given)) } }
    },
  )
}

function postPasskeys(app: App, context: Context): void {
  const { store, node, clock, publicUrl } = context
  app.post(
    '/staff/passkeys',
    {
      schema: {
        operationId: 'registerPasskey',
        summary: 'Take up an invitation with a new passkey, and be signed in',
        body: z.strictObject({
          invitation,
          name: textOf(64).default('passkey'),
          response: registrationResponse,
        }),
        response: { 201: signedIn },
      },
      config: {
        refusals: [
          ...(['ACTIVATION_INVALID', 'PROOF_INVALID', 'PROOF_REPLAYED'] as const),
          ...(['ALREADY_EXISTS', 'FORBIDDEN'] as const),
        ],
        unkeyed: true,
      },
    },
    async (request, reply) => {
      requireOwnPage(context, request)
      const now = clock()
      const { invitation: token, name, response } = request.body
      const open = await readInvitation(store.read, node, { token, now })
      const challenge = challengeOf(response)
      const nonce = readChallenge(node, `invitation:${open.id}`, { challenge, now })
      const passkey = await verifyRegistration(siteOf(publicUrl), { response, challenge })
      await signIn(context, { request, reply }, async (tx) => {
        await consumeNonce(tx, nonce)
        await useInvitation(tx, open.id, now)
        const owner = { principalId: open.principalId }
        await addPasskey(tx, owner, { passkey, name, now })
        return { ...owner, passkeyId: passkey.id }
      })
      return reply.code(201).send({ id: open.principalId })
    },
  )
}

function postSignInOptions(app: App, context: Context): void {
  const { node, clock, publicUrl } = context
  app.post(
    '/staff/sign-in/options',
    {
      schema: {
        operationId: 'createSignInOptions',
        summary: 'Options to show a passkey with; nobody is asked for a name',
        body: z.strictObject({}),
        response: { 200: ceremonyOptions },
      },
      config: { unkeyed: true },
    },
    async () => {
      const challenge = makeChallenge(node, 'sign-in', { now: clock() })
      return { ...(await assertionOptions(siteOf(publicUrl), { challenge })) }
    },
  )
}

function postSignIn(app: App, context: Context): void {
  const { store, node, clock, publicUrl } = context
  app.post(
    '/staff/sign-in',
    {
      schema: {
        operationId: 'signIn',
        summary: 'Sign in with a passkey: answers a session as a cookie',
        description: 'Also what is asked for after STEP_UP_REQUIRED: the session begins anew.',
        body: z.strictObject({ response: assertionResponse }),
        response: { 200: signedIn },
      },
      config: {
        refusals: ['AUTH_REQUIRED', 'PROOF_INVALID', 'PROOF_REPLAYED', 'FORBIDDEN'],
        unkeyed: true,
      },
    },
    async (request, reply) => {
      requireOwnPage(context, request)
      const now = clock()
      const { response } = request.body
      const challenge = challengeOf(response)
      const nonce = readChallenge(node, 'sign-in', { challenge, now })
      const passkey = await passkeyById(store.read, response.id)
      const principalId = passkey?.principalId
      if (!passkey || !principalId) throw new Refusal('PROOF_INVALID')
      const given = { response, challenge, passkey, userId: principalId }
      const { counter, backedUp } = await verifyPasskey(siteOf(publicUrl), given)
      await signIn(context, { request, reply }, async (tx) => {
        await consumeNonce(tx, nonce)
        if (!(await readPrincipal(tx, principalId))) throw new Refusal('AUTH_REQUIRED')
        await countPasskey(tx, { id: passkey.id, counter, backedUp, now })
        return { principalId, passkeyId: passkey.id }
      })
      return { id: principalId }
    },
  )
}

/** Does what proves it, ends the session the browser had, and gives it a new one. */
async function signIn(
  { store, node, clock }: Context,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  prove: (tx: Tx) => Promise<{ principalId: string; passkeyId: string }>,
): Promise<void> {
  const now = clock()
  const before = deskToken(request)
  const token = await store.transaction(async (tx) => {
    const by = await prove(tx)
    const old = before && (await readSession(tx, node, { token: before, now }))
    if (old) await endSessions(tx, { id: old.id }, now)
    return (await startSession(tx, node, { ...by, now })).token
  })
  setDeskCookie(reply, token)
}

/** Nobody is signed in from another's page, not even as themselves. Refusal FORBIDDEN. */
function requireOwnPage({ publicUrl }: Context, request: FastifyRequest): void {
  if (!fromOwnPage(request, publicUrl)) throw new Refusal('FORBIDDEN')
}
