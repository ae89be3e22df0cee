import { type SQL, sql } from 'drizzle-orm'

import type { Reader } from '../store/store.ts'
import type { Check, Finder } from './findings.ts'

/**
 * Compares the counters that decide with the rows that they count: budgets with the journal,
 * quotas with vouchers of open stock, redemptions with their postings.
 */
export async function verifyAccounts(reader: Reader, findings: Finder): Promise<void> {
  const wrong = async (check: Check, words: string, query: SQL) => {
    const rows = await reader.rows<{ id: string }>(sql`${query} limit 20`)
    for (const { id } of rows) findings.add(check, `${words}: ${id}`)
  }
  await wrong(
    'budget',
    'available differs from the journal, programme',
    sql`select g.public_id as id from programmes g where g.available + coalesce((
      select sum(p.amount) from postings p
      where p.programme_id = g.id and p.account = 'budget_available'), 0) <> 0`,
  )
  await wrong(
    'quota',
    'used differs from the vouchers of the stock, benefit',
    sql`select q.benefit_id as id from quotas q where q.scope = 'total' and q.used <> (
      select count(*) from vouchers v where v.benefit_id = q.benefit_id
      and v.origin = 'stock' and v.state not in ('returned', 'void')
      and not (v.state = 'expired' and v.claimed_at is null))`,
  )
  await wrong(
    'quota',
    'used differs from the units of the sub-quota, benefit and scope',
    sql`select q.benefit_id || ' ' || q.scope as id from quotas q where q.scope <> 'total'
      and q.used <> (select count(*) from quota_units u
        where u.benefit_id = q.benefit_id and u.scope = q.scope)`,
  )
  await wrong(
    'redemption',
    'has no journal entry of its own',
    sql`select r.id as id from redemptions r where not exists (
      select 1 from journal_entries j where j.bucket = r.bucket and j.id = r.entry_id
      and j.kind in ('voucher.redeem', 'node.redeem'))`,
  )
  await wrong(
    'redemption',
    'merchant or amount differs from the postings',
    sql`select r.id as id from redemptions r where r.amount <> coalesce((
      select -sum(p.amount) from postings p where p.bucket = r.bucket
      and p.entry_id = r.entry_id and p.merchant_id = r.merchant_id), 0)`,
  )
}
