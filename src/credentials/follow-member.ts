import { and, eq, isNull } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader, Tx } from '../store/store.ts'
import { holdCopies, revokeCopies } from './revoke.ts'

export type MemberEvent = Reader['tables']['memberEvents']['$inferSelect']

const actor = 'node'

/** What happened to members and was not followed yet, the oldest first. */
export function unfollowed(reader: Reader, limit: number): Promise<MemberEvent[]> {
  const { memberEvents: e } = reader.tables
  return reader.select().from(e).orderBy(e.id).limit(limit)
}

/**
 * Lets a member's credentials follow what happened to the membership, once:
 *
 * - it is suspended: the copies are; it is resumed: they are again valid;
 * - it was left: the copies are revoked, wallets and offers ended;
 * - what credentials say is no longer so (a transfer, a retirement, a roster): the copies are
 *   revoked, and the wallets that have them get new ones with their refresh tokens;
 * - a device was revoked: its copies and its wallet are.
 *
 * The standing is that of now, not of the event: the order of events does not matter. Answers false
 * when another has followed it.
 */
export async function followMember(tx: Tx, event: MemberEvent, now: Instant): Promise<boolean> {
  const { memberEvents: e, members: m } = tx.tables
  const taken = await tx.delete(e).where(eq(e.id, event.id)).returning({ id: e.id })
  if (taken.length === 0) return false
  const { memberId, deviceId, at } = event
  if (event.kind === 'device' && deviceId !== null) {
    await revokeCopies(
      tx,
      { memberId, deviceId, until: now },
      { actor, reason: 'device_revoked', now },
    )
    await endWallets(tx, { memberId, deviceId }, now)
    return true
  }
  if (event.kind === 'changed') {
    await revokeCopies(tx, { memberId, until: at }, { actor, reason: 'superseded', now })
    return true
  }
  const [member] = await tx
    .update(m)
    .set({ id: memberId })
    .where(eq(m.id, memberId))
    .returning({ standing: m.standing })
  if (member?.standing === 'left') {
    await revokeCopies(tx, { memberId, until: now }, { actor, reason: 'membership_left', now })
    await endWallets(tx, { memberId }, now)
    return true
  }
  const hold = member?.standing === 'suspended'
  const reason = hold ? 'membership_suspended' : 'membership_resumed'
  await holdCopies(tx, { memberId, hold }, { actor, reason, now })
  return true
}

/** Ends a member's wallets and open offers, or only those of one device. */
async function endWallets(
  tx: Tx,
  { memberId, deviceId }: { readonly memberId: string; readonly deviceId?: string },
  now: Instant,
): Promise<void> {
  const { walletGrants: g, credentialOffers: o } = tx.tables
  for (const table of [g, o]) {
    const device = deviceId === undefined ? undefined : eq(table.deviceId, deviceId)
    await tx
      .update(table)
      .set({ revokedAt: now })
      .where(and(eq(table.memberId, memberId), isNull(table.revokedAt), device))
  }
}
