import { and, eq, isNull } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { statementBytes } from '../formats/statement.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import { requireMerchant } from './merchants.ts'
import { bookStatement } from './settlement.ts'
import {
  hasUnstated,
  linesOfTaken,
  openAdjustments,
  type StatementLine,
  takeRedemptions,
  type UnnumberedLine,
} from './statement-lines.ts'
import type { StatedMonth, Statement } from './statements.ts'

/** Who closes which month of which merchant. */
export interface Closing {
  readonly merchantId: string
  readonly month: StatedMonth
  /** The person; none when the node does by itself. */
  readonly by: string | null
  readonly now: Instant
}

/**
 * Closes a merchant's month: states what the log says it is owed, books it, and fixes the
 * statement's digest. The row of the month is inserted first, so of any number who try one makes a
 * statement; the rest, and a month without anything to state, answer `undefined`. What is stated
 * can be undone no more. Refusals: NOT_FOUND, VALIDATION_FAILED for a month that is not over.
 */
export async function closeStatement(
  tx: Tx,
  node: ThisNode,
  { merchantId, month, by, now }: Closing,
): Promise<Statement | undefined> {
  const { statements } = tx.tables
  if (now < month.to) throw new Refusal('VALIDATION_FAILED', { issues: ['month: is not over'] })
  const { bucket } = await requireMerchant(tx, merchantId)
  if (!(await hasUnstated(tx, { merchantId, month }))) return undefined
  const id = newId(now)
  const sums = { lines: 0, redeemed: 0, reversed: 0, adjusted: 0, total: 0, approvals: 0 }
  const [mine] = await tx
    .insert(statements)
    .values({
      ...{ id, merchantId, bucket, month: month.name, state: 'issued' as const },
      ...{ closedBy: by, closedAt: now, ...sums },
    })
    .onConflictDoNothing()
    .returning({ id: statements.id })
  if (!mine) return undefined

  await takeRedemptions(tx, { statementId: id, merchantId, month })
  const taken = await linesOfTaken(tx, id)
  const adjusted = await takeAdjustments(tx, { statementId: id, merchantId, month }, taken)
  const lines = numbered([...taken, ...adjusted])
  await tx.insertMany(tx.tables.statementLines, lines)
  const total = sum(lines)
  const head = { id, merchantId, month: month.name, closedAt: now, total }
  const digest = sha256(statementBytes(head, lines))
  const closed = {
    ...{ lines: lines.length, total, digest },
    redeemed: sum(lines.filter(({ kind }) => kind === 'redemption')),
    reversed: -sum(lines.filter(({ kind }) => kind === 'reversal')),
    adjusted: sum(adjusted),
  }
  const [row] = await tx.update(statements).set(closed).where(eq(statements.id, id)).returning()
  if (!row) throw new TypeError('a statement vanished')
  await bookStatement(tx, node, row, lines)
  return row
}

/**
 * Takes open adjustments in their order, as long as the merchant is owed something in the end:
 * whatever it owes beyond that waits for the next statement.
 */
async function takeAdjustments(
  tx: Tx,
  given: { statementId: string; merchantId: string; month: StatedMonth },
  taken: readonly UnnumberedLine[],
): Promise<UnnumberedLine[]> {
  const { statementAdjustments: a } = tx.tables
  const { statementId } = given
  const made: UnnumberedLine[] = []
  const open = await openAdjustments(tx, given)
  const more = open.filter(({ adjustment }) => adjustment.amount > 0)
  const less = open.filter(({ adjustment }) => adjustment.amount < 0)
  let total = sum(taken)
  for (const { adjustment, leafHash } of [...more, ...less]) {
    const { id, amount, at, programmeId, bucket, entryId } = adjustment
    if (total + amount < 0) continue
    const [mine] = await tx
      .update(a)
      .set({ statementId })
      .where(and(eq(a.id, id), isNull(a.statementId)))
      .returning({ id: a.id })
    if (!mine) continue
    total += amount
    made.push({
      ...{ statementId, kind: 'adjustment', at, programmeId, benefitId: null, storeId: null },
      ...{ subjectId: id, amount, bucket, entryId, leafHash },
    })
  }
  return made
}

function numbered(lines: readonly UnnumberedLine[]): StatementLine[] {
  const ordered = [...lines].sort((a, b) => a.at - b.at || (a.entryId < b.entryId ? -1 : 1))
  return ordered.map((one, i) => ({ ...one, line: i + 1 }))
}

function sum(lines: readonly { readonly amount: number }[]): number {
  return lines.reduce((total, { amount }) => total + amount, 0)
}
