import { and, eq, gt, isNull, or } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { capPeriod } from '../benefits/cap.ts'
import { dayIn } from '../benefits/criteria/zone.ts'
import { requireThawed } from '../benefits/freezes.ts'
import type { BenefitVersion } from '../benefits/versions.ts'
import { memberKeyOf } from '../identity/member-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { book, drawUp } from '../ledger/journal.ts'
import type { Tx } from '../store/store.ts'
import { recordEvent } from './events.ts'
import { newHandle } from './handle.ts'
import type { Recipient } from './issue.ts'
import { benefitOf, requireHolder, requireVoucher } from './lookup.ts'
import { takeUnits } from './quota-units.ts'
import { stateAt, type Voucher } from './states.ts'
import { takeStock } from './stock.ts'
import { validityFrom } from './validity.ts'

/**
 * Claims a voucher that was offered to the member: it becomes active, and a validity that counts
 * from the claim begins. Refusals: VOUCHER_NOT_FOUND (also for another's), ALREADY_CLAIMED,
 * OFFER_LAPSED, VOUCHER_VOID, VOUCHER_SUSPENDED, VOUCHER_RETURNED, MEMBERSHIP_SUSPENDED.
 */
export async function claimOffer(
  tx: Tx,
  node: ThisNode,
  given: { memberId: string; bucket: number; voucherId: string; now: Instant },
): Promise<Voucher> {
  const { memberId, bucket, voucherId, now } = given
  const voucher = await requireVoucher(tx, bucket, voucherId)
  if (voucher.memberId !== memberId) throw new Refusal('VOUCHER_NOT_FOUND')
  requireOffered(voucher, now)
  await requireHolder(tx, memberId)
  const { definition, programme } = await benefitOf(tx, voucher)
  const version = voucher.version + 1
  const memberKey = await memberKeyOf(tx, node, memberId)
  const drawn = drawUp(node, {
    id: newId(now),
    kind: 'voucher.claim',
    bucket,
    at: now,
    programme,
    amount: voucher.amount * voucher.usesTotal,
    voucher: { id: voucherId, version, prev: voucher.lastLeaf },
    commits: { member: memberId },
    ...(memberKey && { memberKey }),
  })
  const { vouchers } = tx.tables
  const [claimed] = await tx
    .update(vouchers)
    .set({
      state: 'active',
      version,
      claimedAt: now,
      lastLeaf: drawn.hash,
      ...validityFrom(definition, now),
    })
    .where(
      and(
        eq(vouchers.bucket, bucket),
        eq(vouchers.id, voucherId),
        eq(vouchers.state, 'offered'),
        eq(vouchers.version, voucher.version),
        or(isNull(vouchers.offerTo), gt(vouchers.offerTo, now)),
      ),
    )
    .returning()
  if (!claimed) throw new Refusal('ALREADY_CLAIMED')
  await book(tx, drawn)
  const { id: entryId, kind } = drawn.entry
  await recordEvent(tx, { voucher: claimed, kind, actor: `member:${memberId}`, entryId, at: now })
  return claimed
}

function requireOffered(voucher: Voucher, now: Instant): void {
  switch (stateAt(voucher, now)) {
    case 'offered':
      return
    case 'active':
    case 'used':
      throw new Refusal('ALREADY_CLAIMED')
    case 'expired':
      throw new Refusal(voucher.claimedAt === null ? 'OFFER_LAPSED' : 'VOUCHER_EXPIRED')
    case 'suspended':
      throw new Refusal('VOUCHER_SUSPENDED')
    case 'void':
      throw new Refusal('VOUCHER_VOID')
    case 'returned':
      throw new Refusal('VOUCHER_RETURNED')
  }
}

/**
 * Claims one unit of open stock. The claim row is the cap, the quota rows are the stock and its
 * sub-quotas; the counters move only by rows really inserted, because they stand or fall with this
 * transaction. The caller has asked for eligibility. Refusals: FREEZE_ACTIVE, PERSON_CAP_REACHED,
 * QUOTA_EXHAUSTED.
 */
export async function claimStock(
  tx: Tx,
  node: ThisNode,
  given: { benefit: BenefitVersion; to: Recipient; now: Instant; random?: Random },
): Promise<Voucher> {
  const { benefit, to, now, random = systemRandom } = given
  const { definition, programme, benefitId } = benefit
  const voucherId = newHandle(to.bucket, random)
  await requireThawed(tx, programme.orgCode)
  await takeCap(tx, benefit, to, voucherId, now)
  await takeStock(tx, benefitId, 1)
  await takeUnits(tx, benefit, { to, id: voucherId }, now)
  const total = definition.amount * definition.uses
  const memberKey = await memberKeyOf(tx, node, to.memberId)
  const drawn = drawUp(node, {
    id: newId(now),
    kind: 'voucher.claim',
    bucket: to.bucket,
    at: now,
    programme,
    amount: total,
    postings: [
      { account: 'stock_reserved', amount: total },
      { account: 'voucher_liability', amount: -total },
    ],
    voucher: { id: voucherId, version: 1 },
    commits: { member: to.memberId },
    ...(definition.uses > 1 && { fields: { uses: definition.uses } }),
    ...(memberKey && { memberKey }),
  })
  await book(tx, drawn)
  const voucher: Voucher = {
    bucket: to.bucket,
    id: voucherId,
    programmeId: programme.id,
    benefitId,
    benefitVersion: benefit.version,
    batchId: null,
    memberId: to.memberId,
    personId: to.personId,
    seq: 1,
    origin: 'stock',
    state: 'active',
    version: 1,
    usesTotal: definition.uses,
    usesLeft: definition.uses,
    amount: definition.amount,
    offerTo: null,
    ...validityFrom(definition, now),
    issuedAt: now,
    claimedAt: now,
    usedAt: null,
    reversals: 0,
    preparedBy: null,
    preparedUntil: null,
    lastLeaf: drawn.hash,
  }
  await tx.insertMany(tx.tables.vouchers, [voucher])
  const { id: entryId, kind } = drawn.entry
  await recordEvent(tx, { voucher, kind, actor: `member:${to.memberId}`, entryId, at: now })
  return voucher
}

/** Inserts the claim under the first free number up to the cap. Refusal PERSON_CAP_REACHED. */
export async function takeCap(
  tx: Tx,
  { benefitId, definition, programme }: BenefitVersion,
  { bucket, personId }: Recipient,
  voucherId: string,
  now: Instant,
): Promise<void> {
  const period = capPeriod(definition.cap, dayIn(programme.timeZone, now))
  for (let seq = 1; seq <= definition.cap.count; seq++) {
    const row = { bucket, personId, benefitId, period, seq, voucherId, at: now }
    if ((await tx.insertMany(tx.tables.claims, [row], { ignore: true })) === 1) return
  }
  throw new Refusal('PERSON_CAP_REACHED')
}
