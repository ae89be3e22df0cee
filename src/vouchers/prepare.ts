import { and, eq, gt, isNull, lte, or, sql } from 'drizzle-orm'

import { type Instant, second } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { BenefitVersion } from '../benefits/versions.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { requireAcceptance } from '../merchants/acceptance.ts'
import { requireStanding, type Standing } from '../merchants/standing.ts'
import { statement, type Tx } from '../store/store.ts'
import { requireCollector } from './delegations.ts'
import { requireOpenHours } from './hours.ts'
import { benefitOf, type Holder, requireHolder, requireVoucher } from './lookup.ts'
import { consumeDigits } from './numeric-code.ts'
import { requireFreshStep, type ShownCode } from './shown-code.ts'
import { redemptionRefusal, requireRedeemable, type Voucher } from './states.ts'

/** How long a prepared voucher is held for its terminal. */
export const preparationSeconds = 120

const consumeStep = statement<
  Record<
    | 'bucket'
    | 'voucher'
    | 'step'
    | 'id'
    | 'terminal'
    | 'device'
    | 'evidence'
    | 'until'
    | 'delegation'
    | 'orderAmount',
    unknown
  >
>()((db) => {
  const { preparations } = db.tables
  return db
    .insert(preparations)
    .values({
      bucket: sql.placeholder('bucket'),
      voucherId: sql.placeholder('voucher'),
      step: sql.placeholder('step'),
      id: sql.placeholder('id'),
      terminalId: sql.placeholder('terminal'),
      deviceId: sql.placeholder('device'),
      evidence: sql.placeholder('evidence'),
      until: sql.placeholder('until'),
      delegationId: sql.placeholder('delegation'),
      orderAmount: sql.placeholder('orderAmount'),
    })
    .onConflictDoNothing()
    .returning({ id: preparations.id })
})

/** A voucher that this terminal may now redeem, and everything redeeming needs. */
export interface Checked {
  readonly voucher: Voucher
  readonly benefit: BenefitVersion
  readonly holder: Holder
  readonly standing: Standing
}

export interface Preparation extends Checked {
  readonly id: string
  readonly until: Instant
}

/**
 * Takes a shown code and holds its voucher for the terminal for two minutes. No leaf: nothing has
 * been spent. Refusals: those of `requireStanding`, `checkShown`, TOKEN_ALREADY_USED,
 * PREPARED_ELSEWHERE.
 */
export async function prepare(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly shown: ShownCode
    readonly terminalId: string
    readonly now: Instant
    /** Of a terminal of another node, which has said so itself. */
    readonly elsewhere?: Standing
  },
): Promise<Preparation> {
  const { shown, terminalId, now } = given
  const checked = await checkShown(tx, given)
  const until = now + preparationSeconds * second
  const id = await consumeCode(tx, node, { shown, terminalId, until, now })
  await hold(tx, checked, { terminalId, until, now })
  return { ...checked, id, until }
}

/** Holds a voucher for whoever prepared it. Refusals: those of `overtaken`. */
export async function hold(
  tx: Tx,
  checked: Checked,
  { terminalId, until, now }: { terminalId: string; until: Instant; now: Instant },
): Promise<void> {
  const { bucket, id: voucherId } = checked.voucher
  const { vouchers } = tx.tables
  const held = await tx
    .update(vouchers)
    .set({ preparedBy: terminalId, preparedUntil: until })
    .where(
      and(
        eq(vouchers.bucket, bucket),
        eq(vouchers.id, voucherId),
        eq(vouchers.state, 'active'),
        gt(vouchers.usesLeft, 0),
        or(
          isNull(vouchers.preparedBy),
          eq(vouchers.preparedBy, terminalId),
          lte(vouchers.preparedUntil, now),
        ),
      ),
    )
    .returning({ id: vouchers.id })
  if (held.length === 0) throw await overtaken(tx, checked, now)
}

/**
 * Everything that must hold before a shown voucher is held or redeemed: state, then step, then
 * scope, then the person. Refusals: VOUCHER_NOT_FOUND, what `requireRedeemable` says,
 * TOKEN_EXPIRED, STORE_NOT_ACCEPTED, OUTSIDE_TIME_WINDOW, MEMBERSHIP_SUSPENDED, THROTTLED_VOUCHER.
 */
export async function checkShown(
  tx: Tx,
  given: {
    readonly shown: ShownCode
    readonly terminalId: string
    readonly now: Instant
    readonly elsewhere?: Standing | undefined
  },
): Promise<Checked> {
  const { shown, terminalId, now, elsewhere } = given
  const standing = elsewhere ?? (await requireStanding(tx, terminalId, now))
  const voucher = await requireVoucher(tx, shown.bucket, shown.voucherId)
  requireRedeemable(voucher, terminalId, now)
  const stepless = shown.digits !== undefined || shown.delegationId !== undefined
  if (!stepless) requireFreshStep(shown.step, now)
  return checkScope(tx, { voucher, standing, now })
}

/** The second half of `checkShown`: what does not hang on the code. */
export async function checkScope(
  tx: Tx,
  { voucher, standing, now }: { voucher: Voucher; standing: Standing; now: Instant },
): Promise<Checked> {
  const benefit = await benefitOf(tx, voucher)
  await requireAcceptance(tx, voucher.benefitId, standing)
  requireOpenHours(benefit, now)
  const holder = await requireHolder(tx, voucher.memberId)
  const readyAt = (voucher.usedAt ?? 0) + benefit.definition.throttle_seconds * second
  if (voucher.usedAt !== null && voucher.usesLeft < voucher.usesTotal && now < readyAt) {
    throw new Refusal('THROTTLED_VOUCHER', { ready_at: readyAt })
  }
  return { voucher, benefit, holder, standing }
}

/** Explains, after the fact, why an update matched nothing: somebody was faster. */
export async function overtaken(
  tx: Tx,
  { voucher, standing }: Checked,
  now: Instant,
): Promise<Refusal> {
  const current = await requireVoucher(tx, voucher.bucket, voucher.id)
  return redemptionRefusal(current, standing.terminalId, now) ?? new Refusal('VERSION_CONFLICT')
}

/**
 * Uses up the step of a code, for ever; a pick-up code is used up by redeeming alone. Refusals
 * TOKEN_ALREADY_USED when it was taken before, DELEGATE_MISMATCH.
 */
export async function consumeCode(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly shown: ShownCode
    readonly terminalId: string
    readonly until: Instant
    readonly now: Instant
    /** Fen, where a member has said it. */
    readonly orderAmount?: number | undefined
  },
): Promise<string> {
  const { shown, terminalId, until, now } = given
  const { bucket, delegationId } = shown
  if (shown.digits !== undefined) await consumeDigits(tx, node, shown.digits, now)
  if (delegationId !== undefined) await requireCollector(tx, { bucket, id: delegationId }, now)
  const [taken] = await tx.perform(consumeStep, {
    bucket: shown.bucket,
    voucher: shown.voucherId,
    step: shown.step,
    id: newId(now),
    terminal: terminalId,
    device: shown.deviceId,
    evidence: shown.evidence,
    until,
    delegation: delegationId ?? null,
    orderAmount: given.orderAmount ?? null,
  })
  if (!taken) throw new Refusal('TOKEN_ALREADY_USED')
  return taken.id
}
