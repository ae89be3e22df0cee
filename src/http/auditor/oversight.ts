import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { readReconciliation } from '../../ledger/day.ts'
import { archivedCheckpoints, loggedEntries } from '../../ledger/history.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema, pageOf, toPage } from '../paging.ts'

const side = z.object({ is: z.string(), value: z.int() })
const reconciliation = z.object({
  at: instantSchema,
  good: z.boolean(),
  equations: z.array(
    z.object({
      name: z.string(),
      of: z.string().describe("a programme's public id, a merchant's id, or empty for the node"),
      left: side,
      right: side,
      difference: z.int(),
      good: z.boolean(),
    }),
  ),
})

const event = z.object({
  index: z.int().describe('in the log'),
  entry_id: z.string(),
  kind: z.string(),
  at: instantSchema,
  leaf: z.string().describe('the leaf, byte for byte as hashed'),
  leaf_hash: z.string().describe('base64url'),
})

const checkpoint = z.object({
  size: z.int(),
  checkpoint: z.string().describe('signed note, with the cosignatures of a quorum'),
  at: instantSchema,
})

const cursor = z.object({
  after: z.coerce.number().int().min(-1).default(-1).describe('the `next` of the page before'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

/** What an auditor follows from day to day: the equations, the leaves, the checkpoints. */
export function oversightRoutes(app: App, context: Context): void {
  getReconciliation(app, context)
  getEvents(app, context)
  getCheckpoints(app, context)
}

function getReconciliation(app: App, { store }: Context): void {
  app.get(
    '/reconciliation',
    {
      schema: {
        operationId: 'getReconciliation',
        summary: 'The nightly reconciliation: the latest, or that of a day',
        querystring: z.object({
          day: z.iso.date().optional().describe('UTC day that it ran on'),
        }),
        response: { 200: reconciliation },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const found = await readReconciliation(store.read, request.query.day)
      if (!found) throw new Refusal('NOT_FOUND')
      return { ...found, equations: [...found.equations] }
    },
  )
}

function getEvents(app: App, { store, log }: Context): void {
  app.get(
    '/events',
    {
      schema: {
        operationId: 'listEvents',
        summary: 'The leaves of the log in their order',
        querystring: cursor,
        response: { 200: pageOf(event) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const rows = await loggedEntries(store.read, log.name, { after, limit: limit + 1 })
      return toPage(
        rows,
        limit,
        ({ index }) => String(index),
        ({ index, entryId, kind, at, leaf, leafHash }) => ({
          ...{ index, entry_id: entryId, kind, at },
          leaf: new TextDecoder().decode(leaf),
          leaf_hash: toBase64url(leafHash),
        }),
      )
    },
  )
}

function getCheckpoints(app: App, { store, log }: Context): void {
  app.get(
    '/checkpoints',
    {
      schema: {
        operationId: 'listCheckpoints',
        summary: 'The checkpoints that a quorum has cosigned, by size; all are kept',
        querystring: cursor,
        response: { 200: pageOf(checkpoint) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const rows = await archivedCheckpoints(store.read, log.name, { after, limit: limit + 1 })
      return toPage(
        rows,
        limit,
        ({ size }) => String(size),
        ({ size, checkpoint, at }) => ({ size, checkpoint, at }),
      )
    },
  )
}
