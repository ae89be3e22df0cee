import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { requireScope } from '../../benefits/scope.ts'
import { importOrganisations } from '../../identity/organisation-import.ts'
import { childrenOf, readOrganisation } from '../../identity/organisations.ts'
import { levels } from '../../store/schema/people.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { pageOf, pageQuery, textOf } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const code = z.string().regex(/^[0-9]{6,12}$/)
const organisationSchema = z.object({
  code,
  parent_code: z.string().optional(),
  level: z.enum(levels),
  name_zh: z.string(),
  path: z.string(),
  region: z.int(),
})

/** The tree of unions. */
export function organisationRoutes(app: App, context: Context): void {
  getOrganisation(app, context)
  getOrganisationChildren(app, context)
  postOrganisations(app, context)
}

function getOrganisation(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/organisations/:code',
    {
      schema: {
        operationId: 'getOrganisation',
        summary: 'One organisation',
        params: z.object({ code }),
        response: { 200: organisationSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'organisations.read')
      await requireScope(store.read, orgPaths, request.params.code)
      const row = await readOrganisation(store.read, request.params.code)
      if (!row) throw new Refusal('NOT_FOUND')
      return render(row)
    },
  )
}

function getOrganisationChildren(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/organisations/:code/children',
    {
      schema: {
        operationId: 'listChildren',
        summary: 'The organisations directly below one',
        params: z.object({ code }),
        querystring: pageQuery,
        response: { 200: pageOf(organisationSchema) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'organisations.read')
      await requireScope(store.read, orgPaths, request.params.code)
      const page = await childrenOf(store.read, request.params.code, request.query)
      return { ...page, items: page.items.map(render) }
    },
  )
}

function postOrganisations(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/organisations',
    {
      schema: {
        operationId: 'createOrganisation',
        summary: 'Add an organisation below another',
        body: z.strictObject({
          code,
          parent_code: code,
          level: z.enum(levels),
          name_zh: textOf(100),
        }),
        response: { 201: organisationSchema },
      },
      config: { refusals: ['NOT_FOUND', 'ALREADY_EXISTS'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'organisations.write',
        answer: organisationSchema,
        status: 201,
        work: async (tx, { orgPaths }) => {
          const { body } = request
          await requireScope(tx, orgPaths, body.parent_code)
          const row = {
            row: 1,
            code: body.code,
            parentCode: body.parent_code,
            level: body.level,
            nameZh: body.name_zh,
          }
          if (await readOrganisation(tx, body.code)) throw new Refusal('ALREADY_EXISTS')
          const { refused } = await importOrganisations(tx, [row], clock())
          const [fault] = refused
          if (fault) throw new Refusal('VALIDATION_FAILED', { issues: [`code: ${fault.code}`] })
          const made = await readOrganisation(tx, body.code)
          if (!made) throw new TypeError('the organisation was not written')
          return render(made)
        },
      }),
  )
}

function render(row: NonNullable<Awaited<ReturnType<typeof readOrganisation>>>) {
  return {
    code: row.code,
    ...(row.parentCode !== null && { parent_code: row.parentCode }),
    level: row.level,
    name_zh: row.nameZh,
    path: row.path,
    region: row.region,
  }
}
