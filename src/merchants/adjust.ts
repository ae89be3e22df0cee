import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { type Entry, post } from '../ledger/journal.ts'
import type { adjustmentReasons } from '../store/schema/statements.ts'
import type { Tx } from '../store/store.ts'
import type { Statement } from './statements.ts'

export type Adjustment = Tx['tables']['statementAdjustments']['$inferSelect']

/** A correction of what a statement states. */
export interface Adjusting {
  readonly programme: { readonly id: string; readonly publicId: string }
  /** Fen more for the merchant; negative for less. Not 0. */
  readonly amount: number
  readonly reason: (typeof adjustmentReasons)[number]
  readonly personId: string
  readonly now: Instant
}

/**
 * Corrects a statement without touching it: an entry of its own, and a line of the merchant's next
 * statement. What it takes from the programme's budget, or gives back, is the caller's to write in
 * the same transaction. Refusal VALIDATION_FAILED for an amount of 0.
 */
export async function adjust(
  tx: Tx,
  node: ThisNode,
  { id: about, merchantId, bucket }: Statement,
  { programme, amount, reason, personId, now }: Adjusting,
): Promise<Adjustment> {
  if (amount === 0) throw new Refusal('VALIDATION_FAILED', { issues: ['amount: must not be 0'] })
  const more: Entry['postings'] = [
    { account: 'budget_available', amount },
    { account: 'merchant_payable', amount: -amount, merchantId },
  ]
  const less: Entry['postings'] = [
    { account: 'merchant_receivable', amount: -amount, merchantId },
    { account: 'budget_available', amount },
  ]
  const entryId = newId(now)
  await post(tx, node, {
    ...{ id: entryId, kind: 'settle.adjust', bucket, at: now, programme },
    amount: Math.abs(amount),
    postings: amount > 0 ? more : less,
    commits: { merchant: merchantId, operator: personId, reason },
  })
  const row: Adjustment = {
    ...{ id: newId(now), merchantId, programmeId: programme.id, about, amount, reason },
    ...{ personId, at: now, bucket, entryId, statementId: null },
  }
  await tx.insertMany(tx.tables.statementAdjustments, [row])
  return row
}
