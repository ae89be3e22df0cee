import { TlogError } from '../../formats/tlog/error.ts'
import { parseTilePath } from '../../formats/tlog/tiles.ts'
import {
  servedBundle,
  servedCheckpoint,
  servedIssued,
  servedTile,
} from '../../ledger/static-log.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'

const immutable = 'public, max-age=31536000, immutable'

/**
 * The log as static tiles (tlog-tiles 0.1.0) below the path of its origin: what `ledger verify
 * --url` and any other reader of the format asks for. Open to every origin.
 */
export function logRoutes(app: App, { store, log }: Context): void {
  const prefix = `/${log.name.split('/').slice(1).join('/')}`
  const read = store.read
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('access-control-allow-origin', '*')
  })

  app.get(`${prefix}/checkpoint`, async (_request, reply) => {
    const bytes = await servedCheckpoint(read, log.name)
    reply.header('cache-control', 'public, max-age=1').type('text/plain; charset=utf-8')
    return bytes ? reply.send(Buffer.from(bytes)) : reply.callNotFound()
  })

  app.get<{ Params: { '*': string } }>(`${prefix}/tile/*`, async (request, reply) => {
    const bytes = await tileAt(`tile/${request.params['*']}`)
    if (!bytes) return reply.callNotFound()
    reply.header('cache-control', immutable).type('application/octet-stream')
    return reply.send(Buffer.from(bytes))
  })

  app.get<{ Params: { index: string } }>(`${prefix}/issued/:index`, async (request, reply) => {
    const { index } = request.params
    const asked = /^(0|[1-9][0-9]{0,14})$/.test(index) ? Number(index) : undefined
    const bytes = asked === undefined ? undefined : await servedIssued(read, log.name, asked)
    if (!bytes) return reply.callNotFound()
    reply.header('cache-control', immutable).type('application/octet-stream')
    return reply.send(Buffer.from(bytes))
  })

  async function tileAt(path: string): Promise<Uint8Array | undefined> {
    try {
      const asked = parseTilePath(path)
      return asked.kind === 'entries'
        ? await servedBundle(read, log.name, asked)
        : await servedTile(read, log.name, asked)
    } catch (error) {
      if (error instanceof TlogError) return undefined
      throw error
    }
  }
}
