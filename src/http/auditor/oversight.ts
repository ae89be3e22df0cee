import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { readReconciliation } from '../../ledger/day.ts'
import { archivedCheckpoints } from '../../ledger/history.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema, pageOf, toPage } from '../paging.ts'
import { logCursor } from './log-cursor.ts'

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

const checkpoint = z.object({
  log: z.string().describe('origin of the log that it is of'),
  size: z.int(),
  checkpoint: z.string().describe('signed note, with the cosignatures of a quorum'),
  at: instantSchema,
})

/** What an auditor follows from day to day: the equations, the checkpoints. */
export function oversightRoutes(app: App, context: Context): void {
  getReconciliation(app, context)
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

function getCheckpoints(app: App, { store }: Context): void {
  app.get(
    '/checkpoints',
    {
      schema: {
        operationId: 'listCheckpoints',
        summary: 'The checkpoints that a quorum has cosigned, by year and size; all are kept',
        querystring: logCursor,
        response: { 200: pageOf(checkpoint) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const rows = await archivedCheckpoints(store.read, { after, limit: limit + 1 })
      return toPage(
        rows,
        limit,
        ({ position }) => String(position),
        ({ log, size, checkpoint, at }) => ({ log, size, checkpoint, at }),
      )
    },
  )
}
