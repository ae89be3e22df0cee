import { z } from 'zod'

import { TlogError } from '../../formats/tlog/error.ts'
import { parseTilePath } from '../../formats/tlog/tiles.ts'
import { publishedCheckpoint } from '../../ledger/cosigned.ts'
import { servedBundle, servedIssued, servedTile } from '../../ledger/static-log.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'

const immutable = 'public, max-age=31536000, immutable'
// Octets are sent as they are; the schema is for readers of the document.
const octets = z.string().meta({ format: 'binary' }) as z.ZodType as z.ZodType<Uint8Array>
const binary = (description: string) => ({
  200: { description, content: { 'application/octet-stream': { schema: octets } } },
})

/**
 * The log as static tiles (tlog-tiles 0.1.0) below the path of its origin: what `ledger verify
 * --url` and any other reader of the format asks for. Open to every origin.
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

function getLogCheckpoint(app: App, { store, log, clock }: Context): void {
  const answer = { description: 'signed note', content: { 'text/plain': { schema: octets } } }
  app.get(
    `${prefixOf(log.name)}/checkpoint`,
    {
      schema: {
        operationId: 'getLogCheckpoint',
        summary: 'The latest checkpoint of the log (c2sp.org/tlog-checkpoint)',
        response: { 200: answer },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (_request, reply) => {
      const bytes = await publishedCheckpoint(store.read, log.name, clock())
      if (!bytes) return reply.callNotFound()
      reply.header('cache-control', 'public, max-age=1').type('text/plain; charset=utf-8')
      return reply.send(Buffer.from(bytes))
    },
  )
}

function getLogTile(app: App, context: Context): void {
  app.get(
    `${prefixOf(context.log.name)}/tile/*`,
    {
      schema: {
        operationId: 'getLogTile',
        summary: 'A tile of hashes, or a bundle of entries (c2sp.org/tlog-tiles)',
        params: z.object({ '*': z.string().describe('level/index[.p/width]') }),
        response: binary('hashes of 32 octets, or entries with their lengths'),
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const bytes = await tileAt(context, `tile/${request.params['*']}`)
      if (!bytes) return reply.callNotFound()
      reply.header('cache-control', immutable).type('application/octet-stream')
      return reply.send(Buffer.from(bytes))
    },
  )
}

function getLogIssued(app: App, { store, log }: Context): void {
  app.get(
    `${prefixOf(log.name)}/issued/:index`,
    {
      schema: {
        operationId: 'getLogIssued',
        summary: 'The voucher digests that the chunk at a leaf issued, 16 octets each',
        params: z.object({ index: z.string().describe('index of the leaf') }),
        response: binary('voucher digests'),
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { index } = request.params
      const asked = /^(0|[1-9][0-9]{0,14})$/.test(index) ? Number(index) : undefined
      const bytes =
        asked === undefined ? undefined : await servedIssued(store.read, log.name, asked)
      if (!bytes) return reply.callNotFound()
      reply.header('cache-control', immutable).type('application/octet-stream')
      return reply.send(Buffer.from(bytes))
    },
  )
}

function getPromiseKey(app: App, { log, promises }: Context): void {
  const answer = { description: 'verifier key', content: { 'text/plain': { schema: octets } } }
  app.get(
    `${prefixOf(log.name)}/promise-key`,
    {
      schema: {
        operationId: 'getPromiseKey',
        summary: 'The verifier key of promises (receipts of level 1)',
        response: { 200: answer },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'public, max-age=300').type('text/plain; charset=utf-8')
      return reply.send(Buffer.from(`${promises.vkey}\n`))
    },
  )
}

/** An origin is a host and a path: the log lies below the path. */
function prefixOf(origin: string): string {
  return `/${origin.split('/').slice(1).join('/')}`
}

async function tileAt({ store, log }: Context, path: string): Promise<Uint8Array | undefined> {
  try {
    const asked = parseTilePath(path)
    return asked.kind === 'entries'
      ? await servedBundle(store.read, log.name, asked)
      : await servedTile(store.read, log.name, asked)
  } catch (error) {
    if (error instanceof TlogError) return undefined
    throw error
  }
}
