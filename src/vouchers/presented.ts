import { and, desc, eq, gt, lte, sql } from 'drizzle-orm'

import { type Instant, minute } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { readBenefit } from '../benefits/benefits.ts'
import { benefitVersion } from '../benefits/versions.ts'
import { membershipType } from '../credentials/membership-claims.ts'
import {
  readVerification,
  shownIn,
  spendVerification,
  type Verification,
  verificationState,
  type Wish,
} from '../credentials/presentation/verifications.ts'
import { isArray, isObject, type JsonObject, member } from '../formats/json.ts'
import { memberByNo } from '../identity/devices.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { requireAcceptance } from '../merchants/acceptance.ts'
import { requireStore } from '../merchants/merchants.ts'
import { requireStanding, type Standing } from '../merchants/standing.ts'
import type { Reader, Tx } from '../store/store.ts'
import { type Checked, checkScope } from './prepare.ts'
import { requireRedeemable, type Voucher } from './states.ts'

/** What the member's wallet shows and confirms: the `type` of its transaction data. */
export const redemptionType = 'urn:symbolon:redemption:1'

/** How long a member has to confirm, and the terminal to redeem what was confirmed. */
const confirmSeconds = 120
const redeemWithin = 10 * minute

const queryId = 'membership'

/** What a member has confirmed. */
interface Confirmed {
  readonly benefitId: string
  /** Fen the merchant is owed. */
  readonly amount: number
  /** Fen of the whole purchase, where the terminal gave it. */
  readonly orderAmount: number | undefined
}

/**
 * What a terminal asks a member to confirm (section 4 of the credentials' design): a benefit, at
 * its store, for an amount, with a nonce; shown with the membership number, which says whose
 * voucher it is. Nothing is written. Refusals: those of `requireStanding`, NOT_FOUND (benefit),
 * STORE_NOT_ACCEPTED, CONFIRMATION_REQUIRED (`needs: order_amount`), MIN_SPEND_NOT_MET.
 */
export async function redemptionWish(
  tx: Tx,
  given: {
    readonly terminalId: string
    readonly benefitId: string
    readonly orderAmount: number | undefined
    readonly clientId: string
    readonly publicUrl: string
    readonly now: Instant
  },
): Promise<Wish> {
  const { terminalId, benefitId, orderAmount, clientId, publicUrl, now } = given
  const standing = await requireStanding(tx, terminalId, now)
  const { version } = await readBenefit(tx, benefitId)
  const benefit = await benefitVersion(tx, benefitId, version)
  if (!benefit) throw new Refusal('NOT_FOUND', { what: 'benefit' })
  await requireAcceptance(tx, benefitId, standing)
  const { amount, details, name } = benefit.definition
  const least = details.kind === 'coupon' ? details.minimum_spend : 0
  if (least > 0 && orderAmount === undefined) {
    throw new Refusal('CONFIRMATION_REQUIRED', { needs: ['order_amount'] })
  }
  if (orderAmount !== undefined && orderAmount < least) {
    throw new Refusal('MIN_SPEND_NOT_MET', { minimum_spend: least })
  }
  const entry = {
    ...{ type: redemptionType, credential_ids: [queryId], nonce: newId(now) },
    ...{ benefit: { id: benefitId, name }, amount, ...(await placeOf(tx, standing)) },
    ...(orderAmount !== undefined && { order_amount: orderAmount }),
  }
  const credential = {
    ...{ id: queryId, format: 'dc+sd-jwt', meta: { vct_values: [membershipType(publicUrl)] } },
    claims: [{ path: ['membership_number'] }],
  }
  return {
    ...{ askedBy: `terminal:${terminalId}`, clientId, seconds: confirmSeconds, now },
    ...{ query: { credentials: [credential] }, transactionData: [entry] },
  }
}

/** What was to be confirmed, from the request itself. */
function confirmedIn({ transactionData }: Verification): Confirmed {
  const [entry = ''] = JSON.parse(transactionData) as readonly string[]
  const read = JSON.parse(Buffer.from(entry, 'base64url').toString()) as JsonObject
  const benefit = member(read, 'benefit')
  const [amount, orderAmount] = [member(read, 'amount'), member(read, 'order_amount')]
  const benefitId = isObject(benefit) ? member(benefit, 'id') : undefined
  if (typeof benefitId !== 'string' || typeof amount !== 'number') {
    throw new Refusal('NOT_FOUND', { what: 'redemption request' })
  }
  return {
    ...{ benefitId, amount },
    orderAmount: typeof orderAmount === 'number' ? orderAmount : undefined,
  }
}

/**
 * Checks what a member has confirmed to this terminal, finds the voucher that it is spent from, and
 * uses the confirmation up, once. The evidence is the SHA-256 of the key binding. Refusals:
 * NOT_FOUND, CONFIRMATION_REQUIRED (`needs: member`) while nobody has confirmed it or for another
 * amount, TOKEN_EXPIRED, TOKEN_ALREADY_USED, VOUCHER_NOT_FOUND, and those of `requireRedeemable`
 * and `checkScope`.
 */
export async function checkPresented(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly verificationId: string
    readonly terminalId: string
    /** Must be what was confirmed. */
    readonly orderAmount: number | undefined
    readonly now: Instant
  },
): Promise<{ checked: Checked; evidence: Uint8Array }> {
  const { verificationId: id, terminalId, now } = given
  const standing = await requireStanding(tx, terminalId, now)
  const verification = await readVerification(tx, { id, askedBy: `terminal:${terminalId}` })
  const state = verificationState(verification, now)
  const same = confirmedIn(verification).orderAmount === given.orderAmount
  if (state === 'pending' || !same)
    throw new Refusal('CONFIRMATION_REQUIRED', { needs: ['member'] })
  const { answeredAt, evidence } = verification
  if (state === 'expired' || answeredAt === null || now >= answeredAt + redeemWithin) {
    throw new Refusal('TOKEN_EXPIRED', { server_time: now })
  }
  if (evidence === null) throw new TypeError('a confirmation without evidence')
  if (!(await spendVerification(tx, id, now))) throw new Refusal('TOKEN_ALREADY_USED')
  const voucher = await voucherFor(tx, node, verification, now)
  requireRedeemable(voucher, terminalId, now)
  return { checked: await checkScope(tx, { voucher, standing, now }), evidence }
}

/**
 * The member's voucher of that benefit and amount: of those that are good now the one that ends
 * first, else the latest, so that the refusal says why.
 */
async function voucherFor(
  tx: Tx,
  node: ThisNode,
  verification: Verification,
  now: Instant,
): Promise<Voucher> {
  const { benefitId, amount } = confirmedIn(verification)
  const number = membershipNumber(shownIn(node, verification, undefined))
  const holder = number === undefined ? undefined : await memberByNo(tx, number)
  if (!holder) throw new Refusal('VOUCHER_NOT_FOUND')
  const { vouchers } = tx.tables
  const theirs = [
    eq(vouchers.bucket, holder.bucket),
    eq(vouchers.memberId, holder.id),
    eq(vouchers.benefitId, benefitId),
    eq(vouchers.amount, amount),
  ]
  const good = [
    sql`${vouchers.state} = 'active'`,
    gt(vouchers.usesLeft, 0),
    lte(vouchers.validFrom, now),
    gt(vouchers.validTo, now),
  ]
  const [best] = await tx
    .select()
    .from(vouchers)
    .where(and(...theirs, ...good))
    .orderBy(vouchers.validTo)
    .limit(1)
  if (best) return best
  const [last] = await tx
    .select()
    .from(vouchers)
    .where(and(...theirs))
    .orderBy(desc(vouchers.validTo))
    .limit(1)
  if (!last) throw new Refusal('VOUCHER_NOT_FOUND')
  return last
}

/** Of a card that the node of its type has issued. */
function membershipNumber(shown: JsonObject | undefined): string | undefined {
  const cards = shown && member(shown, queryId)
  const card = isArray(cards) ? cards[0] : undefined
  if (!isObject(card) || membershipType(String(card.issuer)) !== card.type) return undefined
  const claims = member(card, 'claims')
  const number = isObject(claims) ? member(claims, 'membership_number') : undefined
  return typeof number === 'string' ? number : undefined
}

async function placeOf(reader: Reader, { storeId }: Standing) {
  const { store, merchant } = await requireStore(reader, storeId)
  return {
    merchant: { id: merchant.id, name: merchant.name },
    store: { id: storeId, name: store.name },
  }
}
