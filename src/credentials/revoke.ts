import { and, eq, inArray, lte, ne, type SQL, type SQLWrapper, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { statusValue } from '../formats/status-list.ts'
import type { Reader, Tx } from '../store/store.ts'

/** What may be done to a credential's status. Revoking is for good. */
export type StatusAct = 'revoke' | 'suspend' | 'resume'

/** Why the union's staff changes a status. Closed: a free text would hold somebody's story. */
export const statusReasons = [
  'holder_request',
  'device_lost',
  'key_compromised',
  'issued_in_error',
  'misuse',
  'resolved',
] as const

/** Who changed a status, why and when. `actor` is a kind and an id, `reason` a word of ours. */
export interface StatusChange {
  readonly actor: string
  readonly reason: string
  readonly now: Instant
}

/** What the statuses are called. */
export const statusWords = ['valid', 'revoked', 'suspended'] as const

export type Credential = Reader['tables']['credentials']['$inferSelect']

/**
 * Revokes, suspends or resumes one credential for the staff, decided by one conditional update,
 * with its event. Refusals: NOT_FOUND, VERSION_CONFLICT (`current`) when it was revoked, or is what
 * it should become.
 */
export async function changeStatus(
  tx: Tx,
  credentialId: string,
  act: StatusAct,
  change: StatusChange,
): Promise<Credential> {
  const { credentials: c } = tx.tables
  const wanted = act === 'revoke' ? undefined : eq(c.held, act === 'resume')
  const [changed] = await changeWhere(tx, act, change, and(eq(c.id, credentialId), wanted))
  if (changed) return changed
  const [known] = await tx.select().from(c).where(eq(c.id, credentialId))
  if (!known) throw new Refusal('NOT_FOUND', { what: 'credential' })
  throw new Refusal('VERSION_CONFLICT', { current: statusWords[known.status] ?? 'revoked' })
}

/**
 * Revokes every copy of a member's that was issued up to `until`, or with a device only the copies
 * of that one. Answers how many.
 */
export async function revokeCopies(
  tx: Tx,
  given: { readonly memberId: string; readonly deviceId?: string; readonly until: Instant },
  change: StatusChange,
): Promise<number> {
  const { credentials: c } = tx.tables
  const device = given.deviceId === undefined ? undefined : eq(c.deviceId, given.deviceId)
  const copies = and(eq(c.memberId, given.memberId), lte(c.issuedAt, given.until), device)
  return (await changeWhere(tx, 'revoke', change, copies)).length
}

/**
 * Suspends a member's copies because the membership is, or resumes those suspended for that. What
 * staff have suspended stays so. Answers how many changed.
 */
export async function holdCopies(
  tx: Tx,
  { memberId, hold }: { readonly memberId: string; readonly hold: boolean },
  change: StatusChange,
): Promise<number> {
  const { credentials: c } = tx.tables
  const copies = and(eq(c.memberId, memberId), eq(c.heldForMember, !hold))
  const set = {
    heldForMember: hold,
    status: hold ? statusValue.suspended : suspendedWhile(c.held),
  }
  const changed = await update(tx, set, copies)
  await record(tx, hold ? 'suspend' : 'resume', change, changed)
  return changed.length
}

async function changeWhere(
  tx: Tx,
  act: StatusAct,
  change: StatusChange,
  where: SQL | undefined,
): Promise<Credential[]> {
  const { credentials: c } = tx.tables
  const set = {
    revoke: { status: statusValue.revoked },
    suspend: { held: true, status: statusValue.suspended },
    resume: { held: false, status: suspendedWhile(c.heldForMember) },
  }[act]
  const changed = await update(tx, set, where)
  await record(tx, act, change, changed)
  return changed
}

/** The status of what one reason no longer suspends: another may. */
function suspendedWhile(flag: SQLWrapper): SQL {
  const { suspended, valid } = statusValue
  return sql`case when ${flag} then cast(${suspended} as integer)
    else cast(${valid} as integer) end`
}

/** Nothing that was revoked is ever changed again. */
function update(
  tx: Tx,
  set: { status: SQL | number; held?: boolean; heldForMember?: boolean },
  where: SQL | undefined,
): Promise<Credential[]> {
  const { credentials: c } = tx.tables
  return tx
    .update(c)
    .set({ ...set, version: sql`${c.version} + 1` })
    .where(and(where, ne(c.status, statusValue.revoked)))
    .returning()
}

/** Writes the events, and tells the lists that they have changed. */
async function record(
  tx: Tx,
  act: StatusAct,
  { actor, reason, now }: StatusChange,
  changed: readonly Credential[],
): Promise<void> {
  if (changed.length === 0) return
  const { statusLists: l, credentialEvents } = tx.tables
  await tx.insertMany(
    credentialEvents,
    changed.map(({ id, version }) => ({
      ...{ credentialId: id, version, act, actor, reason, at: now },
    })),
  )
  const lists = [...new Set(changed.map(({ statusList }) => statusList))]
  await tx
    .update(l)
    .set({ changes: sql`${l.changes} + 1`, changedAt: now })
    .where(inArray(l.number, lists))
}
