import { z } from 'zod'
import { requireScope } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import { invitationPath } from '../../identity/invitations.ts'
import { requireRole, roleNames } from '../../identity/roles.ts'
import { inviteStaff, listStaff, type StaffMember } from '../../identity/staff.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema, pageOf, pageQuery, textOf, toPage } from '../paging.ts'
import { actorOf, adminWrite, principalOf } from './authenticate.ts'

const invited = z.object({
  principal_id: z.string(),
  address: z.string().describe('for the invited person alone; told once'),
  expires_at: instantSchema,
})

const member = z.object({
  id: z.string(),
  name: z.string(),
  grants: z.array(
    z.object({ role: z.enum(roleNames), org_code: z.string(), org_name_zh: z.string() }),
  ),
  passkeys: z.int(),
  created_at: instantSchema,
  last_seen_at: instantSchema.optional(),
  invited_until: instantSchema.optional().describe('an invitation is open, or was left to lapse'),
  revoked_at: instantSchema.optional(),
  registered_by: z
    .object({ id: z.string(), name: z.string() })
    .optional()
    .describe('they count as this colleague until another has confirmed them (confirmPrincipal)'),
})

/** The union's staff: who there is, and inviting others. DELETE /principals/:id revokes. */
export function staffRoutes(app: App, context: Context): void {
  getStaff(app, context)
  postInvitations(app, context)
}

function getStaff(app: App, { store }: Context): void {
  app.get(
    '/staff',
    {
      schema: {
        operationId: 'listStaff',
        summary: 'The staff whose roles all lie within one’s own scope',
        querystring: pageQuery,
        response: { 200: pageOf(member) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'staff.write')
      const { after, limit } = request.query
      const rows = await listStaff(store.read, orgPaths, { after, limit: limit + 1 })
      return toPage(rows, limit, ({ id }) => id, render)
    },
  )
}

function postInvitations(app: App, context: Context): void {
  const { node, clock, publicUrl } = context
  app.post(
    '/invitations',
    {
      schema: {
        operationId: 'inviteStaff',
        summary: 'Register somebody with a role on a subtree and invite them to make a passkey',
        description:
          'Nobody gives more than they hold. The invited person counts as the inviting one where ' +
          'duties are separated, until a third has confirmed them (confirmPrincipal).',
        body: z.strictObject({
          name: textOf(64),
          role: z.enum(roleNames),
          org_code: z.string().regex(organisationCode),
        }),
        response: { 201: invited },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'staff.write',
        answer: invited,
        status: 201,
        work: async (tx, { principalId: invitedBy, orgPaths }) => {
          const { name, role, org_code: orgCode } = request.body
          const path = await requireScope(tx, orgPaths, orgCode)
          requireRole(principalOf(request), role, path)
          const given = { name, grants: [{ role, orgCode }], invitedBy, now: clock() }
          const { principalId, token, expiresAt } = await inviteStaff(tx, node, given)
          const address = `${publicUrl}${invitationPath(token, role)}`
          return { principal_id: principalId, address, expires_at: expiresAt }
        },
      }),
  )
}

function render(one: StaffMember): z.input<typeof member> {
  return {
    ...{ id: one.id, name: one.name, passkeys: one.passkeys, created_at: one.createdAt },
    grants: one.grants.map(({ role, orgCode, orgNameZh }) => ({
      ...{ role, org_code: orgCode, org_name_zh: orgNameZh },
    })),
    ...(one.lastSeenAt !== undefined && { last_seen_at: one.lastSeenAt }),
    ...(one.invitedUntil !== undefined && { invited_until: one.invitedUntil }),
    ...(one.revokedAt !== undefined && { revoked_at: one.revokedAt }),
    ...(one.registrar && { registered_by: one.registrar }),
  }
}
