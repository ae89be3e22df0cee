import { and, eq, sql } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import { readBenefit } from '../benefits/benefits.ts'
import type { Tx } from '../store/store.ts'

/** Takes so many units of open stock at once. Refusal QUOTA_EXHAUSTED takes none. */
export async function takeStock(tx: Tx, benefitId: string, units: number): Promise<void> {
  const { quotas } = tx.tables
  const taken = await tx
    .update(quotas)
    .set({ used: sql`${quotas.used} + ${units}` })
    .where(and(total(tx, benefitId), sql`${quotas.used} + ${units} <= ${quotas.total}`))
    .returning({ used: quotas.used })
  if (taken.length === 0) throw new Refusal('QUOTA_EXHAUSTED')
}

/**
 * Whether units of the stock can still be claimed. Locks its row, by writing it, before the benefit
 * is read: stopping takes the same lock, so what is answered holds until we commit.
 */
export async function holdOpenStock(tx: Tx, benefitId: string): Promise<boolean> {
  const { quotas } = tx.tables
  await tx
    .update(quotas)
    .set({ used: sql`${quotas.used}` })
    .where(total(tx, benefitId))
  return (await readBenefit(tx, benefitId)).state !== 'stopped'
}

/** Gives units back. Nobody can claim one of a closed stock again: there it shrinks instead. */
export async function returnStock(
  tx: Tx,
  benefitId: string,
  { units, open }: { readonly units: number; readonly open: boolean },
): Promise<void> {
  const { quotas } = tx.tables
  await tx
    .update(quotas)
    .set({
      used: sql`${quotas.used} - ${units}`,
      ...(!open && { total: sql`${quotas.total} - ${units}` }),
    })
    .where(total(tx, benefitId))
}

function total({ tables: { quotas } }: Tx, benefitId: string) {
  return and(eq(quotas.benefitId, benefitId), eq(quotas.scope, 'total'))
}
