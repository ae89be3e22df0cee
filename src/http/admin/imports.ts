import { Readable } from 'node:stream'

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import { hour, type Instant } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import { earlierUses } from '../../benefits/list-import.ts'
import { readList } from '../../benefits/lists.ts'
import { requireScope, requireSight } from '../../benefits/scope.ts'
import type { CalendarDate } from '../../identity/calendar-date.ts'
import { beginImport } from '../../identity/import-record.ts'
import {
  errorsCsv,
  type Import,
  listImports,
  readImport,
  refusalCounts,
} from '../../identity/import-report.ts'
import { importList } from '../../jobs/list-import.ts'
import { importRoster } from '../../jobs/roster-import.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, pageOf, pageQuery } from '../paging.ts'
import { actorOf } from './authenticate.ts'
import { importDetailSchema, importSchema, renderImport } from './import-schema.ts'
import { importFile, mostOctets, takeFiles } from './received-file.ts'

const orgCode = z.string().regex(/^[0-9]{6,12}$/)
const params = z.object({ id: idText })

/** Rosters and lists: sent as a file, read in the background, refused row by row with a reason. */
export function importRoutes(app: App, context: Context): void {
  takeFiles(app)
  postImports(app, context)
  postListImports(app, context)
  getImports(app, context)
  getImport(app, context)
  getImportErrors(app, context)
}

function postImports(app: App, context: Context): void {
  const { store, node, clock } = context
  app.post(
    '/imports',
    {
      bodyLimit: mostOctets,
      schema: {
        operationId: 'importMembers',
        summary: 'Import a roster (CSV or XLSX as the body); read its progress by id',
        querystring: z.object({ org_code: orgCode }),
        response: { 202: importSchema },
      },
      config: { refusals: ['NOT_FOUND', 'FILE_UNREADABLE'] },
    },
    async (request, reply) => {
      const permission = 'members.write'
      const { orgPaths, principalId: createdBy } = actorOf(request, permission)
      const code = request.query.org_code
      const path = await requireScope(store.read, orgPaths, code)
      await importFile(context, request, reply, {
        permission,
        within: path,
        begin: (tx, id) => beginImport(tx, { id, orgCode: code, createdBy }, clock()),
        run: (source, importId) => {
          const options = { importId, createdBy, today: chinaDay(clock()), now: clock }
          return importRoster(store, node, source, { ...options, scope: { code, path } })
        },
      })
    },
  )
}

function postListImports(app: App, context: Context): void {
  const { store, node, clock } = context
  app.post(
    '/lists/:id/imports',
    {
      bodyLimit: mostOctets,
      schema: {
        operationId: 'importList',
        summary: 'Put the people of a file (CSV or XLSX as the body) on a list',
        params,
        response: { 202: importSchema },
      },
      config: { refusals: ['NOT_FOUND', 'FILE_UNREADABLE'] },
    },
    async (request, reply) => {
      const permission = 'batches.write'
      const { orgPaths, principalId: createdBy } = actorOf(request, permission)
      const list = await readList(store.read, request.params.id)
      const within = await requireSight(store.read, orgPaths, { ...list, what: 'list' })
      await importFile(context, request, reply, {
        permission,
        within,
        begin: (tx, id) => {
          const beginning = { id, listId: list.id, orgCode: list.orgCode, createdBy }
          return beginImport(tx, beginning, clock())
        },
        run: (source, importId) => {
          const options = { importId, createdBy, today: chinaDay(clock()), now: clock }
          return importList(store, node, source, { ...options, listId: list.id })
        },
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
      if (row.state === 'running') return renderImport(row)
      const { orgPaths } = actorOf(request, 'members.read')
      const reasons = await refusalCounts(store.read, row.id)
      const uses = await earlierUses(store.read, row, orgPaths)
      const used_before = uses.map(({ importId, listId, listName, at }) => {
        return { import_id: importId, list_id: listId, list_name: listName, at }
      })
      return { ...renderImport(row), reasons, ...(row.kind === 'list' && { used_before }) }
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

/** The calendar day at `now` where the unions are (UTC+8, without summer time). */
function chinaDay(now: Instant): CalendarDate {
  return new Date(now + 8 * hour).toISOString().slice(0, 10)
}
