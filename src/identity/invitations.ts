import { and, eq, gt, isNull } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import { hour, type Instant } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { Role } from './roles.ts'

/** How long an invitation may be taken up. */
export const invitationHours = 72

/** An invitation that may still be taken up. */
export interface Invitation {
  readonly id: string
  readonly principalId: string
  /** The name under which the invited person was registered. */
  readonly name: string
  readonly expiresAt: Instant
}

/**
 * Invites one of the staff to make a passkey. The token is told once and stored as a keyed hash;
 * whoever has it becomes that principal. An earlier one that was not taken up ends. `invitedBy` is
 * none at the machine itself.
 */
export async function invite(
  tx: Tx,
  node: ThisNode,
  given: { principalId: string; invitedBy?: string; now: Instant; random?: Random },
): Promise<{ id: string; token: string; expiresAt: Instant }> {
  const { principalId, invitedBy, now, random = systemRandom } = given
  const { invitations } = tx.tables
  await tx
    .update(invitations)
    .set({ usedAt: now })
    .where(and(eq(invitations.principalId, principalId), isNull(invitations.usedAt)))
  const token = toBase64url(random(32))
  const id = newId(now)
  const expiresAt = now + invitationHours * hour
  await tx.insert(invitations).values({
    ...{ id, principalId, tokenHash: hashOf(node, token), invitedBy: invitedBy ?? null },
    ...{ createdAt: now, expiresAt },
  })
  return { id, token, expiresAt }
}

/**
 * Reads an open invitation by its token. Refusal ACTIVATION_INVALID: unknown, used, older than 72
 * hours, or of a principal that was revoked.
 */
export async function readInvitation(
  reader: Reader,
  node: ThisNode,
  { token, now }: { token: string; now: Instant },
): Promise<Invitation> {
  const { invitations: i, principals: p } = reader.tables
  const [open] = await reader
    .select({ id: i.id, principalId: p.id, name: p.name, expiresAt: i.expiresAt })
    .from(i)
    .innerJoin(p, eq(p.id, i.principalId))
    .where(
      and(
        eq(i.tokenHash, hashOf(node, token)),
        isNull(i.usedAt),
        gt(i.expiresAt, now),
        isNull(p.revokedAt),
      ),
    )
  if (!open) throw new Refusal('ACTIVATION_INVALID')
  return open
}

/** Uses an invitation up. Refusal ACTIVATION_INVALID for the second one who tries. */
export async function useInvitation(tx: Tx, id: string, now: Instant): Promise<void> {
  const { invitations } = tx.tables
  const used = await tx
    .update(invitations)
    .set({ usedAt: now })
    .where(and(eq(invitations.id, id), isNull(invitations.usedAt), gt(invitations.expiresAt, now)))
    .returning({ id: invitations.id })
  if (used.length === 0) throw new Refusal('ACTIVATION_INVALID')
}

/**
 * Where an invitation is taken up, below the node's address: an auditor's at the auditor's desk.
 * The token stands in the fragment, which no server sees.
 */
export function invitationPath(token: string, role?: Role): string {
  return `/${role === 'auditor' ? 'audit' : 'admin'}/#/invitation/${token}`
}

function hashOf(node: ThisNode, token: string): Uint8Array {
  return keyedHash(node.hashing, `invitation:${token}`)
}
