import { z } from 'zod'

import type { NamedTransfer } from '../identity/transfer-lists.ts'
import { openTransferReason } from '../identity/transfers.ts'
import { transferSides, transferStates } from '../store/schema/transfers.ts'
import type { Context } from './context.ts'
import { instantSchema } from './paging.ts'

const union = z.object({ code: z.string(), name: z.string() })

/** A transfer as everybody who may see it sees it. */
export const transferSchema = z.object({
  id: z.string(),
  state: z.enum(transferStates),
  from: union,
  to: union,
  asked_by: z.enum(['member', 'union']),
  asked_at: instantSchema,
  released_at: instantSchema.optional().describe('when the old union consented'),
  received_at: instantSchema.optional().describe('when the new union consented'),
  ended_at: instantSchema.optional(),
  refused_by: z.enum(transferSides).optional(),
  reason: z.string().optional().describe('of a refusal'),
})

export function renderTransfer(
  node: Context['node'],
  { transfer, from, to }: NamedTransfer,
): z.input<typeof transferSchema> {
  const { releasedAt, receivedAt, endedAt, refusedSide } = transfer
  const reason = openTransferReason(node, transfer)
  return {
    ...{ id: transfer.id, state: transfer.state },
    from: { code: transfer.fromOrg, name: from.name },
    to: { code: transfer.toOrg, name: to.name },
    asked_by: transfer.askedBy === null ? 'member' : 'union',
    asked_at: transfer.askedAt,
    ...(releasedAt !== null && { released_at: releasedAt }),
    ...(receivedAt !== null && { received_at: receivedAt }),
    ...(endedAt !== null && { ended_at: endedAt }),
    ...(refusedSide !== null && { refused_by: refusedSide }),
    ...(reason !== undefined && { reason }),
  }
}
