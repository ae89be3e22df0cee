import { and, eq, isNull, lt } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import { hour, type Instant, minute } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'

/** A session ends when nothing was asked for so long, and after so long in all. */
export const idleMs = 30 * minute
export const lifeMs = 12 * hour
/** What weighs is done only so soon after the passkey was shown. */
export const freshMs = 15 * minute
/** The last look is written down at most so often. */
const seenMs = minute

/** A browser in which one of the staff is signed in. */
export interface Session {
  readonly id: string
  readonly principalId: string
  readonly passkeyId: string
  /** When the passkey was shown. */
  readonly createdAt: Instant
  readonly lastSeenAt: Instant
}

/**
 * Signs somebody in who has shown a passkey. The token is always a new one, told once and stored as
 * a keyed hash: one that was put into the browser before means nothing.
 */
export async function startSession(
  tx: Tx,
  node: ThisNode,
  given: { principalId: string; passkeyId: string; now: Instant; random?: Random },
): Promise<{ id: string; token: string }> {
  const { principalId, passkeyId, now, random = systemRandom } = given
  const token = toBase64url(random(32))
  const id = newId(now)
  await tx.insert(tx.tables.sessions).values({
    ...{ id, tokenHash: hashOf(node, token), principalId, passkeyId },
    ...{ createdAt: now, lastSeenAt: now },
  })
  return { id, token }
}

/** The session of a token; `undefined` when it is unknown, ended, idle or too old. */
export async function readSession(
  reader: Reader,
  node: ThisNode,
  { token, now }: { token: string; now: Instant },
): Promise<Session | undefined> {
  const { sessions } = reader.tables
  const [row] = await reader
    .select()
    .from(sessions)
    .where(and(eq(sessions.tokenHash, hashOf(node, token)), isNull(sessions.endedAt)))
  if (!row) return undefined
  const over = now - row.lastSeenAt >= idleMs || now - row.createdAt >= lifeMs
  return over ? undefined : row
}

/** Whether `touchSession` has something to write. */
export function seenLongAgo({ lastSeenAt }: Session, now: Instant): boolean {
  return now - lastSeenAt >= seenMs
}

/** Writes down that the session is in use. */
export async function touchSession(tx: Tx, id: string, now: Instant): Promise<void> {
  const { sessions } = tx.tables
  await tx
    .update(sessions)
    .set({ lastSeenAt: now })
    .where(and(eq(sessions.id, id), isNull(sessions.endedAt), lt(sessions.lastSeenAt, now)))
}

/** Ends sessions: one by its id, or every one by a passkey. */
export async function endSessions(
  tx: Tx,
  which: { readonly id: string } | { readonly passkeyId: string },
  now: Instant,
): Promise<void> {
  const { sessions } = tx.tables
  const these = 'id' in which ? eq(sessions.id, which.id) : eq(sessions.passkeyId, which.passkeyId)
  await tx
    .update(sessions)
    .set({ endedAt: now })
    .where(and(these, isNull(sessions.endedAt)))
}

function hashOf(node: ThisNode, token: string): Uint8Array {
  return keyedHash(node.hashing, `session:${token}`)
}
