import { z } from 'zod'
import {
  type Merger,
  mergeBlocks,
  mergeOrganisation,
  planMerger,
} from '../../benefits/merge-organisation.ts'
import { requireScope } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const code = z.string().regex(organisationCode)
const params = z.object({ code })
const merger = z.object({
  members: z.int(),
  organisations: z.int().describe('below it'),
  grants: z.int(),
  join_codes: z.int(),
  applications: z.int(),
  programmes: z.int(),
  lists: z.int(),
  segments: z.int(),
  merchants: z.int(),
  blocked: z.array(z.enum(mergeBlocks)).describe('why it cannot be merged now'),
})

/** Mergers of organisations: tried out, then done. */
export function mergerRoutes(app: App, context: Context): void {
  getMerger(app, context)
  postMerger(app, context)
}

function getMerger(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/organisations/:code/merger',
    {
      schema: {
        operationId: 'planMerger',
        summary: 'What merging an organisation into another would move, and what is in the way',
        params,
        querystring: z.object({ into: code }),
        response: { 200: merger },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'organisations.write')
      const merging = { code: request.params.code, into: request.query.into }
      await requireScope(store.read, orgPaths, merging.code)
      await requireScope(store.read, orgPaths, merging.into)
      return render(await planMerger(store.read, merging))
    },
  )
}

function postMerger(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/organisations/:code/merger',
    {
      schema: {
        operationId: 'mergeOrganisation',
        summary: 'Merge an organisation into another: it stays as a closed one that points there',
        params,
        body: z.strictObject({ into: code }),
        response: { 200: merger },
      },
      config: { refusals: ['NOT_FOUND', 'MERGE_BLOCKED'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'organisations.write',
        answer: merger,
        work: async (tx, { orgPaths }) => {
          const merging = { code: request.params.code, into: request.body.into }
          await requireScope(tx, orgPaths, merging.code)
          await requireScope(tx, orgPaths, merging.into)
          const plan = await planMerger(tx, merging)
          await mergeOrganisation(tx, merging, clock())
          return render(plan)
        },
      }),
  )
}

function render({ joinCodes, blocked, ...counts }: Merger): z.input<typeof merger> {
  return { ...counts, join_codes: joinCodes, blocked: [...blocked] }
}
