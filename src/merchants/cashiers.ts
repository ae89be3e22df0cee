import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

import { and, eq, gt, inArray, isNull, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { Reader, Tx } from '../store/store.ts'
import { type Totals, totalsOf } from './totals.ts'

export type Cashier = Tx['tables']['cashiers']['$inferSelect']
export type Shift = Tx['tables']['shifts']['$inferSelect']

/** Wrong PINs in a row until the cashier is locked out; an admin sets a new one. */
export const pinTries = 5

/** Hashes a PIN for storing (scrypt, a salt of its own). Outside of transactions: it takes time. */
export async function hashPin(pin: string): Promise<Uint8Array> {
  const salt = randomBytes(16)
  return Buffer.concat([salt, await derive(pin, salt)])
}

/** Registers a cashier of a store, or a manager of it. `pinHash` is of `hashPin`. */
export async function createCashier(
  tx: Tx,
  given: {
    storeId: string
    name: string
    role?: Cashier['role']
    pinHash: Uint8Array
    now: Instant
  },
): Promise<Cashier> {
  const { now, role = 'cashier', ...rest } = given
  const row: Cashier = {
    ...rest,
    role,
    id: newId(now),
    triesLeft: pinTries,
    createdAt: now,
    revokedAt: null,
  }
  await tx.insertMany(tx.tables.cashiers, [row])
  return row
}

/** Gives a cashier a new PIN and their tries back. Refusal NOT_FOUND. */
export async function setPin(tx: Tx, id: string, pinHash: Uint8Array): Promise<void> {
  const { cashiers } = tx.tables
  const changed = await tx
    .update(cashiers)
    .set({ pinHash, triesLeft: pinTries })
    .where(and(eq(cashiers.id, id), isNull(cashiers.revokedAt)))
    .returning({ id: cashiers.id })
  if (changed.length === 0) throw new Refusal('NOT_FOUND')
}

/** A cashier by id, whatever their state. */
export async function cashierById(reader: Reader, id: string): Promise<Cashier | undefined> {
  const { cashiers } = reader.tables
  const [cashier] = await reader.select().from(cashiers).where(eq(cashiers.id, id))
  return cashier
}

/** Whether the PIN is the cashier's. Unknown cashiers cost the same time. */
export async function verifyPin(reader: Reader, cashierId: string, pin: string): Promise<boolean> {
  const cashier = await cashierById(reader, cashierId)
  const stored = Buffer.from(cashier?.pinHash ?? new Uint8Array(48))
  const derived = await derive(pin, stored.subarray(0, 16))
  return timingSafeEqual(derived, stored.subarray(16)) && cashier?.revokedAt === null
}

/**
 * Counts a PIN against the tries of a cashier of the terminal's store (no other can be locked
 * there), and answers the refusal: PIN_WRONG, also for an unknown cashier or one of another store,
 * or PIN_LOCKED. None when it was right: then the tries are given back. `verified` is what
 * `verifyPin` said. However many are tried at once, no more than `pinTries` are told right from
 * wrong, so whoever calls it answers the refusal and does not throw it: the try must stay counted.
 */
export async function takePinTry(
  tx: Tx,
  given: { terminalId: string; cashierId: string; verified: boolean },
): Promise<Refusal | undefined> {
  const { terminalId, cashierId, verified } = given
  const { cashiers, terminals } = tx.tables
  const stores = tx
    .select({ storeId: terminals.storeId })
    .from(terminals)
    .where(eq(terminals.id, terminalId))
  const isHere = and(eq(cashiers.id, cashierId), inArray(cashiers.storeId, stores))
  const counted = await tx
    .update(cashiers)
    .set({ triesLeft: verified ? pinTries : sql`${cashiers.triesLeft} - 1` })
    .where(and(isHere, gt(cashiers.triesLeft, 0)))
    .returning({ id: cashiers.id })
  if (counted.length > 0) return verified ? undefined : new Refusal('PIN_WRONG')
  const known = await tx.select({ id: cashiers.id }).from(cashiers).where(isHere)
  return new Refusal(known.length > 0 ? 'PIN_LOCKED' : 'PIN_WRONG')
}

/**
 * Opens a shift of a cashier at a terminal, after `takePinTry` let them in; one that was open there
 * is closed. A unique index holds a terminal to one open shift. Refusal VERSION_CONFLICT: another
 * shift was opened there at this moment.
 */
export async function openShift(
  tx: Tx,
  { terminalId, cashierId, now }: { terminalId: string; cashierId: string; now: Instant },
): Promise<Shift> {
  const { shifts } = tx.tables
  await tx
    .update(shifts)
    .set({ closedAt: now })
    .where(and(eq(shifts.terminalId, terminalId), isNull(shifts.closedAt)))
  const [shift] = await tx
    .insert(shifts)
    .values({ id: newId(now), terminalId, cashierId, openedAt: now })
    .onConflictDoNothing()
    .returning()
  if (!shift) throw new Refusal('VERSION_CONFLICT')
  return shift
}

/** What a shift came to. */
export interface ShiftTotals extends Totals {
  readonly shift: Shift
}

/** Closes the terminal's open shift and answers its totals. Refusal SHIFT_CLOSED without one. */
export async function closeShift(
  tx: Tx,
  { terminalId, now }: { terminalId: string; now: Instant },
): Promise<ShiftTotals> {
  const { shifts, redemptions } = tx.tables
  const [shift] = await tx
    .update(shifts)
    .set({ closedAt: now })
    .where(and(eq(shifts.terminalId, terminalId), isNull(shifts.closedAt)))
    .returning()
  if (!shift) throw new Refusal('SHIFT_CLOSED')
  return { shift, ...(await totalsOf(tx, eq(redemptions.shiftId, shift.id))) }
}

function derive(pin: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin, salt, 32, { N: 16384, r: 8, p: 1 }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
