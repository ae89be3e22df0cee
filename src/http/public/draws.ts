import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { readDraw } from '../../benefits/draw/draw.ts'
import { drawFile } from '../../benefits/draw/files.ts'
import { drawFileNames } from '../../formats/draw.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'

const octets = z.string() as z.ZodType as z.ZodType<Uint8Array>

/**
 * The files of a draw: what `symbolon draw verify --url` and a page read. Open to every origin.
 * Names in them are random and of one draw: who the entrants are is nowhere in them.
 */
export function drawRoutes(app: App, { store }: Context): void {
  app.get(
    '/draws/:id/:file',
    {
      schema: {
        operationId: 'getDrawFile',
        summary: `A file of a draw: ${Object.values(drawFileNames).join(', ')}`,
        params: z.object({ id: idText, file: z.string().max(64) }),
        response: {
          200: {
            description: 'a c2sp.org/tlog-proof@v1 with the leaf in it, or names, a line each',
            content: { 'text/plain': { schema: octets } },
          },
        },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      reply.header('access-control-allow-origin', '*')
      const { id, file: name } = request.params
      const draw = await readDraw(store.read, id)
      const bytes = await drawFile(store.read, { draw, name })
      if (!bytes) throw new Refusal('NOT_FOUND', { what: 'draw' })
      reply.header('cache-control', 'public, max-age=60').type('text/plain; charset=utf-8')
      return reply.send(Buffer.from(bytes))
    },
  )
}
