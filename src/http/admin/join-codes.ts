import { z } from 'zod'
import { requireScope, requireSight } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import {
  issueJoinCode,
  type JoinCode,
  listJoinCodes,
  readJoinCode,
  revokeJoinCode,
} from '../../identity/join-codes.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, textOf, toPage } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const orgCode = z.string().regex(organisationCode)
const joinCode = z.object({
  id: z.string(),
  org_code: z.string(),
  note: z.string(),
  created_at: instantSchema,
  ends_at: instantSchema.optional(),
  revoked_at: instantSchema.optional(),
})
const printed = joinCode.extend({
  code: z.string(),
  url: z.string().describe('what the printed QR code says'),
})

/** Codes that a union prints, so that people can apply to it. */
export function joinCodeRoutes(app: App, context: Context): void {
  postJoinCodes(app, context)
  getJoinCodes(app, context)
  postJoinCodeRevoke(app, context)
}

function postJoinCodes(app: App, context: Context): void {
  const { node, clock, publicUrl } = context
  app.post(
    '/join-codes',
    {
      schema: {
        operationId: 'createJoinCode',
        summary: 'A code with which anybody may apply to an organisation; told once',
        body: z.strictObject({
          org_code: orgCode,
          note: textOf(100).default('-'),
          ends_at: instantSchema.optional(),
        }),
        response: { 201: printed },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'members.write',
        answer: printed,
        status: 201,
        work: async (tx, { orgPaths, principalId: createdBy }) => {
          const { org_code, note, ends_at: endsAt = null } = request.body
          await requireScope(tx, orgPaths, org_code)
          const given = { orgCode: org_code, note, endsAt, createdBy, now: clock() }
          const { code, made } = await issueJoinCode(tx, node, given)
          return { ...render(made), code, url: `${publicUrl}/#/join/${code}` }
        },
      }),
  )
}

function getJoinCodes(app: App, { store }: Context): void {
  app.get(
    '/join-codes',
    {
      schema: {
        operationId: 'listJoinCodes',
        summary: 'The codes at or below an organisation, without what is printed',
        querystring: pageQuery.extend({ org_code: orgCode }),
        response: { 200: pageOf(joinCode) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { org_code, ...page } = request.query
      const { orgPaths } = actorOf(request, 'members.read')
      const within = await requireScope(store.read, orgPaths, org_code)
      const rows = await listJoinCodes(store.read, within, page)
      return toPage(rows, page.limit, ({ id }) => id, render)
    },
  )
}

function postJoinCodeRevoke(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/join-codes/:id/revoke',
    {
      schema: {
        operationId: 'revokeJoinCode',
        summary: 'End a code; applications that came by it stay',
        params: z.object({ id: idText }),
        body: z.strictObject({}),
        response: { 200: joinCode },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'members.write',
        answer: joinCode,
        work: async (tx, { orgPaths }) => {
          const { id } = request.params
          const before = await readJoinCode(tx, id)
          await requireSight(tx, orgPaths, { orgCode: before.orgCode, what: 'join_code' })
          await revokeJoinCode(tx, id, clock())
          return render(await readJoinCode(tx, id))
        },
      }),
  )
}

function render(row: JoinCode): z.input<typeof joinCode> {
  return {
    id: row.id,
    org_code: row.orgCode,
    note: row.note,
    created_at: row.createdAt,
    ...(row.endsAt !== null && { ends_at: row.endsAt }),
    ...(row.revokedAt !== null && { revoked_at: row.revokedAt }),
  }
}
