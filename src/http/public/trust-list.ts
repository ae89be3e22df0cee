import { z } from 'zod'

import { entityTag, type KeptTrustList, keptTrustLists } from '../../trust/trust-lists.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'

const type = 'application/trust-list+jwt'

/** The list of trusted nodes that is in force here, as its root signed it. Open to every origin. */
export function trustListRoutes(app: App, context: Context): void {
  const { store, trustRoots, publicUrl } = context
  app.get(
    '/trust-list',
    {
      schema: {
        operationId: 'getTrustList',
        summary: 'The signed list of trusted nodes (JSON profile of ETSI TS 119 602)',
        description: 'ETag and If-None-Match are answered. Check it with the root that you pin.',
        response: {
          200: { description: 'compact JWS', content: { [type]: { schema: z.string() } } },
          304: z.null().describe('not changed'),
        },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const kept = ours(await keptTrustLists(store.read, trustRoots), publicUrl)
      if (!kept) return reply.callNotFound()
      const tag = entityTag(kept.token)
      reply.header('access-control-allow-origin', '*').header('etag', tag)
      reply.header('cache-control', 'public, max-age=300')
      if (request.headers['if-none-match'] === tag) return reply.code(304).send(null)
      return reply.type(type).send(kept.token)
    },
  )
}

/** With more than one root: the list that names this node. */
function ours(lists: readonly KeptTrustList[], url: string): KeptTrustList | undefined {
  return lists.find(({ list }) => list.nodes.some((node) => node.url === url)) ?? lists[0]
}
