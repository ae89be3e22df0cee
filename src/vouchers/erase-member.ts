import { and, eq, inArray } from 'drizzle-orm'

import { eraseHolder } from '../credentials/erase-holder.ts'
import {
  beginErasure,
  type Erasing,
  eraseDevices,
  erasePerson,
  type Subject,
} from '../identity/erase-person.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import { stateAt } from './states.ts'
import { voidVoucher } from './void.ts'

/** What an erasure did, in numbers. */
export interface Erased {
  readonly subject: Subject
  readonly voided: number
  readonly devices: number
}

/**
 * Forgets the person behind a member (`4-ledger.md`, section 4.4): vouchers that were never used
 * are voided, devices and credentials revoked, then everything that says who it was is emptied and
 * the keys are deleted. Books, leaves and proofs stay as they are. A voucher with uses taken is
 * left to expire, because its redemptions stand and nobody can show it any more.
 *
 * Refusals: those of `beginErasure`, VERSION_CONFLICT when somebody used a voucher meanwhile.
 */
export async function eraseMember(tx: Tx, node: ThisNode, erasing: Erasing): Promise<Erased> {
  const { actor, now } = erasing
  const subject = await beginErasure(tx, node, erasing)
  const voided = await voidOpen(tx, node, subject, erasing)
  const devices = await eraseDevices(tx, node, subject, erasing)
  await eraseHolder(tx, subject.memberIds, { actor, now })
  await forgetCollectors(tx, subject)
  await erasePerson(tx, node, subject, now)
  return { subject, voided, devices }
}

async function voidOpen(
  tx: Tx,
  node: ThisNode,
  { bucket, memberIds }: Subject,
  { actor, now }: Erasing,
): Promise<number> {
  const { vouchers: v } = tx.tables
  const held = await tx
    .select()
    .from(v)
    .where(
      and(
        eq(v.bucket, bucket),
        inArray(v.memberId, [...memberIds]),
        inArray(v.state, ['offered', 'active', 'suspended']),
        eq(v.usesLeft, v.usesTotal),
      ),
    )
  const open = held.filter((voucher) => stateAt(voucher, now) !== 'expired')
  const staff = actor.replace(/^staff:/, '')
  for (const { id: voucherId } of open) {
    await voidVoucher(tx, node, { bucket, voucherId, reason: 'member_request', staff, now })
  }
  return open.length
}

/** Who fetched a parcel, or was to, the number of a policy and an answer to a case name people. */
async function forgetCollectors(tx: Tx, { bucket, memberIds }: Subject): Promise<void> {
  const { redemptions: r, delegations: d, redemptionReports: p } = tx.tables
  await tx
    .update(r)
    .set({ policyNumber: null, collector: null })
    .where(and(eq(r.bucket, bucket), inArray(r.memberId, [...memberIds])))
  await tx
    .update(d)
    .set({ sealed: null })
    .where(and(eq(d.bucket, bucket), inArray(d.memberId, [...memberIds])))
  await tx
    .update(p)
    .set({ sealedAnswer: null })
    .where(and(eq(p.bucket, bucket), inArray(p.memberId, [...memberIds])))
}
