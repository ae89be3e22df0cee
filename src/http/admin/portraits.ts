import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { requireSight } from '../../benefits/scope.ts'
import { recordLook } from '../../identity/looks.ts'
import { type WaitingPortrait, waitingPortraits } from '../../identity/portrait-queue.ts'
import { decidePortrait, openPortrait, readPortrait } from '../../identity/portraits.ts'
import { orgOfMember } from '../../identity/transfer-lists.ts'
import { portraitReasons, portraitStates } from '../../store/schema/portraits.ts'
import type { Reader } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'
import { actorOf, adminWrite, principalOf } from './authenticate.ts'

/** Who decides about portraits, and so who sees them. */
const permission = 'members.write'

const waiting = z.object({
  id: z.string(),
  given_at: instantSchema,
  member: z.object({ id: z.string(), member_no: z.string(), name: z.string() }),
  organisation: z.object({ code: z.string(), name: z.string() }),
})
const shown = z.object({ id: z.string(), jpeg: z.string().describe('base64url') })
const decided = z.object({ id: z.string(), state: z.enum(portraitStates) })
const params = z.object({ id: idText })

/** Portraits that wait for the union: seen one by one, accepted or refused. */
export function portraitRoutes(app: App, context: Context): void {
  getPortraits(app, context)
  getPortrait(app, context)
  postPortraitDecisions(app, context)
}

function getPortraits(app: App, { store }: Context): void {
  app.get(
    '/portraits',
    {
      schema: {
        operationId: 'listPortraits',
        summary: 'The portraits that wait for a decision, the oldest first, without the pictures',
        querystring: pageQuery,
        response: { 200: pageOf(waiting) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, permission)
      const rows = await waitingPortraits(store.read, orgPaths, request.query)
      return toPage(rows, request.query.limit, ({ id }) => id, render)
    },
  )
}

function getPortrait(app: App, context: Context): void {
  const { store, node, clock } = context
  app.get(
    '/portraits/:id',
    {
      schema: {
        operationId: 'lookAtPortrait',
        summary: 'The picture; the look is written down, and the member can read that',
        params,
        response: { 200: shown },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, permission)
      const row = await readPortrait(store.read, request.params.id)
      const path = await within(store.read, orgPaths, row.memberId)
      const jpeg = row.state === 'waiting' && (await openPortrait(store.read, node, row))
      if (!jpeg) throw new Refusal('NOT_FOUND', { what: 'portrait' })
      const held = orgPaths.find((one) => path.startsWith(one)) ?? ''
      const look = { memberId: row.memberId, by: principalOf(request), within: held, now: clock() }
      await store.transaction((tx) => recordLook(tx, { ...look, permission }))
      return { id: row.id, jpeg: toBase64url(jpeg) }
    },
  )
}

function postPortraitDecisions(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/portraits/:id/decisions',
    {
      schema: {
        operationId: 'decidePortrait',
        summary: 'Accept a waiting portrait, or refuse it with a reason that the member is told',
        description: 'Never one’s own: SELF_APPROVAL. Once accepted, the credential follows.',
        params,
        body: z.discriminatedUnion('decision', [
          z.strictObject({ decision: z.literal('accept') }),
          z.strictObject({ decision: z.literal('refuse'), reason: z.enum(portraitReasons) }),
        ]),
        response: { 200: decided },
      },
      config: { refusals: ['NOT_FOUND', 'VERSION_CONFLICT', 'SELF_APPROVAL'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        ...{ permission, answer: decided },
        work: async (tx, { orgPaths, principalId, personId }) => {
          const { id } = request.params
          await within(tx, orgPaths, (await readPortrait(tx, id)).memberId)
          const { body } = request
          const reason = body.decision === 'refuse' ? body.reason : undefined
          const by = { principalId, personId }
          const { state } = await decidePortrait(tx, { id, by, reason, now: clock() })
          return { id, state }
        },
      }),
  )
}

/** The path of the member's organisation. Refusal NOT_FOUND from outside, as for none. */
async function within(reader: Reader, orgPaths: readonly string[], memberId: string) {
  const orgCode = await orgOfMember(reader, memberId)
  return requireSight(reader, orgPaths, { orgCode, what: 'portrait' })
}

function render(row: WaitingPortrait): z.input<typeof waiting> {
  return {
    ...{ id: row.id, given_at: row.givenAt },
    member: { id: row.memberId, member_no: row.memberNo, name: row.name },
    organisation: { code: row.orgCode, name: row.orgNameZh },
  }
}
