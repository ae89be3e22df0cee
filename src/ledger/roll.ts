import assert from 'node:assert/strict'

import { and, eq, isNull } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { sha256 } from '../base/sha256.ts'
import { Frontier } from '../formats/tlog/merkle.ts'
import type { LogKey } from '../keys/keyring.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import { appendAtOnce, holdLog, integrate, integrateLimit, type KeyOf } from './integrate.ts'
import { post } from './journal.ts'
import { openLog } from './log-state.ts'
import { trialBalance } from './trial-balance.ts'

/** What a log ended with, and what follows it. */
export interface Rolled {
  /** The origin that was closed. */
  readonly closed: string
  /** Its final size and root: what `log.open` names. */
  readonly size: number
  readonly root: Uint8Array
  /** The origin that is being written now, and its verifier key. */
  readonly opened: string
  readonly vkey: string
}

/** What a roll works with. */
interface Rolling {
  readonly keyOf: KeyOf
  /** The key of the log that is to be opened: it lies in the key folder already. */
  readonly next: LogKey
  readonly now: Instant
  /** Many instances write this log (PostgreSQL). */
  readonly shared: boolean
}

/** The origin of a year's log: that of another year with its last part changed. */
export function originOfYear(origin: string, year: number): string {
  if (yearOf(origin) === undefined) throw new Error(`${origin} does not end in a year`)
  return `${parentOf(origin)}/${year}`
}

/** The year that an origin ends in; none for one that ends in something else. */
export function yearOf(origin: string): number | undefined {
  const year = /\/(\d{4})$/.exec(origin)?.[1]
  return year === undefined ? undefined : Number(year)
}

/** An origin without its last part: what the logs of all years have in common. */
export function parentOf(origin: string): string {
  return origin.slice(0, origin.lastIndexOf('/'))
}

/**
 * Closes the open log and opens the next one, in this transaction: what waits goes into the old
 * log, `log.close` is its last leaf (trial balance, and the verifier key of the next), and
 * `log.open` is the first of the new one, with the old one's origin, final size and root. Answers
 * `undefined` when somebody else has opened that log, or a later one, already.
 */
export async function rollLog(
  tx: Tx,
  node: ThisNode,
  { keyOf, next, now, shared }: Rolling,
): Promise<Rolled | undefined> {
  const closed = await holdLog(tx)
  if ((yearOf(closed) ?? 0) >= (yearOf(next.name) ?? 0)) return undefined
  // No more than waits by now: what comes in meanwhile is the next log's.
  while ((await integrate(tx, keyOf, now, { shared })) >= integrateLimit);
  const fields = { b: await trialBalance(tx), next: next.vkey }
  const closing = { id: newId(now), kind: 'log.close', bucket: 0, at: now, fields }
  await post(tx, node, closing)
  await appendAtOnce(tx, keyOf, closing.id, now)
  const { size, root } = await markClosed(tx, closed, now)

  await openLog(tx, next, now)
  const after = { after: closed, size, root: toBase64url(root) }
  const opening = { id: newId(now), kind: 'log.open', bucket: 0, at: now, fields: after }
  await post(tx, node, opening)
  await appendAtOnce(tx, (name) => (name === next.name ? next : keyOf(name)), opening.id, now)
  return { closed, size, root, opened: next.name, vkey: next.vkey }
}

/** From here on no update finds it open: it never takes another leaf. */
async function markClosed(tx: Tx, log: string, now: Instant) {
  const { logState } = tx.tables
  const [final] = await tx
    .update(logState)
    .set({ closedAt: now })
    .where(and(eq(logState.log, log), isNull(logState.closedAt)))
    .returning({ size: logState.size, frontier: logState.frontier })
  assert(final, `log ${log} was closed under us`)
  return { size: final.size, root: Frontier.restore(sha256, final.size, final.frontier).root() }
}
