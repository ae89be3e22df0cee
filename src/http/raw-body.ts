import type { FastifyInstance, FastifyRequest } from 'fastify'

import { Refusal } from '../base/refusal.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's octets as they came: what digests and idempotency look at. */
    rawBody: Uint8Array
  }
}

const nothing = new Uint8Array(0)
const strict = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads JSON bodies strictly and keeps their octets. Text with NUL is refused, in addresses too:
 * one of our engines cannot store it. An absent body reads as an empty object.
 */
export function readBodies(app: FastifyInstance): void {
  app.decorateRequest('rawBody')
  app.addHook('onRequest', async (request) => {
    request.rawBody = nothing
    if (/%00/.test(request.url)) throw new Refusal('VALIDATION_FAILED', { issues: ['url: NUL'] })
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      request.rawBody = body
      return body.length === 0 ? {} : parseJson(body)
    },
  )
}

/** Parses JSON; Refusal VALIDATION_FAILED for anything else. */
export function parseJson(body: Uint8Array): unknown {
  try {
    const text = strict.decode(body)
    if (!/\\u0000/i.test(text)) return JSON.parse(text, withoutPrototype)
  } catch {
    // told below, without what was in it
  }
  throw new Refusal('VALIDATION_FAILED', { issues: ['body: not JSON in UTF-8'] })
}

function withoutPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value
}
