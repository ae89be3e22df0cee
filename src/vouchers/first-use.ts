import { and, eq, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { Tx } from '../store/store.ts'
import type { RedeemRequest } from './redeem.ts'

/**
 * Does what spends a voucher. Where it refuses ALREADY_REDEEMED because several uses are gone, the
 * refusal gets the time of the first of them that stands.
 */
export async function tellingFirstUse<T>(
  tx: Tx,
  by: RedeemRequest['by'],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'ALREADY_REDEEMED') throw error
    if ('first_redeemed_at' in error.detail) throw error
    const first = await firstUseOf(tx, by)
    throw first ? new Refusal(error.code, { ...error.detail, first_redeemed_at: first }) : error
  }
}

async function firstUseOf(tx: Tx, by: RedeemRequest['by']): Promise<Instant | undefined> {
  if ('confirmed' in by) return undefined
  const { preparations, redemptions } = tx.tables
  const bucket = 'shown' in by ? by.shown.bucket : by.bucket
  const voucher =
    'shown' in by
      ? sql`${by.shown.voucherId}`
      : sql`(select ${preparations.voucherId} from ${preparations}
          where ${preparations.bucket} = ${bucket} and ${preparations.id} = ${by.preparation})`
  const [row] = await tx
    .select({ first: sql<Instant | null>`min(${redemptions.redeemedAt})` })
    .from(redemptions)
    .where(
      and(
        eq(redemptions.bucket, bucket),
        sql`${redemptions.voucherId} = ${voucher}`,
        eq(redemptions.state, 'committed'),
      ),
    )
  return row?.first ?? undefined
}
