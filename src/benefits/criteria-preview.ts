import { type SQL, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'
import { capTaken } from './cap-taken.ts'
import { selectionOf } from './criteria/compile.ts'
import type { Criteria } from './criteria/criteria.ts'
import { type Explanation, explain } from './criteria/explain.ts'
import { dayIn } from './criteria/zone.ts'
import { effectiveCriteria, personFactsOf } from './eligibility.ts'
import { namesFor } from './rights.ts'
import type { BenefitVersion } from './versions.ts'

/** A rule that is being written: alone, or narrowing that of a published benefit. */
export interface Sketch {
  readonly criteria: Criteria
  readonly benefit?: BenefitVersion
}

/** Of whom a rule was asked, and how many it finds. They sum to `considered`. */
export interface Preview {
  readonly considered: number
  readonly eligible: number
  readonly not_eligible: number
  readonly fact_unknown: number
  readonly cap_reached: number
  readonly not_active: number
}

const chinaTime = 'Asia/Shanghai'

/**
 * Counts whom a rule finds at or below `orgPath`, as a batch by it would: with a benefit, its own
 * rule and its cap hold too. Reads every member in scope once.
 */
export async function previewCriteria(
  reader: Reader,
  sketch: Sketch,
  { orgPath, now }: { readonly orgPath: string; readonly now: Instant },
): Promise<Preview> {
  const { members } = reader.tables
  const timeZone = sketch.benefit?.programme.timeZone ?? chinaTime
  const selection = await selectionOf(reader, ruleOf(sketch), { orgPath, timeZone, now })
  const { from, inScope, holds, fails } = selection
  const capped: SQL = sketch.benefit ? capTaken(reader, sketch.benefit, now) : sql`1 = 0`
  const outcome = sql`case when ${members.standing} <> 'active' then 'not_active'
    when ${fails} then 'not_eligible'
    when ${holds} then case when ${capped} then 'cap_reached' else 'eligible' end
    else 'fact_unknown' end`
  const rows = await reader.rows<{ outcome: string; count: number }>(
    sql`select outcome as outcome, count(*) as count
      from (select ${outcome} as outcome from ${from} where ${inScope}) o group by outcome`,
  )
  const of = (name: string) => rows.find((row) => row.outcome === name)?.count ?? 0
  return {
    considered: rows.reduce((sum, { count }) => sum + count, 0),
    eligible: of('eligible'),
    not_eligible: of('not_eligible'),
    fact_unknown: of('fact_unknown'),
    cap_reached: of('cap_reached'),
    not_active: of('not_active'),
  }
}

/** What the rule says of one member, in the words that the member will read. Refusal NOT_FOUND. */
export async function explainCriteria(
  reader: Reader,
  sketch: Sketch,
  { memberId, now }: { readonly memberId: string; readonly now: Instant },
): Promise<Explanation> {
  const timeZone = sketch.benefit?.programme.timeZone ?? chinaTime
  const rule = ruleOf(sketch)
  const facts = await personFactsOf(reader, memberId, rule, timeZone)
  return explain(rule, facts, dayIn(timeZone, now), await namesFor(reader, [rule]), 'member')
}

function ruleOf({ criteria, benefit }: Sketch): Criteria {
  if (benefit) return { all: [effectiveCriteria(benefit.definition), criteria] }
  return { all: [{ fact: 'standing', op: 'eq', value: 'active' }, criteria] }
}
