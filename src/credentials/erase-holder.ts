import { eq, inArray } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Tx } from '../store/store.ts'
import { revokeCopies } from './revoke.ts'

const nothing = new Uint8Array(0)

/**
 * Revokes every credential of somebody who is forgotten, ends their wallets, and forgets which
 * phones and keys held them. The statuses stay where they are: lists are published.
 */
export async function eraseHolder(
  tx: Tx,
  memberIds: readonly string[],
  { actor, now }: { readonly actor: string; readonly now: Instant },
): Promise<void> {
  const t = tx.tables
  for (const memberId of memberIds) {
    await revokeCopies(tx, { memberId, until: now }, { actor, reason: 'membership_left', now })
    await tx
      .update(t.credentials)
      .set({ holder: '', deviceId: null })
      .where(eq(t.credentials.memberId, memberId))
    const grants = tx
      .select({ id: t.walletGrants.id })
      .from(t.walletGrants)
      .where(eq(t.walletGrants.memberId, memberId))
    await tx.delete(t.deferredIssuances).where(inArray(t.deferredIssuances.grantId, grants))
    const ended = { thumbprint: '', deviceId: null, accessHash: nothing, refreshHash: nothing }
    await tx
      .update(t.walletGrants)
      .set({ ...ended, revokedAt: now })
      .where(eq(t.walletGrants.memberId, memberId))
    await tx.delete(t.credentialOffers).where(eq(t.credentialOffers.memberId, memberId))
  }
}
