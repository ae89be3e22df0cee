import { and, eq } from 'drizzle-orm'

import type { Instant } from '../../base/clock.ts'
import { isObject, type Json, member } from '../../formats/json.ts'
import { notifications } from '../../store/schema/credentials.ts'
import type { Tx } from '../../store/store.ts'
import { IssuanceRefusal } from './refused.ts'
import type { WalletGrant } from './wallet-grants.ts'

/** What a wallet says became of an issuance (OpenID4VCI 1.0 section 11.1). */
export interface Notification {
  readonly id: string
  readonly event: (typeof notifications)[number]
}

/** Reads a notification. IssuanceRefusal invalid_notification_request (section 11.3). */
export function readNotification(body: Json): Notification {
  const id = isObject(body) ? member(body, 'notification_id') : undefined
  const said = isObject(body) ? member(body, 'event') : undefined
  const event = notifications.find((each) => each === said)
  if (typeof id !== 'string' || event === undefined) {
    throw new IssuanceRefusal('invalid_notification_request', 'a notification_id and an event')
  }
  return { id, event }
}

/**
 * Writes down what a wallet said; saying it again is harmless, and the last word counts.
 * IssuanceRefusal invalid_notification_id for one that this grant was never given.
 */
export async function keepNotification(
  tx: Tx,
  { id, event }: Notification,
  { grant, now }: { readonly grant: WalletGrant; readonly now: Instant },
): Promise<void> {
  const { issuances: i } = tx.tables
  const kept = await tx
    .update(i)
    .set({ notified: event, notifiedAt: now })
    .where(and(eq(i.id, id), eq(i.grantId, grant.id)))
    .returning({ id: i.id })
  if (kept.length === 0) {
    throw new IssuanceRefusal('invalid_notification_id', 'there is no such notification id')
  }
}
