import { and, asc, desc, eq, gt } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { BenefitVersion } from '../benefits/versions.ts'
import type { Reader } from '../store/store.ts'
import { benefitOf } from './lookup.ts'
import { stateAt, type Voucher, type VoucherState } from './states.ts'

/** A voucher as its member sees it. */
export interface HeldVoucher {
  readonly voucher: Voucher
  readonly state: VoucherState
  readonly benefit: BenefitVersion
}

/** The member's vouchers, oldest first, behind `after`; at most `limit`. */
export async function vouchersOf(
  reader: Reader,
  given: { memberId: string; bucket: number; after: string; limit: number; now: Instant },
): Promise<HeldVoucher[]> {
  const { vouchers } = reader.tables
  const rows = await reader
    .select()
    .from(vouchers)
    .where(
      and(
        eq(vouchers.bucket, given.bucket),
        eq(vouchers.memberId, given.memberId),
        gt(vouchers.id, given.after),
      ),
    )
    .orderBy(asc(vouchers.id))
    .limit(given.limit)
  return Promise.all(rows.map((voucher) => held(reader, voucher, given.now)))
}

/** One of the member's vouchers. Refusal VOUCHER_NOT_FOUND, also for another's. */
export async function voucherOf(
  reader: Reader,
  given: { memberId: string; bucket: number; voucherId: string; now: Instant },
): Promise<HeldVoucher> {
  const { vouchers } = reader.tables
  const [voucher] = await reader
    .select()
    .from(vouchers)
    .where(
      and(
        eq(vouchers.bucket, given.bucket),
        eq(vouchers.id, given.voucherId),
        eq(vouchers.memberId, given.memberId),
      ),
    )
  if (!voucher) throw new Refusal('VOUCHER_NOT_FOUND')
  return held(reader, voucher, given.now)
}

/** What happened to a voucher, in order. */
export function timelineOf(reader: Reader, bucket: number, voucherId: string) {
  const { voucherEvents } = reader.tables
  return reader
    .select()
    .from(voucherEvents)
    .where(and(eq(voucherEvents.bucket, bucket), eq(voucherEvents.voucherId, voucherId)))
    .orderBy(asc(voucherEvents.version))
}

/** The latest redemptions of one voucher, newest first. */
export function redemptionsOf(reader: Reader, bucket: number, voucherId: string) {
  const { redemptions } = reader.tables
  return reader
    .select()
    .from(redemptions)
    .where(and(eq(redemptions.bucket, bucket), eq(redemptions.voucherId, voucherId)))
    .orderBy(desc(redemptions.redeemedAt))
    .limit(100)
}

async function held(reader: Reader, voucher: Voucher, now: Instant): Promise<HeldVoucher> {
  return { voucher, state: stateAt(voucher, now), benefit: await benefitOf(reader, voucher) }
}
