import { z } from 'zod'

import { makeChallenge, readChallenge } from '../../identity/challenges.ts'
import { addPasskey, passkeysOf, removePasskey } from '../../identity/passkey-owners.ts'
import {
  challengeOf,
  registrationOptions,
  siteOf,
  verifyRegistration,
} from '../../identity/passkeys.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema, textOf } from '../paging.ts'
import { ceremonyOptions, registrationResponse } from '../passkey-forms.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'

const passkey = z.object({
  id: z.string().describe('the credential id'),
  name: z.string(),
  created_at: instantSchema,
  last_used_at: instantSchema.optional(),
})

const gone = z.object({ id: z.string() })

/** The member's passkeys: with one, a new browser is theirs without a code. */
export function passkeyRoutes(app: App, context: Context): void {
  getMyPasskeys(app, context)
  getMyPasskeyOptions(app, context)
  postMyPasskeys(app, context)
  deleteMyPasskey(app, context)
}

function getMyPasskeys(app: App, { store }: Context): void {
  app.get(
    '/me/passkeys',
    {
      schema: {
        operationId: 'listMyPasskeys',
        summary: 'The member’s passkeys',
        response: { 200: z.object({ items: z.array(passkey) }) },
      },
    },
    async (request) => {
      const { memberId } = memberOf(request)
      const rows = await passkeysOf(store.read, { memberId })
      return {
        items: rows.map(({ id, name, createdAt, lastUsedAt }) => ({
          ...{ id, name, created_at: createdAt },
          ...(lastUsedAt !== null && { last_used_at: lastUsedAt }),
        })),
      }
    },
  )
}

function getMyPasskeyOptions(app: App, context: Context): void {
  const { store, node, clock, publicUrl } = context
  app.get(
    '/me/passkeys/options',
    {
      schema: {
        operationId: 'getMyPasskeyOptions',
        summary: 'Options to make a passkey with, good for five minutes',
        response: { 200: ceremonyOptions },
      },
    },
    async (request) => {
      const { memberId } = memberOf(request)
      const held = await passkeysOf(store.read, { memberId })
      const given = {
        // What the phone's list of passkeys shows. No name and no number: others may see it.
        ...{ siteName: node.nameZh, userId: memberId, userName: node.nameZh },
        exclude: held.map(({ id }) => id),
        challenge: makeChallenge(node, purposeOf(memberId), { now: clock() }),
      }
      return { ...(await registrationOptions(siteOf(publicUrl), given)) }
    },
  )
}

function postMyPasskeys(app: App, context: Context): void {
  const { node, clock, publicUrl } = context
  app.post(
    '/me/passkeys',
    {
      schema: {
        operationId: 'addMyPasskey',
        summary: 'Add a passkey',
        body: z.strictObject({
          name: textOf(64).default('passkey'),
          response: registrationResponse,
        }),
        response: { 201: passkey },
      },
      config: { refusals: ['ALREADY_EXISTS'] },
    },
    async (request, reply) => {
      const { memberId, nonce } = memberOf(request)
      const now = clock()
      const { name, response } = request.body
      const challenge = challengeOf(response)
      const used = readChallenge(node, purposeOf(memberId), { challenge, now })
      const made = await verifyRegistration(siteOf(publicUrl), { response, challenge })
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce, used],
        answer: passkey,
        status: 201,
        work: async (tx) => {
          const { id } = await addPasskey(tx, { memberId }, { passkey: made, name, now })
          return { id, name, created_at: now }
        },
      })
    },
  )
}

function deleteMyPasskey(app: App, context: Context): void {
  const { clock } = context
  app.delete(
    '/me/passkeys/:id',
    {
      schema: {
        operationId: 'removeMyPasskey',
        summary: 'Remove a passkey',
        params: z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,200}$/) }),
        response: { 200: gone },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { memberId, nonce } = memberOf(request)
      const { id } = request.params
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: gone,
        work: async (tx) => {
          await removePasskey(tx, { memberId }, { id, now: clock() })
          return { id }
        },
      })
    },
  )
}

function purposeOf(memberId: string): string {
  return `member:${memberId}`
}
