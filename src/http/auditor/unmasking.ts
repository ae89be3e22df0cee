import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { challengeOfStatement, makeStatement } from '../../identity/passkey-approval.ts'
import { passkeysOf } from '../../identity/passkey-owners.ts'
import { assertionOptions, siteOf } from '../../identity/passkeys.ts'
import { scopesOf } from '../../identity/roles.ts'
import {
  decideUnmask,
  requestUnmask,
  toDecideUnmask,
  type UnmaskRequest,
  unmask,
  unmaskDigest,
  unmaskedUntil,
  unmaskRequestsWithin,
} from '../../identity/unmask.ts'
import { memberBehind, pseudonymOf } from '../../keys/pseudonym.ts'
import { unmaskReasons } from '../../store/schema/audit.ts'
import { signedByPasskey } from '../admin/approvals.ts'
import { adminWrite, principalOf } from '../admin/authenticate.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'
import { assertionResponse, ceremonyOptions } from '../passkey-forms.ts'

const unmaskRequest = z.object({
  id: z.string(),
  subject: z.string().describe('pseudonym'),
  reason: z.enum(unmaskReasons),
  state: z.enum(['waiting', 'approved', 'rejected', 'over']),
  mine: z.boolean().describe('asked by whoever reads this'),
  requested_by: z.string().describe('principal'),
  requested_at: instantSchema,
  decided_by: z.string().optional(),
  decided_at: instantSchema.optional(),
  until: instantSchema.optional().describe('a day after the approval'),
})

const byId = z.object({ id: idText })

/** Behind a pseudonym: asked with a reason, agreed to by another person, for a day. */
export function unmaskingRoutes(app: App, context: Context): void {
  postUnmaskRequest(app, context)
  getUnmaskRequests(app, context)
  postUnmaskOptions(app, context)
  postUnmaskDecision(app, context)
  getUnmasked(app, context)
}

function postUnmaskRequest(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/unmask-requests',
    {
      schema: {
        operationId: 'requestUnmask',
        summary: 'Ask who a pseudonym is; the member is shown that it was asked',
        body: z.strictObject({ subject: z.string().max(64), reason: z.enum(unmaskReasons) }),
        response: { 201: unmaskRequest },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const by = principalOf(request)
      const { subject, reason } = request.body
      return adminWrite(context, request, reply, {
        permission: 'audit.read',
        answer: unmaskRequest,
        status: 201,
        work: async (tx) => {
          const now = clock()
          const memberId = memberBehind(node, subject)
          if (memberId === undefined) throw new Refusal('NOT_FOUND')
          return render(context, by.id, await requestUnmask(tx, { memberId, reason, by, now }))
        },
      })
    },
  )
}

function getUnmaskRequests(app: App, context: Context): void {
  app.get(
    '/unmask-requests',
    {
      schema: {
        operationId: 'listUnmaskRequests',
        summary: 'Requests about members in one’s own scope, the latest first',
        querystring: pageQuery,
        response: { 200: pageOf(unmaskRequest) },
      },
    },
    async (request) => {
      const by = principalOf(request)
      const { after: before, limit } = request.query
      const wanted = { before, limit: limit + 1 }
      const orgPaths = scopesOf(by, 'audit.read')
      const rows = await unmaskRequestsWithin(context.store.read, orgPaths, wanted)
      return toPage(
        rows,
        limit,
        ({ id }) => id,
        (row) => render(context, by.id, row),
      )
    },
  )
}

function postUnmaskOptions(app: App, context: Context): void {
  const { store, node, clock, publicUrl } = context
  app.post(
    '/unmask-requests/:id/decisions/options',
    {
      schema: {
        operationId: 'createUnmaskOptions',
        summary: 'What a passkey signs to agree to a request or to reject it',
        description:
          'The statement is that of a batch’s approval; its batch is `unmask:` and the request.',
        params: byId,
        body: z.strictObject({ decision: z.enum(['approve', 'reject']) }),
        response: { 200: z.object({ statement: z.string(), options: ceremonyOptions }) },
      },
      config: { refusals: ['NOT_FOUND', 'ALREADY_EXISTS'], unkeyed: true },
    },
    async (request) => {
      const by = principalOf(request)
      if (!by.session) throw new Refusal('FORBIDDEN')
      const asked = await toDecideUnmask(store.read, request.params.id, by)
      const { decision } = request.body
      const said = { batchId: nameOf(asked.id), digest: unmaskDigest(asked), decision }
      const approver = { principalId: by.id, audience: publicUrl }
      const statement = makeStatement(node, approver, said, clock())
      const challenge = challengeOfStatement(statement)
      const allow = (await passkeysOf(store.read, { principalId: by.id })).map(({ id }) => id)
      const options = await assertionOptions(siteOf(publicUrl), { challenge, allow })
      return { statement, options: { ...options } }
    },
  )
}

function postUnmaskDecision(app: App, context: Context): void {
  app.post(
    '/unmask-requests/:id/decisions',
    {
      schema: {
        operationId: 'decideUnmask',
        summary: 'Another person agrees, or not, by passkey',
        params: byId,
        body: z.strictObject({
          statement: z.string().min(20).max(4096),
          passkey: assertionResponse,
        }),
        response: { 200: unmaskRequest },
      },
      config: {
        refusals: [
          ...['NOT_FOUND', 'PROOF_INVALID', 'PROOF_REPLAYED'],
          ...['SELF_APPROVAL', 'ALREADY_EXISTS'],
        ] as const,
      },
    },
    async (request, reply) => {
      const by = principalOf(request)
      const { id } = request.params
      const signed = await signedByPasskey(context, request, request.body)
      if (signed.batchId !== nameOf(id)) throw new Refusal('PROOF_INVALID')
      return adminWrite(context, request, reply, {
        permission: 'audit.read',
        answer: unmaskRequest,
        nonces: signed.nonces,
        work: async (tx) => {
          await signed.count(tx)
          const { decision, digest, kept: evidence } = signed
          const given = { by, decision, digest, evidence, now: context.clock() }
          return render(context, by.id, await decideUnmask(tx, id, given))
        },
      })
    },
  )
}

function getUnmasked(app: App, { store, node, clock }: Context): void {
  app.get(
    '/unmask-requests/:id/subject',
    {
      schema: {
        operationId: 'getUnmasked',
        summary: 'Who the member is; only for the one who asked, only for a day',
        description: 'Each reading is shown to the member among the looks at their record.',
        params: byId,
        response: {
          200: z.object({ name: z.string(), member_no: z.string(), until: instantSchema }),
        },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const by = principalOf(request)
      const asked = { id: request.params.id, by, now: clock() }
      const found = await store.transaction((tx) => unmask(tx, node, asked))
      return { name: found.name, member_no: found.memberNo, until: found.until }
    },
  )
}

/** What a statement calls a request, so that it can be taken for no batch. */
function nameOf(id: string): string {
  return `unmask:${id}`
}

function render(
  { node, clock }: Context,
  reader: string,
  row: UnmaskRequest,
): z.input<typeof unmaskRequest> {
  const until = unmaskedUntil(row)
  const over = until !== undefined && clock() >= until
  const decided = row.decision === 'approve' ? 'approved' : 'rejected'
  return {
    ...{ id: row.id, subject: pseudonymOf(node, row.memberId), reason: row.reason },
    state: row.decision === null ? 'waiting' : over ? 'over' : decided,
    ...{ mine: row.requestedBy === reader, requested_by: row.requestedBy },
    requested_at: row.requestedAt,
    ...(row.decidedBy !== null && { decided_by: row.decidedBy }),
    ...(row.decidedAt !== null && { decided_at: row.decidedAt }),
    ...(until !== undefined && { until }),
  }
}
