import { z } from 'zod'

import { TlogError } from '../../formats/tlog/error.ts'
import { parseTilePath } from '../../formats/tlog/tiles.ts'
import { publishedCheckpoint } from '../../ledger/cosigned.ts'
import { logState } from '../../ledger/log-state.ts'
import type { Logs } from '../../ledger/logs.ts'
import { parentOf } from '../../ledger/roll.ts'
import { servedBundle, servedIssued, servedTile } from '../../ledger/static-log.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'

const immutable = 'public, max-age=31536000, immutable'
// Octets are sent as they are; the schema is for readers of the document.
const octets = z.string().meta({ format: 'binary' }) as z.ZodType as z.ZodType<Uint8Array>
const ofYear = z.object({ year: z.string().describe('which log: the last part of its origin') })
const binary = (description: string) => ({
  200: { description, content: { 'application/octet-stream': { schema: octets } } },
})

/**
 * The logs as static tiles (tlog-tiles 0.1.0), each below the path of its origin, which ends in the
 * year: what `ledger verify --url` and any other reader of the format asks for. Those of earlier
 * years stay. Open to every origin.
 */
export function logRoutes(app: App, context: Context): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('access-control-allow-origin', '*')
  })
  getLogCheckpoint(app, context)
  getLogTile(app, context)
  getLogIssued(app, context)
  getPromiseKey(app, context)
}

function getLogCheckpoint(app: App, { store, logs, clock }: Context): void {
  const answer = { description: 'signed note', content: { 'text/plain': { schema: octets } } }
  app.get(
    `${prefixOf(logs)}/checkpoint`,
    {
      schema: {
        operationId: 'getLogCheckpoint',
        summary: 'The latest checkpoint of a log (c2sp.org/tlog-checkpoint)',
        params: ofYear,
        response: { 200: answer },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const bytes = await publishedCheckpoint(store.read, nameOf(logs, request.params), clock())
      if (!bytes) return reply.callNotFound()
      reply.header('cache-control', 'public, max-age=1').type('text/plain; charset=utf-8')
      return reply.send(Buffer.from(bytes))
    },
  )
}

function getLogTile(app: App, context: Context): void {
  app.get(
    `${prefixOf(context.logs)}/tile/*`,
    {
      schema: {
        operationId: 'getLogTile',
        summary: 'A tile of hashes, or a bundle of entries (c2sp.org/tlog-tiles)',
        params: ofYear.extend({ '*': z.string().describe('level/index[.p/width]') }),
        response: binary('hashes of 32 octets, or entries with their lengths'),
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const log = nameOf(context.logs, request.params)
      const bytes = await tileAt(context, log, `tile/${request.params['*']}`)
      if (!bytes) return reply.callNotFound()
      reply.header('cache-control', immutable).type('application/octet-stream')
      return reply.send(Buffer.from(bytes))
    },
  )
}

function getLogIssued(app: App, { store, logs }: Context): void {
  app.get(
    `${prefixOf(logs)}/issued/:index`,
    {
      schema: {
        operationId: 'getLogIssued',
        summary: 'The voucher digests that the chunk at a leaf issued, 16 octets each',
        params: ofYear.extend({ index: z.string().describe('index of the leaf') }),
        response: binary('voucher digests'),
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { index } = request.params
      const asked = /^(0|[1-9][0-9]{0,14})$/.test(index) ? Number(index) : undefined
      const log = nameOf(logs, request.params)
      const bytes = asked === undefined ? undefined : await servedIssued(store.read, log, asked)
      if (!bytes) return reply.callNotFound()
      reply.header('cache-control', immutable).type('application/octet-stream')
      return reply.send(Buffer.from(bytes))
    },
  )
}

function getPromiseKey(app: App, { store, logs, promises }: Context): void {
  const answer = { description: 'verifier key', content: { 'text/plain': { schema: octets } } }
  app.get(
    `${prefixOf(logs)}/promise-key`,
    {
      schema: {
        operationId: 'getPromiseKey',
        summary: 'The verifier key of promises (receipts of level 1), of all years',
        params: ofYear,
        response: { 200: answer },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      if (!(await logState(store.read, nameOf(logs, request.params)))) return reply.callNotFound()
      reply.header('cache-control', 'public, max-age=300').type('text/plain; charset=utf-8')
      return reply.send(Buffer.from(`${promises.vkey}\n`))
    },
  )
}

/** An origin is a host and a path, which ends in the year: the log lies below the path. */
function prefixOf({ name }: Logs): string {
  return [...parentOf(name).split('/').slice(1), ':year'].map((part) => `/${part}`).join('')
}

/** The origin that a year's log has, or would have. */
function nameOf({ name }: Logs, { year }: { readonly year: string }): string {
  return `${parentOf(name)}/${year}`
}

async function tileAt(
  { store }: Context,
  log: string,
  path: string,
): Promise<Uint8Array | undefined> {
  try {
    const asked = parseTilePath(path)
    return asked.kind === 'entries'
      ? await servedBundle(store.read, log, asked)
      : await servedTile(store.read, log, asked)
  } catch (error) {
    if (error instanceof TlogError) return undefined
    throw error
  }
}
