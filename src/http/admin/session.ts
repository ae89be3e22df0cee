import { z } from 'zod'
import { permissions, roleNames, roles } from '../../identity/roles.ts'
import { endSessions, freshMs, idleMs, lifeMs } from '../../identity/sessions.ts'
import { describePrincipal } from '../../identity/staff.ts'
import { principalKinds } from '../../store/schema/access.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { clearDeskCookie } from '../desk-cookie.ts'
import { instantSchema } from '../paging.ts'
import { principalOf } from './authenticate.ts'

const grant = z.object({
  role: z.enum(roleNames),
  org_code: z.string(),
  org_name_zh: z.string(),
})

const answer = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(principalKinds),
  permissions: z.array(z.enum(permissions)),
  grants: z.array(grant).describe('the scopes: each role on its subtree'),
  node: z.object({ number: z.int(), code: z.string(), name_zh: z.string() }),
  session: z
    .object({
      fresh_until: instantSchema.describe('until then what weighs is done without the passkey'),
      idle_at: instantSchema.describe('when it ends, if nothing more is asked for'),
      ends_at: instantSchema,
    })
    .optional()
    .describe('of somebody signed in with a passkey'),
  server_time: instantSchema,
})

/** Who is signed in, and the end of it. */
export function sessionRoutes(app: App, context: Context): void {
  getSession(app, context)
  postSessionEnd(app, context)
}

function getSession(app: App, { store, node, clock }: Context): void {
  app.get(
    '/session',
    {
      schema: {
        operationId: 'getSession',
        summary: 'Who asks, what they may do, and where',
        response: { 200: answer },
      },
    },
    async (request) => {
      const { id, kind, session } = principalOf(request)
      const now = clock()
      const { name, grants } = await describePrincipal(store.read, id)
      const held = new Set(grants.flatMap(({ role }) => roles[role]))
      return {
        ...{ id, name, kind, permissions: permissions.filter((one) => held.has(one)) },
        grants: grants.map(({ role, orgCode, orgNameZh }) => ({
          ...{ role, org_code: orgCode, org_name_zh: orgNameZh },
        })),
        node: { number: node.number, code: node.code, name_zh: node.nameZh },
        ...(session && {
          session: {
            fresh_until: session.createdAt + freshMs,
            idle_at: now + idleMs,
            ends_at: session.createdAt + lifeMs,
          },
        }),
        server_time: now,
      }
    },
  )
}

function postSessionEnd(app: App, { store, clock }: Context): void {
  app.post(
    '/session/end',
    {
      schema: {
        operationId: 'endSession',
        summary: 'Sign out: the session ends here and everywhere',
        body: z.strictObject({}),
        response: { 200: z.object({ ended: z.boolean() }) },
      },
      config: { unkeyed: true },
    },
    async (request, reply) => {
      const { session } = principalOf(request)
      if (session) await store.transaction((tx) => endSessions(tx, session, clock()))
      clearDeskCookie(reply)
      return { ended: session !== undefined }
    },
  )
}
