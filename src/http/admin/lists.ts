import { z } from 'zod'
import { addToList, createList, listLists, mostNumbers } from '../../benefits/lists.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, textOf, toPage } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const listSchema = z.object({
  id: z.string(),
  name: z.string(),
  org_code: z.string(),
  created_at: instantSchema,
})

const matched = z.object({
  matched: z.int(),
  added: z.int(),
  unknown: z.array(z.string()).describe('numbers of no member in scope'),
})

/** Named sets of members, for batches and criteria. */
export function listRoutes(app: App, context: Context): void {
  getLists(app, context)
  postLists(app, context)
  postListMembers(app, context)
}

function getLists(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/lists',
    {
      schema: {
        operationId: 'listLists',
        summary: 'Lists within the scope',
        querystring: pageQuery,
        response: { 200: pageOf(listSchema) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const { after, limit } = request.query
      const rows = await listLists(store.read, orgPaths, { after, limit: limit + 1 })
      return toPage(rows, limit, ({ id }) => id, render)
    },
  )
}

function postLists(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/lists',
    {
      schema: {
        operationId: 'createList',
        summary: 'Make an empty list',
        body: z.strictObject({ name: textOf(100), org_code: z.string().regex(organisationCode) }),
        response: { 201: listSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'batches.write',
        answer: listSchema,
        status: 201,
        work: async (tx, actor) => {
          const { name, org_code: orgCode } = request.body
          return render(await createList(tx, { name, orgCode }, actor, clock()))
        },
      }),
  )
}

function postListMembers(app: App, context: Context): void {
  app.post(
    '/lists/:id/members',
    {
      schema: {
        operationId: 'addToList',
        summary: 'Put members on a list by their member numbers',
        params: z.object({ id: idText }),
        body: z.strictObject({ member_nos: z.array(textOf(32)).min(1).max(mostNumbers) }),
        response: { 200: matched },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'batches.write',
        answer: matched,
        work: async (tx, actor) => {
          const done = await addToList(tx, request.params.id, request.body.member_nos, actor)
          return { ...done, unknown: [...done.unknown] }
        },
      }),
  )
}

function render(row: Awaited<ReturnType<typeof createList>>): z.input<typeof listSchema> {
  return { id: row.id, name: row.name, org_code: row.orgCode, created_at: row.createdAt }
}
