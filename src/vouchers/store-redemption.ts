import { and, eq } from 'drizzle-orm'

import { type Instant, second } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { printedCodeOf, requireStanding } from '../merchants/standing.ts'
import type { Reader, Tx } from '../store/store.ts'
import { requireVoucher } from './lookup.ts'
import { checkScope, consumeCode, hold, type Preparation, preparationSeconds } from './prepare.ts'
import { type Redeemed, redeem, requireDetails } from './redeem.ts'
import { requireRedeemable } from './states.ts'
import { voucherOf } from './wallet.ts'

type Held = Tx['tables']['preparations']['$inferSelect']

/** Whose phone it is. */
export interface Phone {
  readonly memberId: string
  readonly bucket: number
  readonly deviceId: string
}

/**
 * Holds a voucher for the store whose printed code its member has scanned. Nothing is spent.
 * Refusals: VOUCHER_NOT_FOUND, those of `requireStanding` for a store, of `requireRedeemable`,
 * `checkScope` and `requireDetails`, PREPARED_ELSEWHERE.
 */
export async function prepareAtStore(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly phone: Phone
    readonly storeId: string
    readonly voucherId: string
    /** Fen, where the benefit asks for it. */
    readonly orderAmount: number | undefined
    /** SHA-256 of the proof that the phone sent with its request. */
    readonly evidence: Uint8Array
    readonly now: Instant
  },
): Promise<Preparation> {
  const { phone, storeId, voucherId, orderAmount, evidence, now } = given
  const { memberId, bucket, deviceId } = phone
  const terminalId = printedCodeOf(storeId)
  const standing = await requireStanding(tx, terminalId, now)
  const { voucher } = await voucherOf(tx, { memberId, bucket, voucherId, now })
  requireRedeemable(voucher, terminalId, now)
  const checked = await checkScope(tx, { voucher, standing, now })
  requireDetails(checked.benefit.definition, detailsOf(orderAmount))
  const until = now + preparationSeconds * second
  const shown = { bucket, voucherId, deviceId, step: -now, evidence }
  const id = await consumeCode(tx, node, { shown, terminalId, until, now, orderAmount })
  await hold(tx, checked, { terminalId, until, now })
  return { ...checked, id, until }
}

/**
 * Redeems what this phone holds at a store, by the same conditional write as a terminal does. The
 * phone's second proof goes into the leaf beside its first. Refusals: NOT_FOUND, AWAITING_COUNTER
 * until the counter has accepted, PREPARATION_EXPIRED once it has declined, those of `redeem`.
 */
export async function confirmAtStore(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly phone: Phone
    readonly preparation: string
    /** SHA-256 of the proof of this request. */
    readonly requestDigest: Uint8Array
    readonly now: Instant
  },
): Promise<Redeemed> {
  const { phone, preparation, requestDigest, now } = given
  const held = await requireOwn(tx, phone, preparation)
  const { terminalId, bucket, orderAmount } = held
  if (held.declinedAt !== null || held.until <= now) throw new Refusal('PREPARATION_EXPIRED')
  if (held.acceptedAt === null) throw new Refusal('AWAITING_COUNTER')
  const details = detailsOf(orderAmount ?? undefined)
  return redeem(tx, node, {
    ...{ by: { preparation, bucket }, terminalId, requestDigest, details, now },
  })
}

/** Lets go of what this phone holds. Refusals: NOT_FOUND, PREPARATION_EXPIRED (or redeemed). */
export async function rejectAtStore(
  tx: Tx,
  given: { readonly phone: Phone; readonly preparation: string; readonly now: Instant },
): Promise<void> {
  const held = await requireOwn(tx, given.phone, given.preparation)
  const { vouchers: v } = tx.tables
  const freed = await tx
    .update(v)
    .set({ preparedBy: null, preparedUntil: null })
    .where(
      and(
        ...[eq(v.bucket, held.bucket), eq(v.id, held.voucherId)],
        ...[eq(v.preparedBy, held.terminalId), eq(v.preparedUntil, held.until)],
      ),
    )
    .returning({ id: v.id })
  if (freed.length === 0) throw new Refusal('PREPARATION_EXPIRED')
  const { preparations: p } = tx.tables
  await tx
    .update(p)
    .set({ declinedAt: given.now })
    .where(and(eq(p.bucket, held.bucket), eq(p.id, held.id)))
}

/** Where what this phone holds at a store stands with the counter. Refusal NOT_FOUND. */
export async function stateAtStore(
  reader: Reader,
  given: { readonly phone: Phone; readonly preparation: string; readonly now: Instant },
): Promise<'waiting' | 'accepted' | 'declined' | 'expired'> {
  const held = await requireOwn(reader, given.phone, given.preparation)
  if (held.declinedAt !== null) return 'declined'
  if (held.until <= given.now) return 'expired'
  return held.acceptedAt === null ? 'waiting' : 'accepted'
}

/** What this member has prepared with this phone at a store. Refusal NOT_FOUND. */
async function requireOwn(reader: Reader, phone: Phone, id: string): Promise<Held> {
  const { preparations: p } = reader.tables
  const [held] = await reader
    .select()
    .from(p)
    .where(and(eq(p.bucket, phone.bucket), eq(p.id, id)))
  const nothing = new Refusal('NOT_FOUND', { what: 'redemption' })
  if (!held || held.deviceId !== phone.deviceId) throw nothing
  if (!held.terminalId.startsWith(printedCodeOf(''))) throw nothing
  const { memberId } = await requireVoucher(reader, held.bucket, held.voucherId)
  if (memberId !== phone.memberId) throw nothing
  return held
}

function detailsOf(orderAmount: number | undefined) {
  return orderAmount === undefined ? {} : { orderAmount }
}
