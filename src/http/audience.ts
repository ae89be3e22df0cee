import type { OpenAPIV3_1 } from 'openapi-types'

import type { RefusalCode } from '../base/refusal-codes.ts'
import type { App } from './app.ts'
import { completeRoute } from './operation.ts'

/** Who asks, how the API document says they prove it, and what their door may answer. */
export interface Audience {
  /** The tag of their operations. */
  readonly name:
    | 'public'
    | 'member'
    | 'merchant'
    | 'admin'
    | 'auditor'
    | 'wallet'
    | 'integrator'
    | 'node'
  /** Security requirement of their operations (OpenAPI 3.1), by the names of `securitySchemes`. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  /** What authentication may refuse with. */
  readonly refusals: readonly RefusalCode[]
}

/** The proofs that operations ask for. */
export const securitySchemes: Record<string, OpenAPIV3_1.SecuritySchemeObject> = {
  deviceToken: {
    type: 'http',
    scheme: 'DPoP',
    description: 'Access token of an enrolled device: POST /oauth/token with the JWT bearer grant.',
  },
  walletToken: {
    type: 'http',
    scheme: 'DPoP',
    description: 'Access token of a wallet: POST /oauth/token with a pre-authorized code.',
  },
  dpopProof: {
    type: 'apiKey',
    in: 'header',
    name: 'DPoP',
    description:
      'RFC 9449 proof (ES256) for this request: htm, htu, iat within 60 s, a jti used once, and ' +
      'with an access token its ath.',
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Access token of a client: POST /oauth/token with client credentials.',
  },
  deskCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-symbolon-desk',
    description:
      'Session of somebody who signed in with a passkey; every write needs the Origin of the ' +
      'node and, where it is sent, Sec-Fetch-Site same-origin. Ends after 30 idle minutes and ' +
      'after 12 hours.',
  },
  terminalSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'Signature',
    description:
      'RFC 9421 signature (ecdsa-p256-sha256) with Signature-Input: @method, @target-uri and, ' +
      'unless GET, content-digest (RFC 9530) and idempotency-key; created within 60 s, keyid the ' +
      'terminal, a nonce used once.',
  },
  nodeSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'Signature',
    description:
      'As terminalSignature, with the redeemer key of another node that the trust list names: ' +
      'keyid is its thumbprint (RFC 7638).',
  },
  clientSecret: {
    type: 'http',
    scheme: 'basic',
    description: 'client_secret_basic; without it, private_key_jwt in the form.',
  },
}

/**
 * Opens a plugin to an audience: every operation in it is described with its proof and refusals,
 * and none of its answers is kept by a cache.
 */
export function openTo(app: App, audience: Audience): void {
  app.addHook('onRoute', completeRoute(audience))
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
}
