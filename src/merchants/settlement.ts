import { and, eq, inArray } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { type Entry, post } from '../ledger/journal.ts'
import { settlementEntryId } from '../ledger/settlement-entry.ts'
import type { Tx } from '../store/store.ts'
import type { StatementLine } from './statement-lines.ts'
import { type Statement, stateRefusal } from './statements.ts'

/** What a statement comes to in one programme: fen owed to the merchant, and by it. */
interface Share {
  readonly programme: { readonly id: string; readonly publicId: string }
  readonly payable: number
  readonly receivable: number
}

/**
 * Books what a statement states: of each programme, what is owed goes to clearing and what the
 * merchant owes is set against it. Every leaf names the statement by its digest (`st`).
 */
export async function bookStatement(
  tx: Tx,
  node: ThisNode,
  statement: Statement,
  lines: readonly StatementLine[],
): Promise<void> {
  for (const share of await sharesOf(tx, lines)) {
    const { payable, receivable } = share
    const { merchantId, closedAt: at } = statement
    await post(tx, node, {
      ...entryOf(statement, share, { kind: 'settle.batch', step: 'payable', at }),
      amount: payable,
      postings: [
        { account: 'merchant_payable', amount: payable, merchantId },
        { account: 'settlement_clearing', amount: -payable },
      ],
    })
    if (receivable === 0) continue
    await post(tx, node, {
      ...entryOf(statement, share, { kind: 'settle.batch', step: 'receivable', at }),
      amount: receivable,
      postings: [
        { account: 'settlement_clearing', amount: receivable },
        { account: 'merchant_receivable', amount: -receivable, merchantId },
      ],
    })
  }
}

/** A payment that the bank has made. */
export interface Payment {
  readonly personId: string
  /** The bank's number of the transfer; no personal datum. */
  readonly bankReference: string
  readonly now: Instant
}

/**
 * Marks an approved statement as paid, once, and books each programme's part out of clearing.
 * Refusal STATEMENT_STATE unless it was approved.
 */
export async function markPaid(
  tx: Tx,
  node: ThisNode,
  statement: Statement,
  { personId, bankReference, now }: Payment,
): Promise<Statement> {
  const { statements, statementLines: l } = tx.tables
  const [paid] = await tx
    .update(statements)
    .set({ state: 'paid', paidAt: now, paidBy: personId, bankReference })
    .where(and(eq(statements.id, statement.id), eq(statements.state, 'approved')))
    .returning()
  if (!paid) throw stateRefusal(statement)
  const lines = await tx.select().from(l).where(eq(l.statementId, paid.id))
  for (const share of await sharesOf(tx, lines)) {
    const amount = share.payable - share.receivable
    await post(tx, node, {
      ...entryOf(paid, share, { kind: 'settle.confirm', step: 'paid', at: now }),
      amount: Math.abs(amount),
      ref: await leafOfBatch(tx, paid, share),
      postings: [
        { account: 'settlement_clearing', amount },
        { account: 'fund_bank', amount: -amount },
      ],
    })
  }
  return paid
}

async function sharesOf(tx: Tx, lines: readonly StatementLine[]): Promise<Share[]> {
  const { programmes } = tx.tables
  const ids = [...new Set(lines.map(({ programmeId }) => programmeId))].sort()
  const rows = ids.length
    ? await tx
        .select({ id: programmes.id, publicId: programmes.publicId })
        .from(programmes)
        .where(inArray(programmes.id, ids))
    : []
  // What vouchers of other nodes are owed for is of no programme of ours.
  const others = ids.includes('') ? [{ id: '', publicId: '' }] : []
  return [...rows, ...others].map((programme) => {
    const own = lines.filter(({ programmeId }) => programmeId === programme.id)
    const owes = (one: StatementLine) => one.kind === 'adjustment' && one.amount < 0
    return {
      programme,
      payable: own.filter((one) => !owes(one)).reduce((total, { amount }) => total + amount, 0),
      receivable: -own.filter(owes).reduce((total, { amount }) => total + amount, 0),
    }
  })
}

function entryOf(
  { id: statementId, bucket, merchantId, digest }: Statement,
  { programme }: Share,
  given: {
    readonly kind: string
    readonly step: Parameters<typeof settlementEntryId>[1]['step']
    readonly at: Instant
  },
): Entry {
  const { kind, step, at } = given
  const id = settlementEntryId(at, { statementId, step, programmeId: programme.id })
  if (!digest) throw new TypeError('a statement without its digest')
  const fields = { st: toBase64url(digest) }
  const of = programme.id === '' ? {} : { programme }
  return { id, kind, bucket, at, ...of, fields, commits: { merchant: merchantId } }
}

async function leafOfBatch(
  tx: Tx,
  { id: statementId, bucket, closedAt }: Statement,
  { programme }: Share,
): Promise<Uint8Array> {
  const { journalEntries: j } = tx.tables
  const key = { statementId, step: 'payable', programmeId: programme.id } as const
  const [entry] = await tx
    .select({ leafHash: j.leafHash })
    .from(j)
    .where(and(eq(j.bucket, bucket), eq(j.id, settlementEntryId(closedAt, key))))
  if (!entry) throw new Refusal('NOT_FOUND', { what: 'statement' })
  return entry.leafHash
}
