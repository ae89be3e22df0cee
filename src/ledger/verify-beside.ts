import { type SQL, sql } from 'drizzle-orm'

import { LeafError, readLeaf } from '../formats/leaf.ts'
import type { Reader } from '../store/store.ts'
import { utcDay } from './day.ts'
import type { Check, Finder } from './findings.ts'

/**
 * Looks at what is kept beside the journal and has its counterpart there: days that were closed,
 * reconciliations, what opens the digests, approvals and adjustments of statements.
 */
export async function verifyBeside(reader: Reader, findings: Finder): Promise<void> {
  await verifyDays(reader, findings)
  await verifyReconciliations(reader, findings)
  for (const [check, words, query] of lost) {
    const rows = await reader.rows<{ id: string }>(sql`${query} limit 20`)
    for (const { id } of rows) findings.add(check, `${words}: ${id}`)
  }
}

/** Each day has its leaf, and each leaf that closes one has its row. */
async function verifyDays(reader: Reader, findings: Finder): Promise<void> {
  const rows = await reader.rows<{
    day: string | null
    at: number | null
    id: string
    booked: number | null
    leaf: Uint8Array | null
  }>(sql`select c.day as day, c.at as at, c.entry_id as id, j.at as booked, j.leaf as leaf
    from ledger_closes c left join journal_entries j
      on j.bucket = 0 and j.id = c.entry_id and j.kind = 'ledger.close'
    union all select null, null, j.id, j.at, j.leaf from journal_entries j
    where j.kind = 'ledger.close'
      and not exists (select 1 from ledger_closes c where c.entry_id = j.id)`)
  for (const { day, at, id, booked, leaf } of rows) {
    const said = leaf ? fieldOf(leaf, 'day') : undefined
    if (day === null || said !== day || at !== booked) {
      findings.add('day', `row and leaf of a day that was closed differ: ${id}`)
    }
  }
}

/** Its columns are what its own report says, and it is kept under its own day. */
async function verifyReconciliations(reader: Reader, findings: Finder): Promise<void> {
  const { reconciliations: r } = reader.tables
  for (const { day, at, good, report } of await reader.select().from(r)) {
    const said = parsed(report)
    const fits = said?.at === at && said.good === good && utcDay(at) === day
    if (!fits) findings.add('day', `the reconciliation of ${day} is not what its report says`)
  }
}

function parsed(report: string): { at?: unknown; good?: unknown } | undefined {
  try {
    return (JSON.parse(report) ?? undefined) as { at?: unknown; good?: unknown } | undefined
  } catch {
    return undefined
  }
}

function fieldOf(leaf: Uint8Array, name: string): unknown {
  try {
    return readLeaf(leaf)[name]
  } catch (error) {
    if (error instanceof LeafError) return undefined // the walk has told of it
    throw error
  }
}

const linesOf = (kind: string) => sql`coalesce((select sum(l.amount) from statement_lines l
  where l.statement_id = s.id and l.kind = ${kind}), 0)`

/** What the rows of a table may not be without. Each answers the ids of those that are. */
const lost: readonly (readonly [Check, string, SQL])[] = [
  [
    'journal',
    'disclosures of no entry',
    sql`select d.entry_id as id from disclosures d where not exists (
      select 1 from journal_entries j where j.bucket = d.bucket and j.id = d.entry_id)`,
  ],
  [
    'statement',
    'sums are not of the lines',
    sql`select s.id as id from statements s where s.redeemed <> ${linesOf('redemption')}
      or s.reversed <> -${linesOf('reversal')} or s.adjusted <> ${linesOf('adjustment')}`,
  ],
  [
    'statement',
    'approvals are not counted',
    sql`select s.id as id from statements s where s.approvals <> (select count(*)
      from statement_approvals a where a.statement_id = s.id and a.digest = s.digest)`,
  ],
  [
    'statement',
    'approval of another statement',
    sql`select a.statement_id as id from statement_approvals a where not exists (
      select 1 from statements s where s.id = a.statement_id and s.digest = a.digest)`,
  ],
  [
    'statement',
    'adjustment of no statement',
    sql`select a.id as id from statement_adjustments a where not exists (
      select 1 from statements s where s.id = a.about and s.merchant_id = a.merchant_id)`,
  ],
  [
    'statement',
    'adjustment is not what was booked',
    sql`select a.id as id from statement_adjustments a where not exists (
      select 1 from journal_entries j join postings p on p.bucket = j.bucket and p.entry_id = j.id
      where j.bucket = a.bucket and j.id = a.entry_id and j.kind = 'settle.adjust'
      and j.at = a.at and p.merchant_id = a.merchant_id and p.programme_id = a.programme_id
      and p.amount = -a.amount)`,
  ],
  [
    'statement',
    'adjustment is not the line that states it',
    sql`select a.id as id from statement_adjustments a where a.statement_id is not null
      and not exists (select 1 from statement_lines l where l.statement_id = a.statement_id
        and l.subject_id = a.id and l.entry_id = a.entry_id)`,
  ],
  [
    'statement',
    'line of an adjustment that is not there',
    sql`select l.subject_id as id from statement_lines l where l.kind = 'adjustment'
      and not exists (select 1 from statement_adjustments a where a.id = l.subject_id
        and a.statement_id = l.statement_id)`,
  ],
  [
    'statement',
    'was paid at another time than was booked',
    sql`select s.id as id from statements s where s.paid_at is not null and s.total <> 0
      and not exists (select 1 from journal_entries j where j.bucket = s.bucket
        and j.kind = 'settle.confirm' and j.at = s.paid_at)`,
  ],
]
