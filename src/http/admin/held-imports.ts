import { Readable } from 'node:stream'

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { isKept, keptOctets } from '../../identity/import-pieces.ts'
import { mapImport, mappingOf, startImport } from '../../identity/import-record.ts'
import { type Import, readImport } from '../../identity/import-report.ts'
import { type Permission, roles } from '../../identity/roles.ts'
import { encodings } from '../../identity/roster/encoding.ts'
import { fields, rosterNeeds } from '../../identity/roster/headers.ts'
import { listNeeds } from '../../identity/roster/list-row.ts'
import { type Mapping, previewFile } from '../../identity/roster/mapping.ts'
import { delimiters } from '../../identity/roster/text.ts'
import { importPolicies } from '../../store/schema/batches.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { adminWrite, principalOf } from './authenticate.ts'
import { personOf, runImport } from './import-run.ts'
import { importSchema, renderImport } from './import-schema.ts'
import { readBehind } from './received-file.ts'

const params = z.object({ id: idText })
const mostColumns = 100
const policy = z
  .enum(importPolicies)
  .describe('accept_good: refused rows are left out; all_or_nothing: one keeps all others out')

const mappingGiven = z.strictObject({
  encoding: z.enum(encodings).optional(),
  delimiter: z.enum(delimiters).optional(),
  columns: z
    .array(z.enum(fields).nullable())
    .max(mostColumns)
    .optional()
    .describe('what each column is, in the order of the file; null: it is not read'),
  policy: policy.default('accept_good'),
})

const preview = z.object({
  kind: z.enum(['text', 'workbook']),
  encoding: z.enum(encodings).optional(),
  delimiter: z.enum(delimiters).optional(),
  policy,
  columns: z.array(z.object({ header: z.string(), field: z.enum(fields).nullable() })),
  missing: z.array(z.enum(fields)).describe('columns without which the file is refused'),
  rows: z
    .array(z.object({ row: z.int(), cells: z.array(z.string()) }))
    .describe('the first 20, personal values masked'),
})

/** Imports that wait until somebody has seen what their columns were taken for. */
export function heldImportRoutes(app: App, context: Context): void {
  getMapping(app, context)
  putMapping(app, context)
  postStart(app, context)
  getRefused(app, context)
}

function getMapping(app: App, context: Context): void {
  app.get(
    '/imports/:id/mapping',
    {
      schema: {
        operationId: 'getImportMapping',
        summary: 'The beginning of a file that waits, and what each column was taken for',
        params,
        response: { 200: preview },
      },
      config: { refusals: ['NOT_FOUND', 'IMPORT_STATE', 'ENCODING_UNKNOWN', 'FILE_UNREADABLE'] },
    },
    async (request) => {
      const { row } = await findToWrite(context, request, request.params.id)
      return look(context, row, mappingOf(row), row.policy ?? 'accept_good')
    },
  )
}

function putMapping(app: App, context: Context): void {
  app.put(
    '/imports/:id/mapping',
    {
      schema: {
        operationId: 'mapImport',
        summary: 'Say how a file that waits is to be read; what is left out is found out',
        params,
        body: mappingGiven,
        response: { 200: preview },
      },
      config: { refusals: ['NOT_FOUND', 'IMPORT_STATE', 'ENCODING_UNKNOWN', 'FILE_UNREADABLE'] },
    },
    async (request, reply) => {
      const { row, permission } = await findToWrite(context, request, request.params.id)
      const { policy: wanted, ...mapping } = request.body
      const seen = await look(context, row, mapping, wanted)
      return adminWrite(context, request, reply, {
        permission,
        answer: preview,
        work: async (tx) => {
          await mapImport(tx, row.id, { ...mapping, policy: wanted })
          return seen
        },
      })
    },
  )
}

function postStart(app: App, context: Context): void {
  const { store, node, clock } = context
  app.post(
    '/imports/:id/start',
    {
      schema: {
        operationId: 'startImport',
        summary: 'Read a file that waits, as its mapping says',
        params,
        body: z.strictObject({}),
        response: { 202: importSchema },
      },
      config: { refusals: ['NOT_FOUND', 'IMPORT_STATE'] },
    },
    async (request, reply) => {
      const { row, permission, within } = await findToWrite(context, request, request.params.id)
      let started: Import | undefined
      await adminWrite(context, request, reply, {
        permission,
        answer: importSchema,
        status: 202,
        work: async (tx) => {
          await startImport(tx, row.id, clock())
          started = await readImport(tx, row.id, within)
          if (!started) throw new TypeError('an import that was started is there')
          return renderImport(started)
        },
      })
      if (!started || reply.getHeader('idempotent-replayed') !== undefined) return
      const { id } = started
      const source = () => keptOctets(store.read, node, id, 'file')
      const run = await runImport(context, started)
      readBehind(context, request, { id, source, mapping: mappingOf(started), run })
    },
  )
}

function getRefused(app: App, context: Context): void {
  const { store, node } = context
  const content = { 'text/csv': { schema: z.string() } }
  app.get(
    '/imports/:id/refused.csv',
    {
      schema: {
        operationId: 'getRefusedRows',
        summary: 'The refused rows in the file’s own columns, for a week, to whoever sent it',
        params,
        response: { 200: { description: 'UTF-8 with BOM', content } },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { row } = await findToWrite(context, request, request.params.id)
      const sender = await personOf(store.read, row.createdBy)
      const theirs = sender === principalOf(request).personId
      if (!theirs || !(await isKept(store.read, row.id, 'refused'))) {
        throw new Refusal('NOT_FOUND', { what: 'import' })
      }
      reply.header('content-disposition', 'attachment; filename="refused.csv"')
      const file = Readable.from(keptOctets(store.read, node, row.id, 'refused'))
      return reply.type('text/csv; charset=utf-8').send(file as never)
    },
  )
}

/** The import, for whoever may send such a file. Refusal NOT_FOUND, also for another's. */
export async function findToWrite(
  { store }: Context,
  request: FastifyRequest,
  id: string,
): Promise<{ row: Import; permission: Permission; within: string }> {
  const { grants } = principalOf(request)
  for (const { role, path: within } of grants) {
    const row = await readImport(store.read, id, within)
    if (!row) continue
    const permission = row.kind === 'list' ? 'batches.write' : 'members.write'
    const may: readonly Permission[] = roles[role]
    if (may.includes(permission)) return { row, permission, within }
  }
  throw new Refusal('NOT_FOUND', { what: 'import' })
}

async function look(
  { store, node }: Context,
  { id, kind, state }: Import,
  mapping: Mapping,
  wanted: z.infer<typeof policy>,
): Promise<z.infer<typeof preview>> {
  if (state !== 'waiting') throw new Refusal('IMPORT_STATE')
  const needs = kind === 'list' ? listNeeds : rosterNeeds
  const source = keptOctets(store.read, node, id, 'file')
  const { encoding, delimiter, ...seen } = await previewFile(source, { mapping, needs })
  return {
    ...{ kind: seen.kind, policy: wanted, missing: [...seen.missing] },
    ...(encoding && { encoding }),
    ...(delimiter && { delimiter }),
    columns: seen.columns.map((column) => ({ ...column })),
    rows: seen.rows.map(({ row, cells }) => ({ row, cells: [...cells] })),
  }
}
