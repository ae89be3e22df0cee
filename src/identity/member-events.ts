import { inArray } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import type { memberEventKinds } from '../store/schema/credentials.ts'
import type { Tx } from '../store/store.ts'

/** Something after which what a member holds may no longer be right. */
export interface MemberEvent {
  readonly memberId: string
  /** The standing changed; or a fact that credentials state; or a device was revoked. */
  readonly kind: (typeof memberEventKinds)[number]
  /** The device that was revoked. */
  readonly deviceId?: string
}

/**
 * Writes down what happened to members who were ever offered a credential, in the transaction in
 * which it happened; a job acts on it (see `credentials/follow-member.ts`). Others have nothing
 * that must follow: a roster of a million leaves no million rows.
 */
export async function recordMemberEvents(
  tx: Tx,
  events: readonly MemberEvent[],
  at: Instant,
): Promise<void> {
  if (events.length === 0) return
  const { credentialOffers, memberEvents } = tx.tables
  const ids = [...new Set(events.map(({ memberId }) => memberId))]
  const offered = await tx
    .selectDistinct({ memberId: credentialOffers.memberId })
    .from(credentialOffers)
    .where(inArray(credentialOffers.memberId, ids))
  const known = new Set(offered.map(({ memberId }) => memberId))
  const rows = events
    .filter(({ memberId }) => known.has(memberId))
    .map(({ memberId, kind, deviceId }) => ({
      ...{ id: newId(at), memberId, kind, deviceId: deviceId ?? null, at },
    }))
  if (rows.length > 0) await tx.insertMany(memberEvents, rows)
}
