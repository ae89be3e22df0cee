import { eq, sql } from 'drizzle-orm'

import type { Tx } from '../store/store.ts'

const measures = [
  ...['issued', 'claimed', 'redeemed', 'reversed', 'returned', 'voided', 'expired', 'settled'],
  ...['redeemed_amount', 'reversed_amount', 'settled_amount'],
]

/**
 * What an organisation and everything below it has come to (`funnel_sums`) no longer counts for
 * those above it in `from`, and counts for those in `to`. The cursors of the roll-ups are held, so
 * that nothing is counted by paths that are about to change.
 */
export async function moveSums(tx: Tx, from: string, to: string): Promise<void> {
  await tx.rows(sql`update roll_ups set position = position returning name`)
  const [before, after] = [codesOf(from), codesOf(to)]
  const moved = before.at(-1) ?? ''
  for (const code of before) if (!after.includes(code)) await addTimes(tx, { moved, code }, '-1')
  for (const code of after) if (!before.includes(code)) await addTimes(tx, { moved, code }, '1')
}

/** The sums of an organisation that nothing is below any more: its own days, and no others. */
export async function countAnew(tx: Tx, orgCode: string): Promise<void> {
  const { funnelSums } = tx.tables
  await tx.delete(funnelSums).where(eq(funnelSums.orgCode, orgCode))
  const names = sql.raw(measures.join(', '))
  const sums = sql.raw(measures.map((name) => `sum(${name})`).join(', '))
  await tx.rows(sql`
    insert into funnel_sums (day, programme_id, benefit_id, org_code, ${names})
    select day, programme_id, benefit_id, org_code, ${sums}
    from funnel_days where org_code = ${orgCode}
    group by day, programme_id, benefit_id, org_code returning day`)
}

function codesOf(path: string): string[] {
  return path.split('/').slice(0, -1)
}

async function addTimes(
  tx: Tx,
  { moved, code }: { moved: string; code: string },
  sign: '1' | '-1',
): Promise<void> {
  const names = sql.raw(measures.join(', '))
  const values = sql.raw(measures.map((name) => `${sign} * ${name}`).join(', '))
  const sums = sql.raw(measures.map((n) => `${n} = funnel_sums.${n} + excluded.${n}`).join(', '))
  await tx.rows(sql`
    insert into funnel_sums (day, programme_id, benefit_id, org_code, ${names})
    select day, programme_id, benefit_id, cast(${code} as text), ${values}
    from funnel_sums where org_code = ${moved}
    on conflict (org_code, day, benefit_id) do update set ${sums} returning day`)
}
