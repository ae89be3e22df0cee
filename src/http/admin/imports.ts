import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { earlierUses } from '../../benefits/list-import.ts'
import { readList } from '../../benefits/lists.ts'
import { requireScope, requireSight } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import { isKept } from '../../identity/import-pieces.ts'
import { beginImport } from '../../identity/import-record.ts'
import {
  errorsCsv,
  type Import,
  listImports,
  readImport,
  refusalCounts,
} from '../../identity/import-report.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, pageOf, pageQuery } from '../paging.ts'
import { actorOf, principalOf } from './authenticate.ts'
import { heldFileRoutes } from './held-files.ts'
import { heldImportRoutes } from './held-imports.ts'
import { personOf, runImport } from './import-run.ts'
import { importDetailSchema, importSchema, renderImport } from './import-schema.ts'
import { importFile, mostOctets, takeFiles } from './received-file.ts'

const orgCode = z.string().regex(organisationCode)
const params = z.object({ id: idText })
const hold = z
  .enum(['true', 'false'])
  .default('false')
  .describe('true: it waits until somebody has looked at its columns and starts it')

const asFound = { mapping: null, policy: null }

/** Rosters and lists: sent as a file, read in the background, refused row by row with a reason. */
export function importRoutes(app: App, context: Context): void {
  takeFiles(app)
  postImports(app, context)
  postListImports(app, context)
  getImports(app, context)
  getImport(app, context)
  getImportErrors(app, context)
  heldImportRoutes(app, context)
  heldFileRoutes(app, context)
}

function postImports(app: App, context: Context): void {
  const { store, clock } = context
  app.post(
    '/imports',
    {
      bodyLimit: mostOctets,
      schema: {
        operationId: 'importMembers',
        summary: 'Import a roster (CSV or XLSX as the body); read its progress by id',
        querystring: z.object({ org_code: orgCode, hold }),
        response: { 202: importSchema },
      },
      config: { refusals: ['NOT_FOUND', 'FILE_UNREADABLE'] },
    },
    async (request, reply) => {
      const permission = 'members.write'
      const { orgPaths, principalId: createdBy } = actorOf(request, permission)
      const { org_code: code } = request.query
      const held = request.query.hold === 'true'
      const path = await requireScope(store.read, orgPaths, code)
      await importFile(context, request, reply, {
        permission,
        within: path,
        held,
        begin: (tx, id) => beginImport(tx, { id, orgCode: code, createdBy, held }, clock()),
        run: await runImport(context, { ...asFound, orgCode: code, createdBy, listId: null }),
      })
    },
  )
}

function postListImports(app: App, context: Context): void {
  const { store, clock } = context
  app.post(
    '/lists/:id/imports',
    {
      bodyLimit: mostOctets,
      schema: {
        operationId: 'importList',
        summary: 'Put the people of a file (CSV or XLSX as the body) on a list',
        params,
        querystring: z.object({ hold }),
        response: { 202: importSchema },
      },
      config: { refusals: ['NOT_FOUND', 'FILE_UNREADABLE'] },
    },
    async (request, reply) => {
      const permission = 'batches.write'
      const { orgPaths, principalId: createdBy } = actorOf(request, permission)
      const held = request.query.hold === 'true'
      const list = await readList(store.read, request.params.id)
      const within = await requireSight(store.read, orgPaths, { ...list, what: 'list' })
      await importFile(context, request, reply, {
        permission,
        within,
        held,
        begin: (tx, id) => {
          const beginning = { id, listId: list.id, orgCode: list.orgCode, createdBy, held }
          return beginImport(tx, beginning, clock())
        },
        run: await runImport(context, {
          ...{ ...asFound, orgCode: list.orgCode, createdBy, listId: list.id },
        }),
      })
    },
  )
}

function getImports(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/imports',
    {
      schema: {
        operationId: 'listImports',
        summary: 'Imports for organisations at or below one, newest first',
        querystring: pageQuery.extend({ org_code: orgCode }),
        response: { 200: pageOf(importSchema) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'members.read')
      const { org_code, after, limit } = request.query
      const within = await requireScope(store.read, orgPaths, org_code)
      const page = await listImports(store.read, within, { limit, ...(after && { after }) })
      return { ...page, items: page.items.map(renderImport) }
    },
  )
}

function getImport(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/imports/:id',
    {
      schema: {
        operationId: 'getImport',
        summary: 'How far an import is, and what became of it',
        params,
        response: { 200: importDetailSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const row = await find(context, request, request.params.id)
      if (row.finishedAt === null) return renderImport(row)
      const { orgPaths } = actorOf(request, 'members.read')
      const reasons = await refusalCounts(store.read, row.id)
      const uses = await earlierUses(store.read, row, orgPaths)
      const used_before = uses.map(({ importId, listId, listName, at }) => {
        return { import_id: importId, list_id: listId, list_name: listName, at }
      })
      const sender = await personOf(store.read, row.createdBy)
      const fixable =
        sender === principalOf(request).personId && (await isKept(store.read, row.id, 'refused'))
      const detail = { ...renderImport(row), reasons, fixable }
      return { ...detail, ...(row.kind === 'list' && { used_before }) }
    },
  )
}

function getImportErrors(app: App, context: Context): void {
  const content = { 'text/csv': { schema: z.string() } }
  app.get(
    '/imports/:id/errors.csv',
    {
      schema: {
        operationId: 'getImportErrors',
        summary: 'Every refused row, with its column, masked value, reason and what to do',
        params,
        response: { 200: { description: 'UTF-8 with BOM', content } },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { id } = await find(context, request, request.params.id)
      reply.header('content-disposition', 'attachment; filename="errors.csv"')
      const file = Readable.from(errorsCsv(context.store.read, id))
      return reply.type('text/csv; charset=utf-8').send(file as never)
    },
  )
}

async function find({ store }: Context, request: FastifyRequest, id: string): Promise<Import> {
  for (const within of actorOf(request, 'members.read').orgPaths) {
    const found = await readImport(store.read, id, within)
    if (found) return found
  }
  throw new Refusal('NOT_FOUND', { what: 'import' })
}
