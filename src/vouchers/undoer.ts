import { and, eq, gte, inArray, isNull, lt, or, sql } from 'drizzle-orm'

import { hour, type Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { addDays } from '../benefits/criteria/civil-date.ts'
import { dayIn, midnightOf } from '../benefits/criteria/zone.ts'
import { cashierById } from '../merchants/cashiers.ts'
import { requireStanding, type Standing } from '../merchants/standing.ts'
import type { Tx } from '../store/store.ts'
import type { Redemption } from './redeem.ts'

/** How long a manager of the store may undo a redemption. */
export const managerHours = 24

/** Managers may undo one in so many redemptions of a store's day, and always one. */
const managersOneIn = 20

/** Who is at a terminal, as far as undoing goes. */
export interface Desk {
  readonly standing: Standing
  readonly manager: boolean
}

/**
 * Who is at the terminal. Read before the redemption is looked for: another's and an unknown one
 * are the same work and the same answer. Refusals: those of `requireStanding`.
 */
export async function deskAt(tx: Tx, terminalId: string, now: Instant): Promise<Desk> {
  const standing = await requireStanding(tx, terminalId, now)
  const cashier = await cashierById(tx, standing.cashierId)
  return { standing, manager: cashier?.role === 'manager' && cashier.revokedAt === null }
}

/**
 * By which right the desk undoes: as the terminal that redeemed, in the same open shift and within
 * its minutes, else as the store's manager. Refusals: NOT_FOUND for what the desk may not see,
 * REVERSAL_WINDOW_PASSED {reversible_until, manager_reversible_until}.
 */
export function rightOf(
  made: Redemption,
  { standing, manager }: Desk,
  now: Instant,
): 'terminal' | 'manager' {
  const own = made.terminalId === standing.terminalId
  const managed = manager && made.storeId === standing.storeId
  if (!own && !managed) throw new Refusal('NOT_FOUND')
  if (own && made.shiftId === standing.shiftId && now <= made.reversibleUntil) return 'terminal'
  const until = managerUntil(made)
  if (managed && now <= until) return 'manager'
  throw new Refusal('REVERSAL_WINDOW_PASSED', {
    reversible_until: managed ? until : made.reversibleUntil,
    manager_reversible_until: until,
  })
}

/** Until when a manager of the store may undo a redemption. */
export function managerUntil({ redeemedAt }: Pick<Redemption, 'redeemedAt'>): Instant {
  return redeemedAt + managerHours * hour
}

/**
 * Counts a manager's reversal against the store's day on which the redemption was made: a twentieth
 * of that day's redemptions, reversed ones included, and always one. The conditional update
 * decides, so of managers who act at once no more get through. Refusal REVERSAL_LIMIT {limit}.
 */
export async function countManagerReversal(
  tx: Tx,
  { storeId, redeemedAt }: Redemption,
  timeZone: string,
): Promise<void> {
  const { managerReversals } = tx.tables
  const day = dayIn(timeZone, redeemedAt)
  const from = midnightOf(day, timeZone)
  const to = midnightOf(addDays(day, 1), timeZone)
  const limit = Math.max(1, Math.floor((await madeBetween(tx, storeId, from, to)) / managersOneIn))
  const [counted] = await tx
    .insert(managerReversals)
    .values({ storeId, day, count: 1 })
    .onConflictDoUpdate({
      target: [managerReversals.storeId, managerReversals.day],
      set: { count: sql`${managerReversals.count} + 1` },
      setWhere: lt(managerReversals.count, limit),
    })
    .returning({ count: managerReversals.count })
  if (!counted) throw new Refusal('REVERSAL_LIMIT', { limit })
}

/** Redemptions of a store, by its shifts: no index by store is kept for so rare a question. */
async function madeBetween(tx: Tx, storeId: string, from: Instant, to: Instant): Promise<number> {
  const { redemptions, shifts, terminals } = tx.tables
  const ofThatDay = tx
    .select({ id: shifts.id })
    .from(shifts)
    .innerJoin(terminals, eq(terminals.id, shifts.terminalId))
    .where(
      and(
        eq(terminals.storeId, storeId),
        lt(shifts.openedAt, to),
        or(isNull(shifts.closedAt), gte(shifts.closedAt, from)),
      ),
    )
  return tx.$count(
    redemptions,
    and(
      inArray(redemptions.shiftId, ofThatDay),
      gte(redemptions.redeemedAt, from),
      lt(redemptions.redeemedAt, to),
    ),
  )
}
