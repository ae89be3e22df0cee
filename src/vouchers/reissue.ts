import { and, eq } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { requireThawed } from '../benefits/freezes.ts'
import { takeAvailable } from '../benefits/programmes.ts'
import { ensureMemberKey, memberKeyOf } from '../identity/member-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { book, drawUp } from '../ledger/journal.ts'
import { voucherDigest } from '../ledger/voucher-digest.ts'
import type { Reader, Tx } from '../store/store.ts'
import { type Decision, requireVersion } from './change-standing.ts'
import { takeCap } from './claim.ts'
import { recordEvent } from './events.ts'
import { latestEnd } from './extend.ts'
import { newHandle } from './handle.ts'
import { benefitOf, requireHolder, requireVoucher } from './lookup.ts'
import { takeUnits } from './quota-units.ts'
import { stateAt, stateRefusal, type Voucher } from './states.ts'
import { validityFrom } from './validity.ts'

export const reissueReasons = ['issued_in_error', 'lost', 'store_closed', 'system_error'] as const

/**
 * Issues a voucher anew in place of one that is void or expired: same member, benefit and version,
 * active at once, valid from now on as the benefit says but not beyond `latestEnd`. Its first leaf
 * names the one it follows (`of`) and that one's last leaf (`prev`); each has one successor. The
 * budget is asked again; an expired one hands its place under the cap and its units on, a void
 * one's are asked for again. Refusals: VOUCHER_NOT_FOUND, those of `stateRefusal` (VERSION_CONFLICT
 * too for one that is over and not yet swept), ALREADY_EXISTS (it has a successor), VOUCHER_EXPIRED
 * (the benefit's time is over), MEMBERSHIP_SUSPENDED, FREEZE_ACTIVE, PERSON_CAP_REACHED,
 * QUOTA_EXHAUSTED, BUDGET_EXHAUSTED.
 */
export async function reissueVoucher(
  tx: Tx,
  node: ThisNode,
  decision: Decision<(typeof reissueReasons)[number]> & { readonly random?: Random },
): Promise<Voucher> {
  const { expectedVersion, staff, reason, now, random = systemRandom } = decision
  const old = await requireReissuable(tx, decision)
  requireVersion(old, expectedVersion)
  const benefit = await benefitOf(tx, old)
  const { definition, programme } = benefit
  await requireThawed(tx, programme.orgCode)
  const { standing } = await requireHolder(tx, old.memberId)
  if (standing !== 'active') throw new Refusal('MEMBERSHIP_SUSPENDED')
  const validity = await validityOf(tx, old, decision.now)
  const id = newHandle(old.bucket, random)
  await succeed(tx, old, id)
  const to = { memberId: old.memberId, personId: old.personId, bucket: old.bucket }
  if (!(await handOn(tx, old, id))) await takeCap(tx, benefit, to, id, now)
  if (!(await handOnUnits(tx, old, id))) await takeUnits(tx, benefit, { to, id }, now)
  const amount = definition.amount * definition.uses
  await takeAvailable(tx, programme.id, amount)
  await ensureMemberKey(tx, node, old.memberId)
  const memberKey = await memberKeyOf(tx, node, old.memberId)
  const actor = `staff:${staff}`
  const drawn = drawUp(node, {
    ...{ id: newId(now), kind: 'voucher.reissue', bucket: old.bucket, at: now, programme, amount },
    postings: [
      { account: 'budget_available', amount },
      { account: 'voucher_liability', amount: -amount },
    ],
    voucher: { id, version: 1, prev: old.lastLeaf },
    fields: {
      of: toBase64url(voucherDigest(old.id)),
      ...(definition.uses > 1 && { uses: definition.uses }),
    },
    commits: { member: old.memberId, operator: actor, reason },
    ...(memberKey && { memberKey }),
  })
  await book(tx, drawn)
  const voucher: Voucher = {
    ...old,
    ...{ id, batchId: null, seq: 1, origin: 'offer', state: 'active', version: 1 },
    ...{ usesTotal: definition.uses, usesLeft: definition.uses, amount: definition.amount },
    ...{ offerTo: null, ...validity, issuedAt: now, claimedAt: now, usedAt: null, reversals: 0 },
    ...{ preparedBy: null, preparedUntil: null, lastLeaf: drawn.hash },
  }
  await tx.insertMany(tx.tables.vouchers, [voucher])
  const { id: entryId, kind } = drawn.entry
  await recordEvent(tx, { voucher, kind, actor, entryId, at: now })
  return voucher
}

/** The voucher, if it could be issued anew. Refusals: the first ones of `reissueVoucher`. */
export async function requireReissuable(
  reader: Reader,
  { bucket, voucherId, now }: { bucket: number; voucherId: string; now: Instant },
): Promise<Voucher> {
  const old = await requireVoucher(reader, bucket, voucherId)
  if (old.state === 'void' || old.state === 'expired') return old
  throw stateAt(old, now) === 'expired' ? new Refusal('VERSION_CONFLICT') : stateRefusal(old, now)
}

/** Which voucher follows this one, and which it follows. */
export async function kinOf(
  reader: Reader,
  { bucket, id }: Pick<Voucher, 'bucket' | 'id'>,
): Promise<{ readonly successor?: string; readonly predecessor?: string }> {
  const { reissues: r } = reader.tables
  const [after] = await reader
    .select({ id: r.successorId })
    .from(r)
    .where(and(eq(r.bucket, bucket), eq(r.voucherId, id)))
  const [before] = await reader
    .select({ id: r.voucherId })
    .from(r)
    .where(and(eq(r.bucket, bucket), eq(r.successorId, id)))
  return { ...(after && { successor: after.id }), ...(before && { predecessor: before.id }) }
}

async function validityOf(tx: Tx, old: Voucher, now: Instant) {
  const { definition } = await benefitOf(tx, old)
  const { validFrom, validTo } = validityFrom(definition, now)
  const end = Math.min(validTo, await latestEnd(tx, { ...old, issuedAt: now }))
  if (end <= now) throw new Refusal('VOUCHER_EXPIRED', { expired_at: end })
  return { validFrom, validTo: end }
}

async function succeed(tx: Tx, { bucket, id }: Voucher, successorId: string): Promise<void> {
  const [made] = await tx
    .insert(tx.tables.reissues)
    .values({ bucket, voucherId: id, successorId })
    .onConflictDoNothing()
    .returning()
  if (!made) throw new Refusal('ALREADY_EXISTS', { what: 'successor' })
}

/** The place under the person's cap that the old one still holds; false when it holds none. */
async function handOn(tx: Tx, old: Voucher, voucherId: string): Promise<boolean> {
  const { claims: c } = tx.tables
  const mine = and(eq(c.bucket, old.bucket), eq(c.personId, old.personId), eq(c.voucherId, old.id))
  const moved = await tx
    .update(c)
    .set({ voucherId })
    .where(and(mine, eq(c.benefitId, old.benefitId)))
    .returning({ seq: c.seq })
  return moved.length > 0
}

/** The units of sub-quotas that it still holds; false when it holds none. */
async function handOnUnits(tx: Tx, old: Voucher, voucherId: string): Promise<boolean> {
  const { quotaUnits: q } = tx.tables
  const moved = await tx
    .update(q)
    .set({ voucherId })
    .where(and(eq(q.bucket, old.bucket), eq(q.voucherId, old.id)))
    .returning({ scope: q.scope })
  return moved.length > 0
}
