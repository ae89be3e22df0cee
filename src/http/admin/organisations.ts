import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { requireScope } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import { importOrganisations } from '../../identity/organisation-import.ts'
import { searchOrganisations, topsOf } from '../../identity/organisation-search.ts'
import { childrenOf, moveOrganisation, readOrganisation } from '../../identity/organisations.ts'
import { levels } from '../../store/schema/people.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { pageOf, pageQuery, textOf } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'
import { mergerRoutes } from './organisation-merger.ts'

const code = z.string().regex(organisationCode)
const organisationSchema = z.object({
  code,
  parent_code: z.string().optional(),
  level: z.enum(levels),
  name_zh: z.string(),
  path: z.string(),
  region: z.int(),
  merged_into: code.optional().describe('closed: it was merged into this one'),
})

/** The tree of unions. */
export function organisationRoutes(app: App, context: Context): void {
  getOrganisations(app, context)
  getOrganisation(app, context)
  getOrganisationChildren(app, context)
  postOrganisations(app, context)
  postOrganisationMove(app, context)
  mergerRoutes(app, context)
}

function getOrganisations(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/organisations',
    {
      schema: {
        operationId: 'findOrganisations',
        summary: 'The tops of the scope; with `search`, organisations by a part of their name',
        querystring: z.object({
          search: textOf(100).optional().describe('part of a name, or the beginning of a code'),
          limit: z.coerce.number().int().min(1).max(50).default(20),
        }),
        response: { 200: z.object({ items: z.array(organisationSchema) }) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'organisations.read')
      const { search: text, limit } = request.query
      const found = text
        ? await searchOrganisations(store.read, orgPaths, { text, limit })
        : await topsOf(store.read, orgPaths)
      return { items: found.map(render) }
    },
  )
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

function postOrganisationMove(app: App, context: Context): void {
  app.post(
    '/organisations/:code/move',
    {
      schema: {
        operationId: 'moveOrganisation',
        summary: 'Hang an organisation, with everything below it, under another',
        params: z.object({ code }),
        body: z.strictObject({ parent_code: code }),
        response: { 200: organisationSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'organisations.write',
        answer: organisationSchema,
        work: async (tx, { orgPaths }) => {
          const moved = request.params.code
          await requireScope(tx, orgPaths, moved)
          await requireScope(tx, orgPaths, request.body.parent_code)
          await moveOrganisation(tx, moved, request.body.parent_code)
          const row = await readOrganisation(tx, moved)
          if (!row) throw new TypeError('the organisation is gone')
          return render(row)
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
    ...(row.mergedInto !== null && { merged_into: row.mergedInto }),
  }
}
