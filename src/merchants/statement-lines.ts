import { and, asc, eq, gt, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { StatedMonth } from './statements.ts'

export type StatementLine = Tx['tables']['statementLines']['$inferSelect']

/** A line before its statement has given it a number. */
export type UnnumberedLine = Omit<StatementLine, 'line'>

/** The leaf of an entry is in the tree, and is the entry's. */
const logged = (bucket: string, entryId: string) =>
  sql.raw(`exists (select 1 from log_state s
  join log_leaves l on l.log = s.log and l.entry_id = ${entryId}
  join journal_entries j on j.bucket = l.bucket and j.id = l.entry_id
    and j.leaf_hash = l.leaf_hash
  where l.bucket = ${bucket})`)

/**
 * Takes a merchant's redemptions made before the month's end into a statement, each once: those in
 * no statement yet whose leaf is in the log, and whose undoing, if there was one, is there too.
 * What is not logged yet waits for the next statement, as does what another node was asked to undo.
 */
export async function takeRedemptions(
  tx: Tx,
  given: { statementId: string; merchantId: string; month: StatedMonth },
): Promise<void> {
  await tx.rows(sql`update redemptions set statement_id = ${given.statementId}
    where merchant_id = ${given.merchantId} and statement_id is null
    and redeemed_at < ${given.month.to} and ${logged('redemptions.bucket', 'redemptions.entry_id')}
    and (state = 'committed' and reversal_reason is null
      or ${logged('redemptions.bucket', 'redemptions.reversal_entry_id')})
    returning id`)
}

/** Whether there is anything that a statement of the merchant could state by the month's end. */
export async function hasUnstated(
  reader: Reader,
  { merchantId, month }: { merchantId: string; month: StatedMonth },
): Promise<boolean> {
  const rows = await reader.rows(sql`select 1 as one where exists (
      select 1 from redemptions where merchant_id = ${merchantId} and statement_id is null
      and redeemed_at < ${month.to} and ${logged('redemptions.bucket', 'redemptions.entry_id')}
      and (state = 'committed' and reversal_reason is null
      or ${logged('redemptions.bucket', 'redemptions.reversal_entry_id')}))
    or exists (select 1 from statement_adjustments a where a.merchant_id = ${merchantId}
      and a.statement_id is null and a.at < ${month.to} and a.amount > 0
      and ${logged('a.bucket', 'a.entry_id')})`)
  return rows.length > 0
}

/** Merchants, by id, of whom `hasUnstated` may be true. */
export async function merchantsToState(reader: Reader, to: Instant): Promise<string[]> {
  const rows = await reader.rows<{ id: string }>(sql`
    select distinct merchant_id as id from redemptions
      where statement_id is null and redeemed_at < ${to}
      and merchant_id in (select id from merchants)
    union select merchant_id as id from statement_adjustments
      where statement_id is null and at < ${to} order by id`)
  return rows.map(({ id }) => id)
}

/** What `takeRedemptions` took, as lines: a redemption, and its undoing. */
export async function linesOfTaken(tx: Tx, statementId: string): Promise<UnnumberedLine[]> {
  const { redemptions: r, journalEntries: j } = tx.tables
  const made = await tx
    .select({ row: r, leafHash: j.leafHash })
    .from(r)
    .innerJoin(j, and(eq(j.bucket, r.bucket), eq(j.id, r.entryId)))
    .where(eq(r.statementId, statementId))
  const undone = await tx
    .select({ row: r, leafHash: j.leafHash })
    .from(r)
    .innerJoin(j, and(eq(j.bucket, r.bucket), eq(j.id, r.reversalEntryId)))
    .where(eq(r.statementId, statementId))
  return [
    ...made.map(({ row, leafHash }) => ({
      ...common(row, statementId),
      ...{ kind: 'redemption' as const, at: row.redeemedAt, amount: row.amount },
      ...{ entryId: row.entryId, leafHash },
    })),
    ...undone.map(({ row, leafHash }) => ({
      ...common(row, statementId),
      ...{ kind: 'reversal' as const, at: row.reversedAt ?? row.redeemedAt, amount: -row.amount },
      ...{ entryId: row.reversalEntryId ?? '', leafHash },
    })),
  ]
}

function common(row: Tx['tables']['redemptions']['$inferSelect'], statementId: string) {
  const { bucket, programmeId, benefitId, storeId, id: subjectId } = row
  return { statementId, bucket, programmeId, benefitId, storeId, subjectId }
}

/** Open adjustments of a merchant whose leaf is in the log, by id, with that leaf's hash. */
export async function openAdjustments(
  tx: Tx,
  { merchantId, month }: { merchantId: string; month: StatedMonth },
) {
  const { statementAdjustments: a, journalEntries: j } = tx.tables
  return tx
    .select({ adjustment: a, leafHash: j.leafHash })
    .from(a)
    .innerJoin(j, and(eq(j.bucket, a.bucket), eq(j.id, a.entryId)))
    .where(
      and(
        eq(a.merchantId, merchantId),
        sql`${a.statementId} is null and ${a.at} < ${month.to}`,
        logged('statement_adjustments.bucket', 'statement_adjustments.entry_id'),
      ),
    )
    .orderBy(asc(a.id))
}

/** The lines of a statement behind `after`, in their order. */
export function linesOf(
  reader: Reader,
  { statementId, after, limit }: { statementId: string; after: number; limit: number },
): Promise<StatementLine[]> {
  const { statementLines: l } = reader.tables
  return reader
    .select()
    .from(l)
    .where(and(eq(l.statementId, statementId), gt(l.line, after)))
    .orderBy(asc(l.line))
    .limit(limit)
}
