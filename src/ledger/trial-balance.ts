import { sql } from 'drizzle-orm'

import type { Tx } from '../store/store.ts'

/**
 * The accounts that are not zero, by name, with their balance in fen over all years: what the
 * leaves of the logs add up to, so that what waits for an index is left out.
 */
export async function trialBalance(tx: Tx): Promise<readonly (readonly [string, number])[]> {
  const rows = await tx.rows<{ account: string; fen: number }>(sql`
    select p.account as account, cast(sum(p.amount) as bigint) as fen from postings p
    where not exists (select 1 from pending_leaves w
      where w.bucket = p.bucket and w.entry_id = p.entry_id)
    group by p.account having sum(p.amount) <> 0`)
  const lines = rows.map(({ account, fen }) => [account, fen] as const)
  return lines.sort(([a], [b]) => (a < b ? -1 : 1))
}
