import { z } from 'zod'

import { jwksOf } from '../../keys/jwks.ts'
import type { App } from '../app.ts'
import { wellKnownPath } from '../base-path.ts'
import type { Context } from '../context.ts'

const jwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string().describe('thumbprint (RFC 7638)'),
  use: z.literal('sig'),
  alg: z.literal('ES256'),
  x5c: z.array(z.string()).readonly().describe('leaf first, the root left out'),
})
const jwks = z.object({ keys: z.array(jwk).readonly() })
const kept = 'public, max-age=300'

/** The node's public keys, where specifications look for them. Open to every origin. */
export function keyRoutes(app: App, context: Context): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('access-control-allow-origin', '*')
  })
  getKeys(app, context)
  getIssuer(app, context)
}

function getKeys(app: App, { roles }: Context): void {
  app.get(
    '/.well-known/jwks.json',
    {
      schema: {
        operationId: 'getKeys',
        summary: 'The public keys of the node, with certificates (RFC 7517)',
        response: { 200: jwks },
      },
    },
    async (_request, reply) => reply.header('cache-control', kept).send(jwksOf(roles)),
  )
}

function getIssuer(app: App, { roles, publicUrl }: Context): void {
  app.get(
    wellKnownPath('jwt-vc-issuer', publicUrl),
    {
      schema: {
        operationId: 'getCredentialIssuerKeys',
        summary: 'The keys that credentials are signed with (SD-JWT VC draft-19)',
        response: { 200: z.object({ issuer: z.string(), jwks }) },
      },
    },
    async (_request, reply) =>
      reply
        .header('cache-control', kept)
        .send({ issuer: publicUrl, jwks: jwksOf(roles, ['issuer']) }),
  )
}
