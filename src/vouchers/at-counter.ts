import { and, asc, eq, gt, isNull, lt } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { benefitVersion } from '../benefits/versions.ts'
import { maskedName } from '../identity/masked-name.ts'
import { printedCodeOf, requireStanding } from '../merchants/standing.ts'
import type { Reader, Tx } from '../store/store.ts'

/** What a member wants to use here, by the store's printed code. */
export interface Waiting {
  readonly id: string
  readonly bucket: number
  readonly name: { readonly zh: string; readonly en: string }
  /** Fen. */
  readonly amount: number
  readonly memberName: string
  readonly until: Instant
}

/** At most so many are shown at once: a counter has no longer queue. */
const mostWaiting = 50

/** What waits for the counter's word at a store, the first to run out first. */
export async function waitingAt(reader: Reader, storeId: string, now: Instant): Promise<Waiting[]> {
  const { preparations: p, vouchers: v, members: m } = reader.tables
  const rows = await reader
    .select({ held: p, voucher: v, member: m.name })
    .from(p)
    .innerJoin(v, and(eq(v.bucket, p.bucket), eq(v.id, p.voucherId)))
    .innerJoin(m, eq(m.id, v.memberId))
    .where(
      and(
        ...[eq(p.terminalId, printedCodeOf(storeId)), lt(p.step, 0), gt(p.until, now)],
        ...[isNull(p.acceptedAt), isNull(p.declinedAt)],
        ...[eq(v.preparedBy, p.terminalId), eq(v.preparedUntil, p.until)],
      ),
    )
    .orderBy(asc(p.until))
    .limit(mostWaiting)
  const waiting: Waiting[] = []
  for (const { held, voucher, member } of rows) {
    const benefit = await benefitVersion(reader, voucher.benefitId, voucher.benefitVersion)
    if (!benefit) throw new TypeError('a voucher of no benefit')
    const { id, bucket, until } = held
    const { name } = benefit.definition
    const memberName = maskedName(member)
    waiting.push({ id, bucket, name, amount: voucher.amount, memberName, until })
  }
  return waiting
}

/**
 * The counter's one word on what waits at its store; declining lets go of the voucher. Refusals:
 * those of `requireStanding`, PREPARATION_EXPIRED (or answered, or not of this store).
 */
export async function answerAtCounter(
  tx: Tx,
  given: {
    readonly terminalId: string
    readonly preparation: { readonly bucket: number; readonly id: string }
    readonly accepted: boolean
    readonly now: Instant
  },
): Promise<void> {
  const { terminalId, preparation, accepted, now } = given
  const { storeId } = await requireStanding(tx, terminalId, now)
  const { preparations: p, vouchers: v } = tx.tables
  const [held] = await tx
    .update(p)
    .set(accepted ? { acceptedAt: now } : { declinedAt: now })
    .where(
      and(
        ...[eq(p.bucket, preparation.bucket), eq(p.id, preparation.id)],
        ...[eq(p.terminalId, printedCodeOf(storeId)), gt(p.until, now)],
        ...[isNull(p.acceptedAt), isNull(p.declinedAt)],
      ),
    )
    .returning()
  if (!held) throw new Refusal('PREPARATION_EXPIRED')
  if (accepted) return
  await tx
    .update(v)
    .set({ preparedBy: null, preparedUntil: null })
    .where(
      and(
        ...[eq(v.bucket, held.bucket), eq(v.id, held.voucherId)],
        ...[eq(v.preparedBy, held.terminalId), eq(v.preparedUntil, held.until)],
      ),
    )
}
