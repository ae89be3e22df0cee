import type { RouteOptions } from 'fastify'
import { z } from 'zod'

import type { RefusalCode } from '../base/refusal-codes.ts'
import { answersOf, commonCodes } from './answers.ts'
import type { Audience } from './audience.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Codes the operation may refuse with, beyond those of its audience. */
    refusals?: readonly RefusalCode[]
    /** A write that needs no Idempotency-Key, because its specification has another way. */
    unkeyed?: boolean
  }
}

/** What the API document says of an operation. */
interface Described {
  readonly operationId: string
  readonly summary: string
  readonly security?: Audience['security']
  readonly response: Record<number, Answered>
}

/** A JSON answer by its schema, or another by its media type. */
export type Answered =
  | z.ZodType
  | { readonly description: string; readonly content: Record<string, { schema: z.ZodType }> }

const keyHeader = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{8,128}$/)
    .describe('Client-made, persisted before sending; the same key and body get the same answer.'),
})

/**
 * Fills in what every operation of an audience shares: its tag, its proof, its own refusals, and
 * for writes the Idempotency-Key with its refusals. Used as `onRoute` hook of an audience's plugin,
 * so that no route can leave it out; one that is not described is our mistake.
 */
export function completeRoute({ name, security, refusals }: Audience) {
  return (route: RouteOptions): void => {
    const methods = Array.isArray(route.method) ? route.method : [route.method]
    if (methods.includes('HEAD')) return
    const schema = described(route)
    const write = !methods.includes('GET')
    const config = { ...route.config }
    const keyed = write && !config.unkeyed
    const codes = [...(config.refusals ?? []), ...refusals, ...commonCodes({ write, keyed })]
    route.schema = {
      security,
      ...schema,
      tags: [name],
      response: answersOf(schema.response, codes),
      ...(keyed && { headers: keyHeader }),
    } as RouteOptions['schema'] & object
    route.config = { ...config, refusals: codes }
  }
}

function described({ url, schema }: RouteOptions): Described {
  const given = (schema ?? {}) as Partial<Described>
  const { operationId, summary, response } = given
  if (!operationId || !summary || !response) throw new TypeError(`${url} is not described`)
  return { ...given, operationId, summary, response }
}
