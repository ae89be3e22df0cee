import { type SQL, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'

/** Two numbers that must be the same, found in two places. */
export interface Equation {
  /** Stable: programs may branch on it. */
  readonly name: string
  /** A programme's public id, a merchant's id; empty for the whole node. */
  readonly of: string
  readonly left: { readonly is: string; readonly value: number }
  readonly right: { readonly is: string; readonly value: number }
  readonly difference: number
  readonly good: boolean
}

/** Every equation. `JSON.stringify` is its machine-readable form; fen and counts. */
export interface Reconciliation {
  readonly at: Instant
  readonly good: boolean
  readonly equations: readonly Equation[]
}

interface Question {
  readonly name: string
  readonly left: string
  readonly right: string
  /** Rows of `of`, `l` and `r`: one statement, so that both sides are of one moment. */
  readonly query: SQL
}

/**
 * Compares the books with the log, with each other, and with the rows that decide (`4-ledger.md`,
 * section 6: I2, I4, I8, I13). Reads only; each equation is one statement, so that it holds beside
 * writers. It says whether sums agree; `ledger verify` says that every leaf is what was signed.
 */
export async function reconcile(reader: Reader, now: Instant): Promise<Reconciliation> {
  const equations: Equation[] = []
  for (const { name, left, right, query } of questions) {
    const rows = await reader.rows<{ of: string; l: number; r: number }>(query)
    for (const { of, l, r } of rows) {
      equations.push({
        ...{ name, of, left: { is: left, value: l }, right: { is: right, value: r } },
        ...{ difference: l - r, good: l === r },
      })
    }
  }
  return { at: now, good: equations.every(({ good }) => good), equations }
}

const int = (text: SQL) => sql`cast(coalesce(${text}, 0) as bigint)`
const whole = (left: SQL, right: SQL) =>
  sql`select '' as "of", ${int(left)} as l, ${int(right)} as r`
const postings = (account: string) => sql`(select -sum(p.amount) from postings p
  where p.programme_id = g.id and p.account = ${account})`
const byProgramme = (left: SQL, right: SQL) => sql`select g.public_id as "of", ${int(left)} as l,
  ${int(right)} as r from programmes g order by g.public_id`
const oneVoucher = sql`('voucher.claim', 'voucher.reissue', 'voucher.extend', 'voucher.suspend', 'voucher.resume', 'voucher.redeem',
  'voucher.reverse', 'voucher.return', 'voucher.void')`
const listed = (kinds: SQL) => sql`(select sum(length(i.handles)) / 16 from issued_lists i
  join journal_entries j on j.bucket = i.bucket and j.id = i.entry_id where ${kinds})`

const log: Question[] = [
  {
    name: 'journal_log',
    left: 'entries of the journal',
    right: 'leaves of the log or waiting for it that have the hash of their entry',
    query: whole(
      sql`(select count(*) from journal_entries)`,
      sql`(select count(*) from log_leaves l join journal_entries j
          on j.bucket = l.bucket and j.id = l.entry_id and j.leaf_hash = l.leaf_hash)
        + (select count(*) from pending_leaves w join journal_entries j
          on j.bucket = w.bucket and j.id = w.entry_id and j.leaf_hash = w.leaf_hash)`,
    ),
  },
  {
    name: 'log_size',
    left: 'size of the logs, as signed',
    right: 'leaves of the logs',
    query: whole(
      sql`(select sum(s.size) from log_state s)`,
      sql`(select count(*) from log_leaves)`,
    ),
  },
  {
    name: 'debits_credits',
    left: 'debits of all accounts',
    right: 'credits of all accounts',
    query: whole(
      sql`(select sum(p.amount) from postings p where p.amount > 0)`,
      sql`(select -sum(p.amount) from postings p where p.amount < 0)`,
    ),
  },
]

const money: Question[] = [
  {
    name: 'budget',
    left: 'allocated to the programme',
    right: 'available, reserved, owed, in clearing and settled, less receivable',
    query: byProgramme(
      sql`(select sum(p.amount) from postings p join journal_entries j
        on j.bucket = p.bucket and j.id = p.entry_id
        where p.programme_id = g.id and p.account = 'fund_bank' and j.kind = 'budget.allocate')`,
      sql`coalesce((select -sum(p.amount) from postings p
          where p.programme_id = g.id and p.account <> 'fund_bank'), 0)
        + coalesce((select -sum(p.amount) from postings p join journal_entries j
          on j.bucket = p.bucket and j.id = p.entry_id
          where p.programme_id = g.id and p.account = 'fund_bank'
          and j.kind <> 'budget.allocate'), 0)`,
    ),
  },
  {
    name: 'available',
    left: 'budget that decides',
    right: 'budget_available in the journal',
    query: byProgramme(sql`g.available`, postings('budget_available')),
  },
  {
    name: 'liability',
    left: 'uses left of vouchers that are open',
    right: 'voucher_liability in the journal',
    query: byProgramme(
      sql`(select sum(v.amount * v.uses_left) from vouchers v where v.programme_id = g.id
        and v.state in ('offered', 'active', 'used', 'suspended'))`,
      postings('voucher_liability'),
    ),
  },
  {
    name: 'merchant',
    left: 'redemptions that stand',
    right: 'what redemptions and reversals have posted for the merchant',
    query: sql`select m.id as "of", ${int(sql`(select sum(r.amount) from redemptions r
        where r.merchant_id = m.id and r.state = 'committed')`)} as l,
      ${int(sql`(select -sum(p.amount) from postings p join journal_entries j
        on j.bucket = p.bucket and j.id = p.entry_id where p.merchant_id = m.id
        and j.kind in ('voucher.redeem', 'voucher.reverse', 'node.redeem', 'node.reverse'))`)} as r
      from merchants m order by m.id`,
  },
]

const statements: Question[] = [
  {
    name: 'statement_lines',
    left: 'lines of the statement',
    right: 'what the logged leaves of its lines posted for the merchant',
    query: sql`select s.id as "of", ${int(sql`(select sum(l.amount) from statement_lines l
        where l.statement_id = s.id)`)} as l,
      ${int(sql`(select -sum(p.amount) from statement_lines l
        join log_leaves g on g.log in (select log from log_state) and g.entry_id = l.entry_id
          and g.bucket = l.bucket and g.leaf_hash = l.leaf_hash
        join postings p on p.bucket = l.bucket and p.entry_id = l.entry_id
          and p.merchant_id = s.merchant_id
        where l.statement_id = s.id)`)} as r
      from statements s order by s.id`,
  },
  {
    name: 'statement_total',
    left: 'total of the statement',
    right: 'its lines',
    query: sql`select s.id as "of", ${int(sql`s.total`)} as l,
      ${int(sql`(select sum(l.amount) from statement_lines l where l.statement_id = s.id)`)} as r
      from statements s order by s.id`,
  },
  {
    name: 'stated',
    left: 'totals of the merchant’s statements',
    right: 'what was booked of them for the merchant',
    query: sql`select m.id as "of", ${int(sql`(select sum(s.total) from statements s
        where s.merchant_id = m.id)`)} as l,
      ${int(sql`(select sum(p.amount) from postings p join journal_entries j
        on j.bucket = p.bucket and j.id = p.entry_id where p.merchant_id = m.id
        and j.kind = 'settle.batch')`)} as r
      from merchants m order by m.id`,
  },
  {
    name: 'paid',
    left: 'statements that were paid',
    right: 'what payments have posted',
    query: whole(
      sql`(select sum(s.total) from statements s where s.state = 'paid')`,
      sql`(select -sum(p.amount) from postings p join journal_entries j
        on j.bucket = p.bucket and j.id = p.entry_id where p.account = 'fund_bank'
        and j.kind = 'settle.confirm')`,
    ),
  },
]

const rows: Question[] = [
  {
    name: 'issued',
    left: 'vouchers of batches, and those issued anew',
    right: 'vouchers that the leaves of batches list, and leaves that issue one anew',
    query: whole(
      sql`(select count(*) from vouchers v where v.origin = 'offer')`,
      sql`coalesce(${listed(sql`j.kind = 'batch.issue'`)}, 0)
        + (select count(*) from journal_entries j where j.kind = 'voucher.reissue')`,
    ),
  },
  {
    name: 'voucher_steps',
    left: 'versions of all vouchers',
    right: 'leaves about a voucher, and vouchers in leaves about many',
    query: whole(
      sql`(select sum(v.version) from vouchers v)`,
      sql`(select count(*) from journal_entries j where j.kind in ${oneVoucher})
        + coalesce(${listed(sql`1 = 1`)}, 0)`,
    ),
  },
  {
    name: 'stock',
    left: 'units of open stock counted as taken',
    right: 'vouchers of open stock that neither lapsed nor were given back',
    query: whole(
      sql`(select sum(q.used) from quotas q where q.scope = 'total')`,
      sql`(select count(*) from vouchers v where v.origin = 'stock'
        and v.state not in ('returned', 'void')
        and not (v.state = 'expired' and v.claimed_at is null))`,
    ),
  },
  {
    name: 'reissues',
    left: 'vouchers with a successor',
    right: 'leaves that issue a voucher anew',
    query: whole(
      sql`(select count(*) from reissues)`,
      sql`(select count(*) from journal_entries j where j.kind = 'voucher.reissue')`,
    ),
  },
  {
    name: 'sub_quotas',
    left: 'units of sub-quotas counted as taken',
    right: 'units that vouchers hold',
    query: whole(
      sql`(select sum(q.used) from quotas q where q.scope <> 'total')`,
      sql`(select count(*) from quota_units)`,
    ),
  },
]

const questions: readonly Question[] = [...log, ...money, ...statements, ...rows]
