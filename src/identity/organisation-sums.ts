import { eq, sql } from 'drizzle-orm'

import type { Tx } from '../store/store.ts'

const measures = [
  ...['issued', 'claimed', 'redeemed', 'reversed', 'returned', 'voided', 'expired', 'settled'],
  ...['redeemed_amount', 'reversed_amount', 'settled_amount'],
]

/** By day, and of all days: the tables, with what tells their rows of an organisation apart. */
const tables = [
  { name: 'funnel_sums', place: 'day, programme_id, benefit_id', key: 'org_code, day, benefit_id' },
  { name: 'funnel_totals', place: 'programme_id, benefit_id', key: 'org_code, benefit_id' },
] as const

/**
 * What an organisation and everything below it has come to (`funnel_sums`, `funnel_totals`) no
 * longer counts for those above it in `from`, and counts for those in `to`. The cursors of the
 * roll-ups are held, so that nothing is counted by paths that are about to change.
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
  const { funnelSums, funnelTotals } = tx.tables
  await tx.delete(funnelSums).where(eq(funnelSums.orgCode, orgCode))
  await tx.delete(funnelTotals).where(eq(funnelTotals.orgCode, orgCode))
  const names = measures.join(', ')
  const sums = measures.map((measure) => `sum(${measure})`).join(', ')
  for (const { name, place } of tables) {
    await tx.rows(sql`
      insert into ${sql.raw(`${name} (${place}, org_code, ${names})`)}
      select ${sql.raw(`${place}, org_code, ${sums}`)}
      from funnel_days where org_code = ${orgCode}
      group by ${sql.raw(place)}, org_code returning org_code`)
  }
}

function codesOf(path: string): string[] {
  return path.split('/').slice(0, -1)
}

async function addTimes(
  tx: Tx,
  { moved, code }: { moved: string; code: string },
  sign: '1' | '-1',
): Promise<void> {
  const names = measures.join(', ')
  const values = measures.map((measure) => `${sign} * ${measure}`).join(', ')
  for (const { name, place, key } of tables) {
    const sums = measures.map((one) => `${one} = ${name}.${one} + excluded.${one}`).join(', ')
    await tx.rows(sql`
      insert into ${sql.raw(`${name} (${place}, org_code, ${names})`)}
      select ${sql.raw(place)}, cast(${code} as text), ${sql.raw(values)}
      from ${sql.raw(name)} where org_code = ${moved}
      on conflict (${sql.raw(key)}) do update set ${sql.raw(sums)} returning org_code`)
  }
}
