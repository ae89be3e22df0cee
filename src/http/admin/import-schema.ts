import { z } from 'zod'

import type { Import } from '../../identity/import-report.ts'
import { importKinds, importPolicies, importStates } from '../../store/schema/batches.ts'
import { instantSchema } from '../paging.ts'

/** A file that came in, and how far it was read. */
export const importSchema = z.object({
  id: z.string(),
  kind: z.enum(importKinds).describe('a roster of members, or people for a list'),
  list_id: z.string().optional(),
  state: z.enum(importStates),
  failure: z.string().optional(),
  policy: z.enum(importPolicies).optional(),

  read: z.int(),
  matched: z.int().optional().describe('of a list: rows that name a member, added or unchanged'),
  added: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  refused: z.int(),
  started_at: instantSchema,
  finished_at: instantSchema.optional(),
})

/** One import, with what is found out when it has ended. */
export const importDetailSchema = importSchema.extend({
  reasons: z
    .record(z.string(), z.int())
    .optional()
    .describe('once it has ended: how many rows were refused for which reason'),
  fixable: z
    .boolean()
    .optional()
    .describe('you sent it, and its refused rows are kept for you (`refused.csv`)'),
  used_before: z
    .array(
      z.object({
        import_id: z.string(),
        list_id: z.string(),
        list_name: z.string(),
        at: instantSchema,
      }),
    )
    .optional()
    .describe('of a list: earlier uploads of the same people, the latest first'),
})

/** An import as the desk sees it. */
export function renderImport(row: Import): z.input<typeof importSchema> {
  const { id, kind, state, read, added, changed, unchanged, refused } = row
  return {
    id,
    kind,
    ...(row.listId !== null && { list_id: row.listId }),
    state,
    ...(row.failure !== null && { failure: row.failure }),
    ...(row.policy !== null && { policy: row.policy }),
    read,
    ...(kind === 'list' && { matched: added + unchanged }),
    added,
    changed,
    unchanged,
    refused,
    started_at: row.startedAt,
    ...(row.finishedAt !== null && { finished_at: row.finishedAt }),
  }
}
