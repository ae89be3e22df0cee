import { and, eq, gt, isNull, lte, or, sql } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import { type Instant, minute } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { Definition } from '../benefits/definition.ts'
import { unwrapMemberKey } from '../identity/member-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { book, type DrawnUp, drawUp, type Entry } from '../ledger/journal.ts'
import { requireStanding, type Standing } from '../merchants/standing.ts'
import { statement, type Tx } from '../store/store.ts'
import { spendCollector } from './delegations.ts'
import { recordEvent } from './events.ts'
import { requireVoucher } from './lookup.ts'
import { type Checked, checkScope, checkShown, consumeCode, overtaken } from './prepare.ts'
import { checkPresented } from './presented.ts'
import type { ShownCode } from './shown-code.ts'
import { requireRedeemable } from './states.ts'

/** How long the terminal itself may undo a redemption. */
export const reversibleMinutes = 10

/** What the counter adds, where the benefit asks for it. */
export interface CounterDetails {
  /** Fen: what the whole purchase came to (coupons with a minimum spend). */
  readonly orderAmount?: number
  /** The insurer's policy number (insurance). */
  readonly policyNumber?: string
  /** Who collected it for the member (packages). */
  readonly collector?: string
}

export interface RedeemRequest {
  /** A code just shown, or what `prepare` answered. */
  readonly by:
    | { readonly shown: ShownCode }
    | { readonly preparation: string; readonly bucket: number }
    /** A verification in which the member has confirmed it: `redemptionWish`. */
    | { readonly confirmed: string }
  readonly terminalId: string
  /** What another node says of its terminal; ours are looked up. */
  readonly elsewhere?: Standing
  /** SHA-256 of the terminal's request signature: goes into the leaf's evidence. */
  readonly requestDigest: Uint8Array
  readonly details: CounterDetails
  readonly now: Instant
}

export type Redemption = Tx['tables']['redemptions']['$inferSelect']

/** A redemption, what it left of the voucher, and the hash of its leaf. */
export interface Redeemed extends Checked {
  readonly redemption: Redemption
  readonly usesLeft: number
  readonly leafHash: Uint8Array
  /** Opens what the leaf commits to: the other node of a redemption elsewhere checks it. */
  readonly opens: DrawnUp['opens']
}

const take = statement<
  Record<'bucket' | 'id' | 'version' | 'now' | 'terminal' | 'leaf', unknown>
>()((db) => {
  const { vouchers } = db.tables
  return db
    .update(vouchers)
    .set({
      usesLeft: sql`${vouchers.usesLeft} - 1`,
      state: sql`case when ${vouchers.usesLeft} = 1 then 'used' else 'active' end`,
      version: sql`${vouchers.version} + 1`,
      usedAt: sql`${sql.placeholder('now')}`,
      preparedBy: sql`null`,
      preparedUntil: sql`null`,
      lastLeaf: sql`${sql.placeholder('leaf')}`,
    })
    .where(
      and(
        eq(vouchers.bucket, sql.placeholder('bucket')),
        eq(vouchers.id, sql.placeholder('id')),
        eq(vouchers.state, sql`'active'`),
        gt(vouchers.usesLeft, sql`0`),
        eq(vouchers.version, sql.placeholder('version')),
        lte(vouchers.validFrom, sql.placeholder('now')),
        gt(vouchers.validTo, sql.placeholder('now')),
        or(
          isNull(vouchers.preparedBy),
          eq(vouchers.preparedBy, sql.placeholder('terminal')),
          lte(vouchers.preparedUntil, sql.placeholder('now')),
        ),
      ),
    )
    .returning({ usesLeft: vouchers.usesLeft, version: vouchers.version })
})

/**
 * Redeems one use of a voucher at a terminal and books it, once.
 *
 * The update is the decision: its `where` names the only state a voucher may be redeemed from, so
 * of any number of concurrent attempts one sees a row. Nothing of a quota, budget, store or
 * merchant is written. Refusals: those of `checkShown`, ALREADY_REDEEMED, PREPARATION_EXPIRED,
 * TOKEN_ALREADY_USED, PREPARED_ELSEWHERE, MIN_SPEND_NOT_MET, CONFIRMATION_REQUIRED,
 * DELEGATE_MISMATCH.
 */
export async function redeem(tx: Tx, node: ThisNode, request: RedeemRequest): Promise<Redeemed> {
  const { terminalId, now, details } = request
  const { checked, evidence, delegationId } = await check(tx, node, request)
  const { voucher, benefit } = checked
  requireDetails(benefit.definition, details)

  const drawn = drawUp(node, entryOf(node, checked, evidence, request))
  const [taken] = await tx.perform(take, {
    bucket: voucher.bucket,
    id: voucher.id,
    version: voucher.version,
    now,
    terminal: terminalId,
    leaf: drawn.hash,
  })
  if (!taken) throw await overtaken(tx, checked, now)
  await book(tx, drawn)
  if (delegationId !== null) {
    const given = { bucket: voucher.bucket, id: delegationId, named: details.collector, now }
    await spendCollector(tx, node, given)
  }
  const redemption = rowOf(checked, request, { entryId: drawn.entry.id, delegationId })
  await tx.insertMany(tx.tables.redemptions, [redemption])
  await recordEvent(tx, {
    voucher: { bucket: voucher.bucket, id: voucher.id, version: taken.version },
    kind: 'voucher.redeem',
    actor: `terminal:${terminalId}`,
    entryId: drawn.entry.id,
    at: now,
  })
  return {
    ...checked,
    redemption,
    usesLeft: taken.usesLeft,
    leafHash: drawn.hash,
    opens: drawn.opens,
  }
}

function entryOf(
  node: ThisNode,
  { voucher, benefit, holder, standing }: Checked,
  evidence: Uint8Array,
  { terminalId, requestDigest, now }: RedeemRequest,
): Entry {
  const { merchantId, cashierId, peer } = standing
  const account = peer === undefined ? 'merchant_payable' : 'node_due_to'
  return {
    id: newId(now),
    kind: 'voucher.redeem',
    bucket: voucher.bucket,
    at: now,
    programme: benefit.programme,
    amount: voucher.amount,
    postings: [
      { account: 'voucher_liability', amount: voucher.amount },
      { account, amount: -voucher.amount, merchantId },
    ],
    ...(peer !== undefined && { fields: { peer } }),
    voucher: { id: voucher.id, version: voucher.version + 1, prev: voucher.lastLeaf },
    commits: {
      member: voucher.memberId,
      evidence: `${toBase64url(evidence)}.${toBase64url(requestDigest)}`,
      merchant: merchantId,
      terminal: terminalId,
      operator: cashierId,
    },
    ...(holder.wrapped && { memberKey: unwrapMemberKey(node, holder.wrapped, voucher.memberId) }),
  }
}

function rowOf(
  { voucher, standing }: Checked,
  request: RedeemRequest,
  { entryId, delegationId }: { entryId: string; delegationId: string | null },
): Redemption {
  const { merchantId, storeId, terminalId, shiftId, cashierId } = standing
  const { bucket, programmeId, benefitId, memberId, amount } = voucher
  const { details, now } = request
  return {
    bucket,
    id: newId(now),
    voucherId: voucher.id,
    programmeId,
    benefitId,
    memberId,
    merchantId,
    storeId,
    terminalId,
    shiftId,
    cashierId,
    uses: 1,
    amount,
    orderAmount: details.orderAmount ?? null,
    policyNumber: details.policyNumber ?? null,
    collector: delegationId === null ? (details.collector ?? null) : null,
    collectedBy: delegationId,
    state: 'committed',
    redeemedAt: now,
    reversibleUntil: now + reversibleMinutes * minute,
    reversedAt: null,
    reversalReason: null,
    entryId,
    reversalEntryId: null,
    statementId: null,
  }
}

/** Checks what was shown or prepared, and uses up the code or the preparation. */
async function check(
  tx: Tx,
  node: ThisNode,
  { by, terminalId, elsewhere, details, now }: RedeemRequest,
): Promise<{ checked: Checked; evidence: Uint8Array; delegationId: string | null }> {
  if ('shown' in by) {
    const { shown } = by
    const checked = await checkShown(tx, { shown, terminalId, elsewhere, now })
    await consumeCode(tx, node, { shown, terminalId, until: now, now })
    return { checked, evidence: shown.evidence, delegationId: shown.delegationId ?? null }
  }
  if ('confirmed' in by) {
    const { orderAmount } = details
    const given = { verificationId: by.confirmed, terminalId, orderAmount, now }
    return { ...(await checkPresented(tx, node, given)), delegationId: null }
  }
  const standing = elsewhere ?? (await requireStanding(tx, terminalId, now))
  const { preparations } = tx.tables
  const [held] = await tx
    .select()
    .from(preparations)
    .where(and(eq(preparations.bucket, by.bucket), eq(preparations.id, by.preparation)))
  if (!held || held.terminalId !== terminalId) throw new Refusal('VOUCHER_NOT_FOUND')
  const voucher = await requireVoucher(tx, held.bucket, held.voucherId)
  requireRedeemable(voucher, terminalId, now)
  // The voucher is held by the latest preparation alone: each piece of evidence is spent once.
  const latest = voucher.preparedBy === terminalId && voucher.preparedUntil === held.until
  if (now >= held.until || !latest) {
    throw new Refusal('PREPARATION_EXPIRED')
  }
  const { evidence, delegationId } = held
  return { checked: await checkScope(tx, { voucher, standing, now }), evidence, delegationId }
}

/**
 * Refuses what the benefit's kind asks the counter for and did not get. Refusals:
 * CONFIRMATION_REQUIRED {needs}, MIN_SPEND_NOT_MET, DELEGATE_MISMATCH.
 */
export function requireDetails({ details: kind }: Definition, given: CounterDetails): void {
  if (kind.kind === 'coupon' && kind.minimum_spend > 0) {
    if (given.orderAmount === undefined) need('order_amount')
    else if (given.orderAmount < kind.minimum_spend) {
      throw new Refusal('MIN_SPEND_NOT_MET', { minimum_spend: kind.minimum_spend })
    }
  }
  if (kind.kind === 'insurance' && given.policyNumber === undefined) need('policy_number')
  if (given.collector !== undefined && !(kind.kind === 'package' && kind.collector_allowed)) {
    throw new Refusal('DELEGATE_MISMATCH')
  }
}

function need(field: string): never {
  throw new Refusal('CONFIRMATION_REQUIRED', { needs: [field] })
}
