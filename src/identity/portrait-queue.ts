import { and, asc, eq, gt, gte, lt, ne, or } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'
import { subtreeRange } from './organisation-rules.ts'

/** A portrait that waits for the union, and whose it is. */
export interface WaitingPortrait {
  readonly id: string
  readonly givenAt: Instant
  readonly memberId: string
  readonly memberNo: string
  readonly name: string
  readonly orgCode: string
  readonly orgNameZh: string
}

/**
 * The portraits that wait, of members at or below one of `orgPaths`, the oldest first; one more
 * than `limit`. Those of people who have left are not there.
 */
export function waitingPortraits(
  reader: Reader,
  orgPaths: readonly string[],
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<WaitingPortrait[]> {
  const { portraits: p, members: m, organisations: o } = reader.tables
  const inside = orgPaths.map((path) => {
    const { from, to } = subtreeRange(path)
    return and(gte(o.path, from), lt(o.path, to))
  })
  return reader
    .select({
      ...{ id: p.id, givenAt: p.givenAt, memberId: m.id, memberNo: m.memberNo, name: m.name },
      ...{ orgCode: o.code, orgNameZh: o.nameZh },
    })
    .from(p)
    .innerJoin(m, eq(m.id, p.memberId))
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(and(eq(p.state, 'waiting'), gt(p.id, after), ne(m.standing, 'left'), or(...inside)))
    .orderBy(asc(p.id))
    .limit(limit + 1)
}
