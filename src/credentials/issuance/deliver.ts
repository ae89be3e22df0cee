import { and, eq, isNull } from 'drizzle-orm'

import { toBase64url } from '../../base/bytes.ts'
import type { Instant } from '../../base/clock.ts'
import { type Random, systemRandom } from '../../base/id.ts'
import type { PublicJwk } from '../../formats/jwk.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import type { Tx } from '../../store/store.ts'
import { type Copies, enterCopies } from '../issue.ts'
import { readOffer } from './offers.ts'
import { IssuanceRefusal } from './refused.ts'
import type { WalletGrant } from './wallet-grants.ts'

/** What a request is answered: copies to be signed, or that they must wait. */
export type Delivery = { readonly copies: Copies } | { readonly transactionId: string }

/** When a wallet that waits may ask again, in seconds (OpenID4VCI 1.0 section 8.3). */
export const deferredIntervalSeconds = 5

/**
 * Gives the keys their copies, or, while the membership is suspended or the union has not said yes,
 * keeps them for later. IssuanceRefusal credential_request_denied when the membership was left.
 */
export async function deliver(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly grant: WalletGrant
    readonly keys: readonly PublicJwk[]
    readonly now: Instant
    readonly random?: Random
  },
): Promise<Delivery> {
  const { grant, keys, now, random = systemRandom } = given
  if (await mayGoOut(tx, grant)) return { copies: await enter(tx, node, { ...given, random }) }
  const transactionId = toBase64url(random(16))
  await tx.insert(tx.tables.deferredIssuances).values({
    ...{ id: transactionId, grantId: grant.id, keys, createdAt: now },
  })
  return { transactionId }
}

/**
 * Hands out what a wallet was told to wait for, once: one conditional update decides. Still
 * waiting, it answers the same transaction id. IssuanceRefusal invalid_transaction_id, or
 * credential_request_denied when the membership was left.
 */
export async function deliverDeferred(
  tx: Tx,
  node: ThisNode,
  given: { grant: WalletGrant; transactionId: string; now: Instant; random?: Random },
): Promise<Delivery> {
  const { grant, transactionId, now, random = systemRandom } = given
  const { deferredIssuances: d } = tx.tables
  const open = and(eq(d.id, transactionId), eq(d.grantId, grant.id), isNull(d.collectedAt))
  const [waiting] = await tx.select().from(d).where(open)
  if (!waiting) throw unknown()
  if (!(await mayGoOut(tx, grant))) return { transactionId }
  const taken = await tx.update(d).set({ collectedAt: now }).where(open).returning({ id: d.id })
  if (taken.length === 0) throw unknown()
  return { copies: await enter(tx, node, { grant, keys: waiting.keys, now, random }) }
}

function enter(
  tx: Tx,
  node: ThisNode,
  given: { grant: WalletGrant; keys: readonly PublicJwk[]; now: Instant; random: Random },
): Promise<Copies> {
  const { grant, ...rest } = given
  const { id: grantId, memberId, deviceId } = grant
  return enterCopies(tx, node, { grantId, memberId, deviceId, ...rest })
}

/** Holds the member's row until the end of the transaction, so that the answer stays true. */
async function mayGoOut(tx: Tx, { memberId, offerId }: WalletGrant): Promise<boolean> {
  const { members: m } = tx.tables
  const [member] = await tx
    .update(m)
    .set({ id: memberId })
    .where(eq(m.id, memberId))
    .returning({ standing: m.standing })
  if (!member || member.standing === 'left') {
    throw new IssuanceRefusal('credential_request_denied', 'there is no membership')
  }
  const offer = await readOffer(tx, offerId)
  return member.standing !== 'suspended' && (!offer?.waits || offer.approvedAt !== null)
}

function unknown(): IssuanceRefusal {
  return new IssuanceRefusal('invalid_transaction_id', 'there is no such transaction')
}
