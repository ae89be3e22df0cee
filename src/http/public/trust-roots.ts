import { z } from 'zod'
import { sha256 } from '../../base/sha256.ts'
import { thumbprintText } from '../../formats/jwk.ts'
import { jwkOf } from '../../keys/es256.ts'
import { readCertificateKey } from '../../trust/certificate-path.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema } from '../paging.ts'

const root = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string().describe('thumbprint (RFC 7638)'),
})

/**
 * The keys of the roots that this node pins, for pages of its own that check a trust list without
 * X.509: they take what they meet first and nothing else afterwards. Whoever can pin by another way
 * does.
 */
export function trustRootRoutes(app: App, { trustRoots, clock }: Context): void {
  const keys = trustRoots.map((der) => {
    const jwk = jwkOf(readCertificateKey(der))
    return { ...jwk, kid: thumbprintText(sha256, jwk) }
  })
  app.get(
    '/trust-roots',
    {
      schema: {
        operationId: 'getTrustRoots',
        summary: 'The keys of the roots that sign trust lists, as this node pins them',
        response: { 200: z.object({ keys: z.array(root), server_time: instantSchema }) },
      },
    },
    async (_request, reply) => {
      reply.header('access-control-allow-origin', '*').header('cache-control', 'no-cache')
      return { keys, server_time: clock() }
    },
  )
}
