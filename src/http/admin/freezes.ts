import { z } from 'zod'
import { type Freeze, freeze, standingFreezes, thaw } from '../../benefits/freezes.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import { freezeReasons } from '../../store/schema/batches.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const freezeSchema = z.object({
  id: z.string(),
  org_code: z.string(),
  reason: z.enum(freezeReasons),
  begun_at: instantSchema,
  ended_at: instantSchema.optional(),
})

/** The switch that stops issuing at and below an organisation at once. */
export function freezeRoutes(app: App, context: Context): void {
  getFreezes(app, context)
  postFreezes(app, context)
  postFreezeEnd(app, context)
}

function getFreezes(app: App, { store }: Context): void {
  app.get(
    '/freezes',
    {
      schema: {
        operationId: 'listFreezes',
        summary: 'Where issuing is stopped now',
        response: { 200: z.object({ items: z.array(freezeSchema) }) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      return { items: (await standingFreezes(store.read, orgPaths)).map(render) }
    },
  )
}

function postFreezes(app: App, context: Context): void {
  const answer = freezeSchema.extend({ paused: z.int().describe('batches that were running') })
  app.post(
    '/freezes',
    {
      schema: {
        operationId: 'freezeIssuing',
        summary: 'Stop issuing at and below an organisation at once',
        body: z.strictObject({
          org_code: z.string().regex(organisationCode),
          reason: z.enum(freezeReasons),
        }),
        response: { 201: answer },
      },
      config: { refusals: ['NOT_FOUND', 'FREEZE_ACTIVE'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'batches.approve',
        answer,
        status: 201,
        work: async (tx, actor) => {
          const { org_code: orgCode, reason } = request.body
          const made = await freeze(tx, { orgCode, reason }, actor, context.clock())
          return { ...render(made.freeze), paused: made.paused }
        },
      }),
  )
}

function postFreezeEnd(app: App, context: Context): void {
  app.post(
    '/freezes/:id/end',
    {
      schema: {
        operationId: 'endFreeze',
        summary: 'Let issuing go on; another person than who stopped it',
        params: z.object({ id: idText }),
        body: z.strictObject({}),
        response: { 200: freezeSchema },
      },
      config: { refusals: ['NOT_FOUND', 'SELF_APPROVAL', 'VERSION_CONFLICT'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'batches.approve',
        answer: freezeSchema,
        work: async (tx, actor) =>
          render(await thaw(tx, request.params.id, actor, context.clock())),
      }),
  )
}

function render(row: Freeze): z.input<typeof freezeSchema> {
  return {
    id: row.id,
    org_code: row.orgCode,
    reason: row.reason,
    begun_at: row.begunAt,
    ...(row.endedAt !== null && { ended_at: row.endedAt }),
  }
}
