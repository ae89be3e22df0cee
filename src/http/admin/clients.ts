import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { type Actor, requireScope } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import {
  createClient,
  createStaff,
  readPrincipal,
  revokePrincipal,
} from '../../identity/principals.ts'
import { roleNames } from '../../identity/roles.ts'
import { confirmPrincipal } from '../../identity/vouching.ts'
import type { Tx } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, jwkSchema, textOf } from '../paging.ts'
import { adminWrite } from './authenticate.ts'

const grants = z
  .array(
    z.strictObject({
      role: z.enum(roleNames),
      org_code: z.string().regex(organisationCode),
    }),
  )
  .min(1)
  .max(50)

const staff = z.object({ id: z.string(), person_id: z.string() })

const client = z.object({
  client_id: z.string(),
  client_secret: z.string().optional().describe('told once'),
})

const gone = z.object({ id: z.string() })

/** Staff, and programs that act for them. Nobody gives away what lies outside their own scope. */
export function clientRoutes(app: App, context: Context): void {
  postStaff(app, context)
  postClients(app, context)
  postPrincipalConfirm(app, context)
  deletePrincipal(app, context)
}

function postStaff(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/staff',
    {
      schema: {
        operationId: 'createStaff',
        summary: 'Register somebody of the union with roles on subtrees',
        body: z.strictObject({ name: textOf(64), grants }),
        response: { 201: staff },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'staff.write',
        answer: staff,
        status: 201,
        work: async (tx, actor) => {
          const { name } = request.body
          const given = await granted(tx, actor, request.body.grants)
          const registeredBy = actor.principalId
          const staff = { name, grants: given, registeredBy, now: clock() }
          const made = await createStaff(tx, staff)
          return { id: made.id, person_id: made.personId }
        },
      }),
  )
}

function postClients(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/clients',
    {
      schema: {
        operationId: 'createClient',
        summary: 'Register a program that acts for a staff member',
        description:
          'With `jwk` it proves itself by private_key_jwt and may approve; without, by ' +
          'client_secret_basic. For separation of duties it counts as its owner.',
        body: z.strictObject({
          owner_id: idText,
          name: textOf(64),
          grants,
          jwk: jwkSchema.optional(),
        }),
        response: { 201: client },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'staff.write',
        answer: client,
        status: 201,
        work: async (tx, actor) => {
          const { owner_id: ownerId, name, jwk } = request.body
          await principalInScope(tx, ownerId, actor)
          const given = await granted(tx, actor, request.body.grants)
          const key = jwk && { jwk }
          const made = await createClient(tx, node, {
            ownerId,
            name,
            grants: given,
            registeredBy: actor.principalId,
            now: clock(),
            ...key,
          })
          return { client_id: made.id, ...(made.secret && { client_secret: made.secret }) }
        },
      }),
  )
}

function postPrincipalConfirm(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/principals/:id/confirm',
    {
      schema: {
        operationId: 'confirmPrincipal',
        summary: 'Confirm, as another person, whose a principal is that somebody registered',
        description:
          'Until then its person counts as its registrar wherever duties are separated: it can ' +
          'not approve what the registrar had a hand in, nor the other way round.',
        params: z.object({ id: idText }),
        body: z.strictObject({}),
        response: { 200: gone },
      },
      config: { refusals: ['NOT_FOUND', 'SELF_APPROVAL', 'ALREADY_EXISTS'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'staff.write',
        answer: gone,
        work: async (tx, actor) => {
          const { id } = request.params
          await principalInScope(tx, id, actor)
          await confirmPrincipal(tx, { principalId: id, by: actor, now: clock() })
          return { id }
        },
      }),
  )
}

function deletePrincipal(app: App, context: Context): void {
  const { clock } = context
  app.delete(
    '/principals/:id',
    {
      schema: {
        operationId: 'revokePrincipal',
        summary: 'Revoke staff or a client; their tokens end at once',
        params: z.object({ id: idText }),
        response: { 200: gone },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'staff.write',
        answer: gone,
        work: async (tx, actor) => {
          const { id } = request.params
          await principalInScope(tx, id, actor)
          await revokePrincipal(tx, id, clock())
          return { id }
        },
      }),
  )
}

/** A principal all of whose roles lie within the scope. Refusal NOT_FOUND. */
async function principalInScope(tx: Tx, id: string, { orgPaths }: Actor): Promise<void> {
  const held = await readPrincipal(tx, id)
  const inside = held?.grants.every(({ path }) => orgPaths.some((at) => path.startsWith(at)))
  if (!inside) throw new Refusal('NOT_FOUND')
}

async function granted(tx: Tx, { orgPaths }: Actor, asked: z.infer<typeof grants>) {
  for (const { org_code } of asked) await requireScope(tx, orgPaths, org_code)
  return asked.map(({ role, org_code }) => ({ role, orgCode: org_code }))
}
