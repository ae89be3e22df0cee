import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'

import { Refusal, Weather } from '../base/refusal.ts'
import { connectionLost, withoutValues } from '../store/errors.ts'
import type { Context } from './context.ts'
import { internalProblem, type Problem, problemOf, problemType } from './problem.ts'
import { securityHeaders } from './security-headers.ts'

/**
 * Turns what was thrown into an answer, and logs requests. Three kinds, never mixed: a refusal is
 * told with its code, weather asks to come back, a mistake of ours is logged and told as nothing.
 * No log line has a URL, a body or a header in it: the route's pattern says enough.
 */
export function handleErrors(app: FastifyInstance, { metrics }: Context): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = refusalOf(error)
    if (refusal) return tell(request, reply, refusal)
    request.log.error({ err: plain(withoutValues(error)), route: routeOf(request) }, 'mistake')
    return send(reply, internalProblem)
  })
  app.setNotFoundHandler((request, reply) => tell(request, reply, new Refusal('NOT_FOUND')))
  app.addHook('onResponse', async (request, reply) => {
    const seconds = reply.elapsedTime / 1000
    const { method } = request
    const route = routeOf(request)
    metrics.requests.observe({ method, route, status: reply.statusCode }, seconds)
    request.log.info({ method, route, status: reply.statusCode, ms: reply.elapsedTime }, 'request')
  })

  function tell(request: FastifyRequest, reply: FastifyReply, refusal: Refusal) {
    const declared = request.routeOptions.config?.refusals
    metrics.refusals.inc({ code: refusal.code })
    if (declared && !declared.includes(refusal.code)) {
      metrics.undeclared.inc({ route: routeOf(request), code: refusal.code })
    }
    const problem = problemOf(refusal)
    if (problem.status === 503) reply.header('retry-after', '1')
    if (problem.status === 401) reply.header('www-authenticate', 'DPoP, Bearer')
    return send(reply, problem)
  }
}

/** Answers an address that could not even be routed: hooks and handlers never see it. */
export function unreadable(_error: FastifyError, _request: unknown, reply: unknown): void {
  const refusal = new Refusal('VALIDATION_FAILED', { issues: ['url: malformed'] })
  send((reply as FastifyReply).headers(securityHeaders), problemOf(refusal))
}

function send(reply: FastifyReply, problem: Problem): FastifyReply {
  reply.header('cache-control', 'no-store')
  return reply.code(problem.status).type(problemType).send(JSON.stringify(problem))
}

/** What was thrown, as a refusal; `undefined` for a mistake of ours. */
function refusalOf(error: FastifyError): Refusal | undefined {
  if (error instanceof Refusal) return error
  if (error instanceof Weather || connectionLost(error)) {
    return new Refusal('TEMPORARILY_UNAVAILABLE')
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    if (error.validationContext === 'headers') return new Refusal('IDEMPOTENCY_KEY_REQUIRED')
    const issues = error.validation.map(
      ({ instancePath, message }) => `${instancePath.slice(1).replaceAll('/', '.')}: ${message}`,
    )
    return new Refusal('VALIDATION_FAILED', { issues: issues.slice(0, 20) })
  }
  // Fastify's own words for input it could not read: size, media type, malformed address.
  const { statusCode = 500, code = '' } = error
  if (!code.startsWith('FST_') || statusCode >= 500) return undefined
  if (statusCode === 413) return new Refusal('FILE_TOO_LARGE')
  return new Refusal('VALIDATION_FAILED', { issues: [code] })
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unknown'
}

function plain(error: unknown) {
  if (!(error instanceof Error)) return { name: typeof error }
  return { name: error.name, message: error.message, stack: error.stack }
}
