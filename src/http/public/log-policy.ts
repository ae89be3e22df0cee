import { z } from 'zod'

import { sha256 } from '../../base/sha256.ts'
import { formatPolicy } from '../../formats/tlog/format-policy.ts'
import { parseVkey } from '../../formats/tlog/note.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'

const text = z.string().meta({ format: 'binary' }) as z.ZodType as z.ZodType<Uint8Array>

/**
 * Whom to believe about this node's logs, those of earlier years first, in the node's own words:
 * for pages of its own, which keep what they meet first and tell the member when it changes.
 * Whoever can pin by another way does.
 */
export function logPolicyRoutes(app: App, { logs, witnesses }: Context): void {
  app.get(
    '/log-policy',
    {
      schema: {
        operationId: 'getLogPolicy',
        summary:
          "The keys of the logs and their witnesses (c2sp.org/tlog-policy), for receipts' checks",
        response: {
          200: { description: 'policy file', content: { 'text/plain': { schema: text } } },
        },
      },
    },
    async (_request, reply) => {
      const keys = logs.vkeys.map((vkey) => ({ vkey: parseVkey(sha256, vkey) }))
      const policy = formatPolicy({
        ...{ logs: keys, witnesses: witnesses?.witnesses ?? [] },
        quorum: witnesses?.quorum ?? { kind: 'none' },
      })
      reply.header('access-control-allow-origin', '*').header('cache-control', 'no-cache')
      return reply.type('text/plain; charset=utf-8').send(Buffer.from(policy))
    },
  )
}
