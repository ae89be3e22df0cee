import { z } from 'zod'

import type { RefusalCode } from '../base/refusal-codes.ts'
import { statusOf } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Codes the operation may refuse with, beyond those of its audience. */
    refusals?: readonly RefusalCode[]
    /** A write that needs no Idempotency-Key, because its specification has another way. */
    unkeyed?: boolean
  }
}

const words = z.object({ zh: z.string(), en: z.string() })

/** Every operation may answer with these. */
const everywhere: readonly RefusalCode[] = ['VALIDATION_FAILED', 'TEMPORARILY_UNAVAILABLE']

/** Every write may answer with these. */
export const writing: readonly RefusalCode[] = [
  'IDEMPOTENCY_KEY_REQUIRED',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_IN_PROGRESS',
]

/** Problem details that carry one of `codes`; the description lists them for readers. */
function problem(codes: readonly RefusalCode[]) {
  return z
    .object({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      code: z.enum(codes as [RefusalCode, ...RefusalCode[]]),
      retry: z.enum(['never', 'same_key', 'later', 'after_action']),
      words: z.object({ cashier: words, member: words }),
    })
    .describe(codes.join(', '))
}

/** The answers of an operation, one schema a status: its good one, and all its refusals. */
export function answersOf<Good extends z.ZodType>(
  good: Good,
  codes: readonly RefusalCode[],
  status = 200,
): Record<number, z.ZodType> {
  const byStatus = new Map<number, RefusalCode[]>()
  for (const code of new Set([...codes, ...everywhere])) {
    const at = statusOf(code)
    byStatus.set(at, [...(byStatus.get(at) ?? []), code])
  }
  const refused = [...byStatus].map(([at, list]) => [at, problem(list)] as const)
  return { ...Object.fromEntries(refused), [status]: good }
}

/** The codes that every operation, and every write, may give. */
export function commonCodes(write: boolean): readonly RefusalCode[] {
  return write ? [...everywhere, ...writing] : everywhere
}
