import { and, asc, eq, lte, max, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Random } from '../base/id.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import { decoysOf, listSize } from './status-decoys.ts'

/** A list takes no more than this, so that a random index is free at the second try. */
const capacity = (listSize * 3) / 4

/** A capsule has fifteen bits for the number of a list. */
const maxList = 2 ** 15 - 1

/**
 * Makes room for `count` statuses in a list of this quarter, opening the next list when there is
 * none with room. Answers the list's number. One conditional update decides.
 */
export async function reserveStatuses(tx: Tx, count: number, now: Instant): Promise<number> {
  const { statusLists: l } = tx.tables
  const quarter = quarterOf(now)
  for (;;) {
    // Read first: a list that another opens after this is seen below, or meets the insert.
    const [last] = await tx.select({ number: max(l.number) }).from(l)
    const room = lte(l.taken, capacity - count)
    const [open] = await tx
      .select({ number: l.number })
      .from(l)
      .where(and(eq(l.quarter, quarter), room))
      .orderBy(asc(l.number))
      .limit(1)
    if (open) {
      const taken = await tx
        .update(l)
        .set({ taken: sql`${l.taken} + ${count}` })
        .where(and(eq(l.number, open.number), room))
        .returning({ number: l.number })
      if (taken.length > 0) return open.number
      continue
    }
    const number = (last?.number ?? 0) + 1
    if (number > maxList) throw new TypeError('there are no more status lists')
    await tx
      .insert(l)
      .values({ number, quarter, taken: 0, openedAt: now, changes: 0, changedAt: now })
      .onConflictDoNothing()
  }
}

/** A random index of the list that is no decoy. Whether it is free, an insert decides. */
export function drawStatusIndex(node: ThisNode, list: number, random: Random): number {
  const decoys = decoysOf(node, list)
  for (;;) {
    const index = Buffer.from(random(3)).readUIntBE(0, 3) % listSize
    if (!decoys.has(index)) return index
  }
}

/** The address of a list: its `sub`, and what credentials refer to. */
export function statusListUri(publicUrl: string, list: number): string {
  return `${publicUrl}/status/${list}`
}

/** The quarter of an instant in UTC: `2026q2`. */
export function quarterOf(now: Instant): string {
  const date = new Date(now)
  return `${date.getUTCFullYear()}q${Math.floor(date.getUTCMonth() / 3) + 1}`
}
