import { z } from 'zod'

/** Where to go on in what the log numbers. */
export const logCursor = z.object({
  after: z.coerce.number().int().min(-1).default(-1).describe('the `next` of the page before'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
