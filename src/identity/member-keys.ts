import { eq } from 'drizzle-orm'

import { type Random, systemRandom } from '../base/id.ts'
import { seal, unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'

/**
 * Gives a member a data key of their own, once: what the ledger discloses about them is sealed
 * under it, and deleting it erases that. A member who has one keeps it; one who was erased gets
 * none.
 */
export async function ensureMemberKey(
  tx: Tx,
  node: ThisNode,
  memberId: string,
  random: Random = systemRandom,
): Promise<void> {
  const { memberKeys, erasures } = tx.tables
  const known = await tx.select().from(memberKeys).where(eq(memberKeys.memberId, memberId))
  if (known.length > 0) return
  const erased = await tx.select().from(erasures).where(eq(erasures.memberId, memberId))
  if (erased.length > 0) return
  const wrapped = seal(node.wrapping, random(32), purpose(memberId))
  await tx.insertMany(memberKeys, [{ memberId, wrapped }], { ignore: true })
}

/** Unwraps a member's data key (32 octets). */
export function unwrapMemberKey(node: ThisNode, wrapped: Uint8Array, memberId: string): Uint8Array {
  return unseal(node.wrapping, wrapped, purpose(memberId))
}

/** The member's data key as the database holds it, unwrapped; none before the first device. */
export async function memberKeyOf(
  tx: Reader,
  node: ThisNode,
  memberId: string,
): Promise<Uint8Array | undefined> {
  const { memberKeys } = tx.tables
  const [row] = await tx.select().from(memberKeys).where(eq(memberKeys.memberId, memberId))
  return row && unwrapMemberKey(node, row.wrapped, memberId)
}

function purpose(memberId: string): string {
  return `member:${memberId}`
}
