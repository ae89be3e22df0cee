import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { makeChallenge, readChallenge } from '../../identity/challenges.ts'
import { consumeNonce } from '../../identity/nonces.ts'
import {
  addPasskey,
  type Passkey,
  passkeysOf,
  removePasskey,
} from '../../identity/passkey-owners.ts'
import {
  challengeOf,
  registrationOptions,
  siteOf,
  verifyRegistration,
} from '../../identity/passkeys.ts'
import type { Principal } from '../../identity/roles.ts'
import { endSessions, type Session } from '../../identity/sessions.ts'
import { describePrincipal } from '../../identity/staff.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema, textOf } from '../paging.ts'
import { ceremonyOptions, registrationResponse } from '../passkey-forms.ts'
import { principalOf, requireFresh } from './authenticate.ts'

const passkeySchema = z.object({
  id: z.string().describe('the credential id'),
  name: z.string(),
  backed_up: z.boolean().describe('copied between its owner’s machines'),
  this_one: z.boolean().describe('with which this session began'),
  created_at: instantSchema,
  last_used_at: instantSchema.optional(),
})

/** The passkeys of whoever is signed in with one. A program has none, and makes none. */
export function passkeyRoutes(app: App, context: Context): void {
  getPasskeys(app, context)
  postPasskeyOptions(app, context)
  postPasskeys(app, context)
  deletePasskey(app, context)
}

function getPasskeys(app: App, { store }: Context): void {
  app.get(
    '/passkeys',
    {
      schema: {
        operationId: 'listPasskeys',
        summary: 'The passkeys with which whoever asks may sign in',
        response: { 200: z.object({ items: z.array(passkeySchema) }) },
      },
    },
    async (request) => {
      const { id, session } = principalOf(request)
      const rows = await passkeysOf(store.read, { principalId: id })
      return { items: rows.map((row) => render(row, session?.passkeyId)) }
    },
  )
}

function postPasskeyOptions(app: App, context: Context): void {
  const { store, node, clock, publicUrl } = context
  app.post(
    '/passkeys/options',
    {
      schema: {
        operationId: 'createPasskeyOptions',
        summary: 'Options to make another passkey with',
        body: z.strictObject({}),
        response: { 200: ceremonyOptions },
      },
      config: { unkeyed: true },
    },
    async (request) => {
      const { id } = signedIn(context, request)
      const { name } = await describePrincipal(store.read, id)
      const held = await passkeysOf(store.read, { principalId: id })
      const given = {
        ...{
          siteName: node.nameZh,
          userId: id,
          userName: name,
          exclude: held.map((one) => one.id),
        },
        challenge: makeChallenge(node, `passkey:${id}`, { now: clock() }),
      }
      return { ...(await registrationOptions(siteOf(publicUrl), given)) }
    },
  )
}

function postPasskeys(app: App, context: Context): void {
  const { store, node, clock, publicUrl } = context
  app.post(
    '/passkeys',
    {
      schema: {
        operationId: 'addPasskey',
        summary: 'Add another passkey of one’s own',
        body: z.strictObject({ name: textOf(64), response: registrationResponse }),
        response: { 201: passkeySchema },
      },
      config: { refusals: ['PROOF_INVALID', 'PROOF_REPLAYED', 'ALREADY_EXISTS'], unkeyed: true },
    },
    async (request, reply) => {
      const { id, session } = signedIn(context, request)
      const now = clock()
      const { name, response } = request.body
      const challenge = challengeOf(response)
      const nonce = readChallenge(node, `passkey:${id}`, { challenge, now })
      const passkey = await verifyRegistration(siteOf(publicUrl), { response, challenge })
      const added = await store.transaction(async (tx) => {
        await consumeNonce(tx, nonce)
        return addPasskey(tx, { principalId: id }, { passkey, name, now })
      })
      return reply.code(201).send(render(added, session.passkeyId))
    },
  )
}

function deletePasskey(app: App, context: Context): void {
  const { store, clock } = context
  app.delete(
    '/passkeys/:id',
    {
      schema: {
        operationId: 'removePasskey',
        summary: 'Remove one of one’s own passkeys, but not the last; its sessions end',
        params: z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,200}$/) }),
        response: { 200: z.object({ id: z.string() }) },
      },
      config: { refusals: ['NOT_FOUND', 'VERSION_CONFLICT'], unkeyed: true },
    },
    async (request) => {
      const { id: principalId } = signedIn(context, request)
      const { id } = request.params
      const now = clock()
      await store.transaction(async (tx) => {
        await removePasskey(tx, { principalId }, { id, now })
        await endSessions(tx, { passkeyId: id }, now)
      })
      return { id }
    },
  )
}

/** Somebody who has just shown a passkey. Refusals FORBIDDEN (a program), STEP_UP_REQUIRED. */
function signedIn({ clock }: Context, request: FastifyRequest): Principal & { session: Session } {
  const principal = principalOf(request)
  const { session } = principal
  if (!session) throw new Refusal('FORBIDDEN')
  requireFresh(principal, clock())
  return { ...principal, session }
}

function render(row: Passkey, own: string | undefined): z.input<typeof passkeySchema> {
  return {
    ...{ id: row.id, name: row.name, backed_up: row.backedUp, this_one: row.id === own },
    created_at: row.createdAt,
    ...(row.lastUsedAt !== null && { last_used_at: row.lastUsedAt }),
  }
}
