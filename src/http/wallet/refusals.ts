import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { Refusal, Weather } from '../../base/refusal.ts'
import { type IssuanceErrorCode, IssuanceRefusal } from '../../credentials/issuance/refused.ts'
import { makeServerNonce } from '../../credentials/issuance/server-nonces.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'

/** An error as OAuth writes it (RFC 6749 section 5.2). */
export const refusedSchema = z.object({
  error: z.string().describe('a code of the endpoint’s specification'),
  error_description: z.string().optional(),
})

/** Errors that are about who asks: 401, with a challenge (RFC 9449 sections 7.1 and 9). */
const challenged: readonly IssuanceErrorCode[] = [
  ...(['invalid_token', 'invalid_dpop_proof', 'use_dpop_nonce'] as const),
]

/** Lets pages of other origins ask, and read what they must (RFC 9449 section 8). */
export function openToOrigins(reply: FastifyReply): void {
  reply.header('access-control-allow-origin', '*')
  reply.header('access-control-expose-headers', 'DPoP-Nonce, WWW-Authenticate')
}

/** Gives a wallet the nonce for its next proof (RFC 9449 section 8.2). */
export function giveNonce({ node, clock }: Context, reply: FastifyReply): void {
  reply.header('dpop-nonce', makeServerNonce(node, 'dpop', clock()))
}

/**
 * Answers an error of the token endpoint: always 400 (RFC 6749 section 5.2, RFC 9449 section 8).
 */
export function tellTokenError(context: Context, reply: FastifyReply, error: IssuanceRefusal) {
  giveNonce(context, reply)
  return reply.code(400).send({ error: error.error, error_description: error.description })
}

/**
 * Turns what is thrown in the plugin of a protected resource into its specification's form. Bodies
 * that cannot be read are `malformed`; a replayed proof is no proof. Mistakes of ours and weather
 * go on to the server's own handler.
 */
export function tellInTheirForm(app: App, context: Context, malformed: IssuanceErrorCode): void {
  app.setErrorHandler((error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
    const refusal = refusalOf(error, malformed)
    const { error: code, description } = refusal
    giveNonce(context, reply)
    if (challenged.includes(code)) {
      const words = `error="${code}", error_description="${description}", algs="ES256"`
      reply.code(401).header('www-authenticate', `DPoP ${words}`)
    } else reply.code(400)
    return reply.send({ error: code, error_description: description })
  })
}

function refusalOf(error: FastifyError, malformed: IssuanceErrorCode): IssuanceRefusal {
  if (error instanceof IssuanceRefusal) return error
  if (error instanceof Weather) throw error
  if (error instanceof Refusal) {
    return error.code === 'PROOF_REPLAYED'
      ? new IssuanceRefusal('invalid_dpop_proof', 'the proof was used before')
      : new IssuanceRefusal(malformed, 'the request could not be read')
  }
  const { statusCode = 500, code = '' } = error
  if (!code.startsWith('FST_') || statusCode >= 500) throw error
  return new IssuanceRefusal(malformed, 'the request could not be read')
}
