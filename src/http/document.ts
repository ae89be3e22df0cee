import type { OpenAPIV3_1 } from 'openapi-types'

import { securitySchemes } from './audience.ts'
import type { Context } from './context.ts'

/** The frame of the API document; operations fill it in by their schemas. */
export function apiDocument({ publicUrl, node }: Context): Partial<OpenAPIV3_1.Document> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Symbolon',
      version: '0.1.0',
      description:
        `Member identity and benefits wallet of ${node.nameZh} (node ${node.code}). ` +
        'Amounts are integer fen, instants are milliseconds since 1970-01-01T00:00:00Z. ' +
        'Every write needs an Idempotency-Key: the same key and body get the same answer. ' +
        'Lists are paged by `after` and `limit`; `next` is the next `after`. ' +
        'Refusals are problem details (RFC 9457) with a stable `code`.',
    },
    components: { securitySchemes },
    servers: [{ url: publicUrl }],
    tags: [
      { name: 'public', description: 'No proof needed: enrolment, tokens, the log, health.' },
      { name: 'member', description: 'DPoP-bound access token of an enrolled device (RFC 9449).' },
      {
        name: 'merchant',
        description: 'HTTP message signature of a provisioned terminal (RFC 9421, ES256).',
      },
      { name: 'admin', description: 'Bearer token of a client; permissions on a subtree.' },
      { name: 'auditor', description: 'Bearer token with audit.read.' },
      { name: 'wallet', description: 'OpenID4VCI 1.0 and OpenID4VP 1.0, in their own forms.' },
      { name: 'integrator', description: 'Bearer token of a client with verifications.write.' },
      {
        name: 'node',
        description: 'HTTP message signature of another node that the trust list names (RFC 9421).',
      },
    ],
  }
}
