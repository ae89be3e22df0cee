import { and, eq, sql } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import { type BenefitVersion, benefitVersion } from '../benefits/versions.ts'
import { type Reader, statement } from '../store/store.ts'
import type { Voucher } from './states.ts'

const readVoucher = statement<{ bucket: number; id: string }>()((db) => {
  const { vouchers } = db.tables
  return db
    .select()
    .from(vouchers)
    .where(
      and(eq(vouchers.bucket, sql.placeholder('bucket')), eq(vouchers.id, sql.placeholder('id'))),
    )
})

const readHolder = statement<{ memberId: string }>()((db) => {
  const { members, memberKeys } = db.tables
  return db
    .select({ standing: members.standing, name: members.name, wrapped: memberKeys.wrapped })
    .from(members)
    .leftJoin(memberKeys, eq(memberKeys.memberId, members.id))
    .where(eq(members.id, sql.placeholder('memberId')))
})

/** Who holds a voucher, as far as spending it needs to know. */
export interface Holder {
  readonly standing: string
  readonly name: string
  /** The member's data key, wrapped; none before the first device. */
  readonly wrapped: Uint8Array | null
}

/** One voucher, or Refusal VOUCHER_NOT_FOUND. */
export async function requireVoucher(reader: Reader, bucket: number, id: string): Promise<Voucher> {
  const [voucher] = await reader.perform(readVoucher, { bucket, id })
  if (!voucher) throw new Refusal('VOUCHER_NOT_FOUND')
  return voucher
}

/** The version that a voucher was issued under. */
export async function benefitOf(reader: Reader, voucher: Voucher): Promise<BenefitVersion> {
  const benefit = await benefitVersion(reader, voucher.benefitId, voucher.benefitVersion)
  if (!benefit) throw new TypeError(`voucher of an unpublished benefit ${voucher.benefitId}`)
  return benefit
}

/** The member a voucher belongs to. Refusal MEMBERSHIP_SUSPENDED while it may not be spent. */
export async function requireHolder(reader: Reader, memberId: string): Promise<Holder> {
  const [holder] = await reader.perform(readHolder, { memberId })
  if (!holder) throw new TypeError(`voucher of an unknown member ${memberId}`)
  if (holder.standing === 'suspended') throw new Refusal('MEMBERSHIP_SUSPENDED')
  return holder
}
