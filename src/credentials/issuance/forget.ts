import { and, eq, lt, notExists, sql } from 'drizzle-orm'

import { day, type Instant } from '../../base/clock.ts'
import type { Tx } from '../../store/store.ts'

/** For so long the desk can still look at what became of an offer. */
const keptDays = 30

/**
 * Forgets what can be used no more, 30 days after its end: deferred answers and grants whose
 * refresh token is over and that no credential came of, and offers that no grant is of. Grants
 * with credentials stay, because the status of a credential is never forgotten.
 */
export async function forgetOffers(tx: Tx, now: Instant): Promise<void> {
  const { walletGrants: g, credentialOffers: o, deferredIssuances: d, issuances: i } = tx.tables
  const before = now - keptDays * day
  const over = tx.select({ id: g.id }).from(g).where(lt(g.refreshUntil, before))
  await tx.delete(d).where(sql`${d.grantId} in ${over}`)
  const issued = tx.select({ id: i.id }).from(i).where(eq(i.grantId, g.id))
  await tx.delete(g).where(and(lt(g.refreshUntil, before), notExists(issued)))
  const granted = tx.select({ id: g.id }).from(g).where(eq(g.offerId, o.id))
  await tx.delete(o).where(and(lt(o.expiresAt, before), notExists(granted)))
}
