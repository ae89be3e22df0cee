import { and, eq, gt, isNull, sql } from 'drizzle-orm'

import { hour, type Instant } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'

/** How long an activation code lives, and how often it may be mistyped. */
export const activationHours = 72
export const activationTries = 5

/** Crockford's alphabet: no I, L, O, U to be misread. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * Makes a one-time code of 50 bits with which a member enrols a device: ten letters and digits,
 * answered once and stored as a keyed hash.
 */
export async function issueActivation(
  tx: Tx,
  node: ThisNode,
  { memberId, now, random = systemRandom }: { memberId: string; now: Instant; random?: Random },
): Promise<{ code: string; expiresAt: Instant }> {
  const code = [...random(10)].map((octet) => alphabet[octet % 32]).join('')
  const expiresAt = now + activationHours * hour
  await tx.insert(tx.tables.activations).values({
    id: newId(now),
    memberId,
    codeHash: hashOf(node, memberId, code),
    triesLeft: activationTries,
    expiresAt,
  })
  return { code, expiresAt }
}

/** Uses up the member's code. False when it is wrong, used, expired or was tried too often. */
export async function useActivation(
  tx: Tx,
  node: ThisNode,
  { memberId, code, now }: { memberId: string; code: string; now: Instant },
): Promise<boolean> {
  const { activations } = tx.tables
  const used = await tx
    .update(activations)
    .set({ usedAt: now })
    .where(
      and(
        eq(activations.memberId, memberId),
        eq(activations.codeHash, hashOf(node, memberId, readable(code))),
        isNull(activations.usedAt),
        gt(activations.triesLeft, 0),
        gt(activations.expiresAt, now),
      ),
    )
    .returning({ id: activations.id })
  return used.length > 0
}

/** Counts a wrong code against every open activation of the member. */
export async function countWrongActivation(
  tx: Tx,
  { memberId, now }: { memberId: string; now: Instant },
): Promise<void> {
  const { activations } = tx.tables
  await tx
    .update(activations)
    .set({ triesLeft: sql`${activations.triesLeft} - 1` })
    .where(
      and(
        eq(activations.memberId, memberId),
        isNull(activations.usedAt),
        gt(activations.triesLeft, 0),
        gt(activations.expiresAt, now),
      ),
    )
}

/** As it was meant: upper case, without separators, O as 0, I and L as 1. */
function readable(code: string): string {
  const bare = code.toUpperCase().replaceAll(/[\s-]/g, '')
  return bare.replaceAll('O', '0').replaceAll(/[IL]/g, '1')
}

function hashOf(node: ThisNode, memberId: string, code: string): Uint8Array {
  return keyedHash(node.hashing, `activation:${memberId}:${code}`)
}
