import { z } from 'zod'

import type { RefusalCode } from '../base/refusal-codes.ts'
import type { Answered } from './operation.ts'
import { problemType, statusOf } from './problem.ts'

type Content = Exclude<Answered, z.ZodType>

const words = z.object({ zh: z.string(), en: z.string() })

/** Every operation may answer with these. */
const everywhere: readonly RefusalCode[] = ['VALIDATION_FAILED', 'TEMPORARILY_UNAVAILABLE']

/** Writes that need an Idempotency-Key may answer with these. */
const writing: readonly RefusalCode[] = [
  'IDEMPOTENCY_KEY_REQUIRED',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_IN_PROGRESS',
]

/** By description: hundreds of operations share a few dozen lists of codes. */
const problems = new Map<string, Content>()

/** Problem details that carry one of `codes`; the description lists them for readers. */
function problem(codes: readonly RefusalCode[]): Content {
  const description = codes.join(', ')
  const known = problems.get(description)
  if (known) return known
  const schema = z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes as [RefusalCode, ...RefusalCode[]]),
    retry: z.enum(['never', 'same_key', 'later', 'after_action']),
    words: z.object({ cashier: words, member: words }),
  })
  const made = { description, content: { [problemType]: { schema } } }
  problems.set(description, made)
  return made
}

/** The answers of an operation, one schema a status: its good one, and all its refusals. */
export function answersOf(
  good: Record<number, Answered>,
  codes: readonly RefusalCode[],
): Record<number, Answered> {
  const byStatus = new Map<number, RefusalCode[]>()
  for (const code of new Set(codes)) {
    const at = statusOf(code)
    byStatus.set(at, [...(byStatus.get(at) ?? []), code])
  }
  const all: Record<number, Answered> = { ...good }
  for (const [at, list] of byStatus) all[at] = both(good[at], problem(list))
  return all
}

/** The codes that every operation of its sort may give. */
export function commonCodes({ write, keyed }: { write: boolean; keyed: boolean }) {
  const large: readonly RefusalCode[] = write ? ['FILE_TOO_LARGE'] : []
  return [...everywhere, ...large, ...(keyed ? writing : [])]
}

/** An endpoint with a specification of its own has its own answers beside ours. */
function both(own: Answered | undefined, ours: Content): Content {
  if (!own || own instanceof z.ZodType) return ours
  const description = `${own.description}; ${ours.description}`
  return { description, content: { ...own.content, ...ours.content } }
}
