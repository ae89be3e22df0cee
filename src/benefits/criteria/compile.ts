import { type SQL, sql } from 'drizzle-orm'

import type { Instant } from '../../base/clock.ts'
import type { Reader } from '../../store/store.ts'
import { compileLeaf, type Ground, under } from './compile-leaf.ts'
import type { Criteria } from './criteria.ts'
import { resolveNamed, segmentOf } from './named.ts'
import { dayIn } from './zone.ts'

/** For whom criteria are asked: only members at or below `orgPath`, at `now` in `timeZone`. */
export interface Frame {
  readonly orgPath: string
  readonly timeZone: string
  readonly now: Instant
}

/**
 * Criteria as SQL. All three predicates hold the frame's organisation, and read the columns of
 * `from`: `members` and `organisations` under their own names.
 */
export interface Selection {
  readonly from: SQL
  /** Everybody in scope. */
  readonly inScope: SQL
  /** In scope and entitled. */
  readonly holds: SQL
  /** In scope and not entitled, for certain. Who is in neither hangs on a missing fact. */
  readonly fails: SQL
}

/**
 * Compiles checked criteria for both engines. Segments are those of the latest version and
 * organisations where they stand now, so use it at once. Parameters only; identifiers come from
 * the tables. A segment that is not published is a TypeError, as in `evaluate`.
 */
export async function selectionOf(
  reader: Reader,
  criteria: Criteria,
  { orgPath, timeZone, now }: Frame,
): Promise<Selection> {
  const { tables } = reader
  const { members, organisations } = tables
  const named = await resolveNamed(reader, criteria)
  const ground = { tables, named, timeZone, today: dayIn(timeZone, now) }
  const inScope = under(organisations.path, orgPath)
  return {
    from: sql`${members} join ${organisations} on ${organisations.code} = ${members.orgCode}`,
    inScope,
    holds: sql`(${inScope} and ${compile(criteria, ground, true)})`,
    fails: sql`(${inScope} and ${compile(criteria, ground, false)})`,
  }
}

/**
 * A predicate that is true exactly where the criteria's value is `wanted`. Negation is carried
 * down to the leaves, so that a text grows with the criteria and NULL never meets a `not`: an
 * unknown leaf is not true, whichever value is wanted, as Kleene has it.
 */
function compile(criteria: Criteria, ground: Ground, wanted: boolean): SQL {
  const each = (parts: readonly Criteria[]) => parts.map((part) => compile(part, ground, wanted))
  if ('all' in criteria) return joined(each(criteria.all), wanted ? ' and ' : ' or ')
  if ('any' in criteria) return joined(each(criteria.any), wanted ? ' or ' : ' and ')
  if ('atLeast' in criteria) {
    const { atLeast, of } = criteria
    const need = wanted ? atLeast : of.length - atLeast + 1
    const ones = each(of).map((part) => sql`case when ${part} then 1 else 0 end`)
    return sql`${joined(ones, ' + ')} >= ${need}`
  }
  if ('not' in criteria) return compile(criteria.not, ground, !wanted)
  if ('segment' in criteria) {
    return compile(segmentOf(criteria.segment, ground.named.segments), ground, wanted)
  }
  return compileLeaf(criteria, ground, wanted)
}

function joined(parts: readonly SQL[], by: ' and ' | ' or ' | ' + '): SQL {
  return sql`(${sql.join([...parts], sql.raw(by))})`
}
