import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import { hour } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { requireScope } from '../../benefits/scope.ts'
import { beginImport } from '../../identity/import-record.ts'
import { errorsCsv, type Import, listImports, readImport } from '../../identity/import-report.ts'
import { importRoster } from '../../jobs/roster-import.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const mostOctets = 512 * 1024 * 1024
const fileTypes = [
  'text/csv',
  'application/octet-stream',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
]

const importSchema = z.object({
  id: z.string(),
  state: z.enum(['running', 'completed', 'failed']),
  failure: z.string().optional(),
  read: z.int(),
  added: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  refused: z.int(),
  started_at: instantSchema,
  finished_at: instantSchema.optional(),
})

/** Rosters: sent as a file, read in the background, refused row by row with a reason. */
export function importRoutes(app: App, context: Context): void {
  // The file goes to disk as it comes, and its digest stands for the body.
  app.addContentTypeParser(fileTypes, (_request, payload, done) => done(null, payload))
  postImports(app, context)
  getImports(app, context)
  getImport(app, context)
  getImportErrors(app, context)
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
        querystring: z.object({ org_code: z.string().regex(/^[0-9]{6,12}$/) }),
        response: { 202: importSchema },
      },
      config: { refusals: ['NOT_FOUND', 'FILE_UNREADABLE'] },
    },
    async (request, reply) => {
      const { orgPaths } = actorOf(request, 'members.write')
      const code = request.query.org_code
      const path = await requireScope(store.read, orgPaths, code)
      const file = await receive(request)
      let begun: string | undefined
      try {
        await adminWrite(context, request, reply, {
          permission: 'members.write',
          answer: importSchema,
          status: 202,
          work: async (tx, { principalId }) => {
            const now = clock()
            const id = newId(now)
            await beginImport(tx, { id, orgCode: code, createdBy: principalId }, now)
            const row = await readImport(tx, id, path)
            if (!row) throw new TypeError('the import was not written')
            begun = id
            return render(row)
          },
        })
        const replayed = reply.getHeader('idempotent-replayed') !== undefined
        if (begun && !replayed) run(context, request, file, { id: begun, code, path })
        else await rm(file.folder, { recursive: true })
      } catch (error) {
        await rm(file.folder, { recursive: true, force: true })
        throw error
      }
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
        querystring: pageQuery.extend({ org_code: z.string().regex(/^[0-9]{6,12}$/) }),
        response: { 200: pageOf(importSchema) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'members.read')
      const { org_code, after, limit } = request.query
      const within = await requireScope(store.read, orgPaths, org_code)
      const page = await listImports(store.read, within, { limit, ...(after && { after }) })
      return { ...page, items: page.items.map(render) }
    },
  )
}

function getImport(app: App, context: Context): void {
  app.get(
    '/imports/:id',
    {
      schema: {
        operationId: 'getImport',
        summary: 'How far an import is',
        params: z.object({ id: idText }),
        response: { 200: importSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => render(await find(context, request, request.params.id)),
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
        params: z.object({ id: idText }),
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

/** Reads the file in the background; whatever becomes of it is in the import's own row. */
function run(
  { store, node, clock, background }: Context,
  request: FastifyRequest,
  { folder, path: file }: Received,
  { id, code, path }: { id: string; code: string; path: string },
): void {
  const { principalId } = actorOf(request, 'members.write')
  background.run(
    async (signal) => {
      try {
        await importRoster(store, node, createReadStream(file, { signal }), {
          importId: id,
          scope: { code, path },
          createdBy: principalId,
          today: new Date(clock() + 8 * hour).toISOString().slice(0, 10),
          now: clock,
        })
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    (error) => {
      const failure = error instanceof Refusal ? error.code : 'INTERRUPTED'
      request.log.warn({ import: id, code: failure }, 'import failed')
    },
  )
}

interface Received {
  readonly folder: string
  readonly path: string
}

/** Writes the body to a file of its own. Refusals FILE_TOO_LARGE, FILE_UNREADABLE (empty). */
async function receive(request: FastifyRequest): Promise<Received> {
  const { body } = request
  if (!(body instanceof Readable)) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['body: send the file as text/csv'] })
  }
  const folder = await mkdtemp(join(tmpdir(), 'symbolon-import-'))
  const path = join(folder, 'roster')
  const digest = createHash('sha256')
  let octets = 0
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      octets += chunk.length
      digest.update(chunk)
      done(octets > mostOctets ? new Refusal('FILE_TOO_LARGE') : null, chunk)
    },
  })
  try {
    await pipeline(body, measured, createWriteStream(path, { mode: 0o600 }))
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error instanceof Refusal ? error : new Refusal('FILE_UNREADABLE')
  }
  request.rawBody = digest.digest()
  return { folder, path }
}

function render(row: Import): z.input<typeof importSchema> {
  const { id, state, read, added, changed, unchanged, refused } = row
  return {
    id,
    state,
    ...(row.failure !== null && { failure: row.failure }),
    read,
    added,
    changed,
    unchanged,
    refused,
    started_at: row.startedAt,
    ...(row.finishedAt !== null && { finished_at: row.finishedAt }),
  }
}
