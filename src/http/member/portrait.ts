import { z } from 'zod'

import { fromBase64url, toBase64url } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { portraitSize } from '../../formats/jpeg.ts'
import {
  givePortrait,
  openPortrait,
  type Portrait,
  portraitsOf,
  removePortraits,
} from '../../identity/portraits.ts'
import { portraitReasons } from '../../store/schema/portraits.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema } from '../paging.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'

const mostLetters = Math.ceil((portraitSize.octets * 4) / 3)

const kept = z.object({
  digest: z.string().describe('base64url of SHA-256 of the JPEG'),
  jpeg: z.string().describe('base64url'),
  given_at: instantSchema,
})
const held = z.object({
  accepted: kept.optional().describe('what credentials state, as `photo_digest`'),
  waiting: kept.optional().describe('of no account until the union has accepted it'),
  refused: z
    .object({ reason: z.enum(portraitReasons), at: instantSchema })
    .optional()
    .describe('the latest, while nothing was given since'),
})
const given = z.object({ digest: z.string(), given_at: instantSchema })

/** The member's own portrait: given, seen and taken back. Nobody else's is reached from here. */
export function portraitRoutes(app: App, context: Context): void {
  getPortrait(app, context)
  postPortrait(app, context)
  deletePortrait(app, context)
}

function getPortrait(app: App, { store, node }: Context): void {
  app.get(
    '/me/portrait',
    {
      schema: {
        operationId: 'getMyPortrait',
        summary: 'The portrait that was accepted, the one that waits, and what became of the last',
        response: { 200: held },
      },
    },
    async (request) => {
      const rows = await portraitsOf(store.read, memberOf(request).memberId)
      const [latest] = rows
      const told = async (state: Portrait['state']) => {
        const row = rows.find((one) => one.state === state)
        const jpeg = row && (await openPortrait(store.read, node, row))
        if (!row?.digest || !jpeg) return undefined
        return { digest: row.digest, jpeg: toBase64url(jpeg), given_at: row.givenAt }
      }
      const [accepted, waiting] = [await told('accepted'), await told('waiting')]
      return {
        ...(accepted && { accepted }),
        ...(waiting && { waiting }),
        ...(latest?.reason && {
          refused: { reason: latest.reason, at: latest.decidedAt ?? latest.givenAt },
        }),
      }
    },
  )
}

function postPortrait(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/me/portrait',
    {
      schema: {
        operationId: 'giveMyPortrait',
        summary: 'Give a portrait; it waits until the union has accepted it',
        description:
          'A JPEG (baseline or progressive) of 360 by 480 pixels, at most 60 000 octets, without ' +
          'any metadata: no segment but a bare JFIF head besides the picture, nothing behind its ' +
          'end. PICTURE_UNFIT says why not: `not_jpeg`, `too_large`, `dimensions`, `metadata`.',
        body: z.strictObject({
          jpeg: z
            .string()
            .min(1)
            .max(2 * mostLetters)
            .describe('base64url'),
        }),
        response: { 201: given },
      },
      config: { refusals: ['PICTURE_UNFIT', 'NOT_FOUND', 'ALREADY_EXISTS'] },
    },
    async (request, reply) => {
      const { memberId, nonce } = memberOf(request)
      return write(context, request, reply, {
        ...{ principal: `member:${memberId}`, nonces: [nonce], answer: given, status: 201 },
        work: async (tx) => {
          const jpeg = fromBase64url(request.body.jpeg)
          if (!jpeg) throw new Refusal('PICTURE_UNFIT', { why: 'not_jpeg' })
          const made = await givePortrait(tx, node, { memberId, jpeg, now: clock() })
          return { digest: made.digest ?? '', given_at: made.givenAt }
        },
      })
    },
  )
}

function deletePortrait(app: App, context: Context): void {
  const { clock } = context
  app.delete(
    '/me/portrait',
    {
      schema: {
        operationId: 'removeMyPortrait',
        summary: 'Take the portrait back, the accepted and the waiting one; the card follows',
        response: { 200: z.object({}) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { memberId, nonce } = memberOf(request)
      return write(context, request, reply, {
        ...{ principal: `member:${memberId}`, nonces: [nonce], answer: z.object({}) },
        work: async (tx) => {
          await removePortraits(tx, { memberId, now: clock() })
          return {}
        },
      })
    },
  )
}
