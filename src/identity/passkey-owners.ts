import { and, eq, isNull, lt, ne, or, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { NewPasskey } from './passkeys.ts'

/** Whose a passkey is: staff's, or a member's. Never both. */
export type Owner = { readonly principalId: string } | { readonly memberId: string }

export type Passkey = Tx['tables']['passkeys']['$inferSelect']

/** Keeps a verified passkey. Refusal ALREADY_EXISTS when it is known, whoever's it is. */
export async function addPasskey(
  tx: Tx,
  owner: Owner,
  { passkey, name, now }: { passkey: NewPasskey; name: string; now: Instant },
): Promise<Passkey> {
  const [added] = await tx
    .insert(tx.tables.passkeys)
    .values({ ...passkey, ...owner, name, createdAt: now, enrolled: 0 })
    .onConflictDoNothing()
    .returning()
  if (!added) throw new Refusal('ALREADY_EXISTS', { what: 'passkey' })
  return added
}

/** A passkey that has not been removed, by its credential id. */
export async function passkeyById(reader: Reader, id: string): Promise<Passkey | undefined> {
  const { passkeys } = reader.tables
  const [row] = await reader
    .select()
    .from(passkeys)
    .where(and(eq(passkeys.id, id), isNull(passkeys.removedAt)))
  return row
}

/** The passkeys of somebody's that have not been removed, oldest first. */
export function passkeysOf(reader: Reader, owner: Owner): Promise<Passkey[]> {
  const { passkeys } = reader.tables
  return reader
    .select()
    .from(passkeys)
    .where(and(isOf(reader, owner), isNull(passkeys.removedAt)))
    .orderBy(passkeys.createdAt, passkeys.id)
}

/**
 * Writes down that a passkey has signed. Of two signatures with one counter one is a copy's: the
 * counter goes on or the row is not written. Refusal PROOF_INVALID.
 */
export async function countPasskey(
  tx: Tx,
  { id, counter, backedUp, now }: { id: string; counter: number; backedUp: boolean; now: Instant },
): Promise<void> {
  const { passkeys: p } = tx.tables
  const goesOn = counter === 0 ? eq(p.counter, 0) : lt(p.counter, counter)
  const counted = await tx
    .update(p)
    .set({ counter, backedUp, lastUsedAt: now })
    .where(and(eq(p.id, id), isNull(p.removedAt), goesOn))
    .returning({ id: p.id })
  if (counted.length === 0) throw new Refusal('PROOF_INVALID')
}

/**
 * Removes a passkey of somebody's; the key stays, for what it has signed. Staff keep one: the last
 * one's removal is VERSION_CONFLICT. Refusal NOT_FOUND.
 */
export async function removePasskey(
  tx: Tx,
  owner: Owner,
  { id, now }: { id: string; now: Instant },
): Promise<void> {
  const { passkeys: p, principals } = tx.tables
  const staff = 'principalId' in owner
  if (staff) {
    // Two removals at once queue up here, so that each sees what the other has left.
    const { principalId } = owner
    await tx
      .update(principals)
      .set({ id: principalId })
      .where(eq(principals.id, principalId))
      .returning({ id: principals.id })
  }
  const [held] = await tx
    .select({ id: p.id })
    .from(p)
    .where(and(eq(p.id, id), isOf(tx, owner), isNull(p.removedAt)))
  if (!held) throw new Refusal('NOT_FOUND', { what: 'passkey' })
  const others = await tx.$count(p, and(isOf(tx, owner), isNull(p.removedAt), ne(p.id, id)))
  if (staff && others === 0) throw new Refusal('VERSION_CONFLICT', { what: 'last_passkey' })
  await tx.update(p).set({ removedAt: now }).where(eq(p.id, id))
}

/** Removes every passkey of a member's: a lost phone's would bring its finder back in. */
export async function removeAllPasskeys(tx: Tx, memberId: string, now: Instant): Promise<void> {
  const { passkeys: p } = tx.tables
  await tx
    .update(p)
    .set({ removedAt: now })
    .where(and(eq(p.memberId, memberId), isNull(p.removedAt)))
}

/** How many devices one passkey may enrol in a day (UTC). */
export const enrolmentsADay = 5

/** Takes one of the day's enrolments by a passkey. Refusal TOO_MANY_CODE_ATTEMPTS. */
export async function takeEnrolment(
  tx: Tx,
  { id, now }: { id: string; now: Instant },
): Promise<void> {
  const { passkeys: p } = tx.tables
  const today = new Date(now).toISOString().slice(0, 10)
  const another = sql`${p.enrolledOn} is null or ${p.enrolledOn} <> ${today}`
  const taken = await tx
    .update(p)
    .set({
      enrolledOn: today,
      enrolled: sql`case when ${another} then 1 else ${p.enrolled} + 1 end`,
    })
    .where(and(eq(p.id, id), or(sql`(${another})`, lt(p.enrolled, enrolmentsADay))))
    .returning({ id: p.id })
  if (taken.length === 0) throw new Refusal('TOO_MANY_CODE_ATTEMPTS')
}

function isOf(reader: Reader, owner: Owner) {
  const { passkeys } = reader.tables
  return 'principalId' in owner
    ? eq(passkeys.principalId, owner.principalId)
    : eq(passkeys.memberId, owner.memberId)
}
