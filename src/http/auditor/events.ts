import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import { day, type Instant } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import { disclosureNames } from '../../formats/disclosure.ts'
import { subjectsOf } from '../../identity/entry-subjects.ts'
import { pseudonymOf } from '../../keys/pseudonym.ts'
import { loggedEntries, loggedEntry } from '../../ledger/history.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, toPage } from '../paging.ts'
import { logCursor } from './log-cursor.ts'

const event = z.object({
  log: z.string().describe('origin of the log that it is in'),
  index: z.int().describe('in its log'),
  entry_id: z.string(),
  kind: z.string(),
  at: instantSchema,
  subject: z.string().optional().describe('pseudonym of the member; none where there is none'),
  leaf: z.string().describe('the leaf, byte for byte as hashed'),
  leaf_hash: z.string().describe('base64url'),
})

const oneEvent = event.extend({
  hidden: z
    .array(z.enum(disclosureNames))
    .describe('what the leaf commits to and the node keeps: never told here'),
})

/** The journal as it stands in the logs, in their order. Members are pseudonyms. */
export function eventRoutes(app: App, context: Context): void {
  getEvents(app, context)
  getEvent(app, context)
}

function getEvents(app: App, { store, node }: Context): void {
  app.get(
    '/events',
    {
      schema: {
        operationId: 'listEvents',
        summary: 'The leaves of the logs of all years in their order',
        querystring: logCursor.extend({
          kind: z
            .string()
            .regex(/^[a-z_.]{1,40}$/)
            .optional(),
          day: z.iso.date().optional().describe('UTC day'),
        }),
        response: { 200: pageOf(event) },
      },
    },
    async (request) => {
      const { after, limit, kind, day: date } = request.query
      const wanted = { after, limit: limit + 1, kind, ...(date !== undefined && dayOf(date)) }
      const rows = await loggedEntries(store.read, wanted)
      const subjects = await subjectsOf(store.read, node, rows.slice(0, limit))
      return toPage(
        rows,
        limit,
        ({ position }) => String(position),
        (row) => {
          const memberId = subjects.get(row.entryId)?.memberId
          return { ...render(row), ...(memberId && { subject: pseudonymOf(node, memberId) }) }
        },
      )
    },
  )
}

function getEvent(app: App, { store, node }: Context): void {
  app.get(
    '/events/:entryId',
    {
      schema: {
        operationId: 'getEvent',
        summary: 'One leaf; what it commits to stays hidden',
        params: z.object({ entryId: idText }),
        response: { 200: oneEvent },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const row = await loggedEntry(store.read, request.params.entryId)
      if (!row) throw new Refusal('NOT_FOUND')
      const about = (await subjectsOf(store.read, node, [row])).get(row.entryId)
      const committed = about?.committed ?? []
      return {
        ...render(row),
        ...(about?.memberId && { subject: pseudonymOf(node, about.memberId) }),
        hidden: disclosureNames.filter((name) => committed.includes(name)),
      }
    },
  )
}

function dayOf(date: string): { from: Instant; to: Instant } {
  const from = Date.parse(`${date}T00:00:00Z`)
  return { from, to: from + day }
}

function render(row: NonNullable<Awaited<ReturnType<typeof loggedEntry>>>) {
  const { log, index, entryId, kind, at, leaf, leafHash } = row
  return {
    ...{ log, index, entry_id: entryId, kind, at },
    leaf: new TextDecoder().decode(leaf),
    leaf_hash: toBase64url(leafHash),
  }
}
