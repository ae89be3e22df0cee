import { z } from 'zod'

import {
  discardImport,
  type HeldImport,
  type ImportSight,
  listHeldImports,
} from '../../identity/import-held.ts'
import { dropPieces, keptNames } from '../../identity/import-pieces.ts'
import { readImport } from '../../identity/import-report.ts'
import { type Permission, type Principal, roles } from '../../identity/roles.ts'
import { importKinds } from '../../store/schema/batches.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'
import { adminWrite, principalOf } from './authenticate.ts'
import { findToWrite } from './held-imports.ts'
import { importSchema, renderImport } from './import-schema.ts'

const held = z.object({
  id: z.string(),
  kind: z.enum(importKinds),
  list_id: z.string().optional(),
  org_code: z.string(),
  file_name: z
    .string()
    .optional()
    .describe('as its sender’s machine called it, what may be a number of a person masked'),
  sent_by: z.string().describe('name of the staff or client'),
  sent_at: instantSchema,
})

/** Files that wait for a look: which there are, and throwing one away. */
export function heldFileRoutes(app: App, context: Context): void {
  getHeldImports(app, context)
  postDiscard(app, context)
}

function getHeldImports(app: App, { store, node }: Context): void {
  app.get(
    '/held-imports',
    {
      schema: {
        operationId: 'listHeldImports',
        summary: 'Files that wait for a look and that you may start, the oldest first',
        querystring: pageQuery,
        response: { 200: pageOf(held) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const sights = sightsOf(principalOf(request))
      const rows = await listHeldImports(store.read, sights, { after, limit: limit + 1 })
      const names = await keptNames(
        store.read,
        node,
        rows.map(({ id }) => id),
      )
      const idOf = ({ id }: HeldImport) => id
      return toPage(rows, limit, idOf, (row) => render(row, names.get(row.id)))
    },
  )
}

function postDiscard(app: App, context: Context): void {
  const { store, clock } = context
  app.post(
    '/imports/:id/discard',
    {
      schema: {
        operationId: 'discardImport',
        summary: 'Throw a file away that waits: nothing of it is read',
        params: z.object({ id: idText }),
        body: z.strictObject({}),
        response: { 200: importSchema },
      },
      config: { refusals: ['NOT_FOUND', 'IMPORT_STATE'] },
    },
    async (request, reply) => {
      const { row, permission, within } = await findToWrite(context, request, request.params.id)
      await adminWrite(context, request, reply, {
        permission,
        answer: importSchema,
        work: async (tx) => {
          await discardImport(tx, row.id, clock())
          const ended = await readImport(tx, row.id, within)
          if (!ended) throw new TypeError('an import that was thrown away is on record')
          return renderImport(ended)
        },
      })
      await store.transaction((tx) => dropPieces(tx, row.id, 'file'), { bulk: true })
    },
  )
}

/** A roster takes the right to write members, a list that to make batches. */
function sightsOf({ grants }: Pick<Principal, 'grants'>): ImportSight[] {
  return grants.map(({ role, path }) => {
    const may: readonly Permission[] = roles[role]
    const kinds = importKinds.filter((kind) =>
      may.includes(kind === 'list' ? 'batches.write' : 'members.write'),
    )
    return { path, kinds }
  })
}

function render(row: HeldImport, name: string | undefined): z.input<typeof held> {
  return {
    ...{ id: row.id, kind: row.kind, ...(row.listId !== null && { list_id: row.listId }) },
    ...{ org_code: row.orgCode, ...(name !== undefined && { file_name: name }) },
    ...{ sent_by: row.by, sent_at: row.startedAt },
  }
}
