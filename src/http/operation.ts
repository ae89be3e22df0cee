import type { RouteOptions } from 'fastify'
import { z } from 'zod'

import type { RefusalCode } from '../base/refusal-codes.ts'
import { answersOf, commonCodes, writing } from './answers.ts'

/** What the API document says of an operation. */
interface Described {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
}

const keyHeader = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{8,128}$/)
    .describe('Client-made, persisted before sending; the same key and body get the same answer.'),
})

/**
 * Fills in what every operation of an audience shares: its tag, its own refusals, and for writes
 * the Idempotency-Key with its refusals. Used as `onRoute` hook of an audience's plugin, so that
 * no route can leave it out.
 */
export function completeRoute(audience: string, shared: readonly RefusalCode[]) {
  return (route: RouteOptions): void => {
    const methods = Array.isArray(route.method) ? route.method : [route.method]
    if (methods.includes('HEAD') || !route.schema) return
    const write = !methods.includes('GET')
    const config = { ...route.config }
    const keyed = write && !config.unkeyed
    const codes = [...(config.refusals ?? []), ...shared, ...(keyed ? writing : [])]
    const schema = route.schema as Partial<Described> & Record<string, unknown>
    const good = (schema.response ?? {}) as Record<number, z.ZodType>
    const [[status, answer] = ['200', z.unknown()]] = Object.entries(good)
    route.schema = {
      ...schema,
      tags: [audience],
      response: answersOf(answer, codes, Number(status)),
      ...(keyed && { headers: keyHeader }),
    }
    route.config = { ...config, refusals: [...codes, ...commonCodes(keyed)] }
  }
}
