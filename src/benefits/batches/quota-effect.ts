import { and, asc, eq, gt } from 'drizzle-orm'

import type { Instant } from '../../base/clock.ts'
import type { Reader } from '../../store/store.ts'
import { dayIn } from '../criteria/zone.ts'
import { type LevelUse, levelFinder, levelUses } from '../sub-quotas.ts'
import type { BenefitVersion } from '../versions.ts'

/** What a batch would do to the sub-quotas if it ran now. Units; money is fen. */
export interface QuotaEffect {
  readonly levels: readonly LevelEffect[]
  /** Who would get a voucher, and what they cost. */
  readonly issuable: { readonly count: number; readonly amount: number }
  /** Who would not: the first in the order of members have what there is. */
  readonly falls_out: {
    readonly count: number
    /** At most 50, the member numbers masked, with the first level that is exhausted for them. */
    readonly sample: readonly {
      readonly member_no: string
      readonly org_code: string
      readonly scope: string
    }[]
  }
}

export interface LevelEffect {
  readonly scope: string
  readonly org_code?: string
  readonly day?: string
  readonly units: number
  readonly used: number
  /** Eligible members whom the level counts. */
  readonly wanted: number
  /** Of them, those who would get a voucher. */
  readonly issued: number
  readonly left: number
  readonly falls_out: number
}

const atOnce = 10_000
const sampled = 50

interface Count {
  readonly level: LevelUse
  wanted: number
  issued: number
}

/**
 * Deals out the sub-quotas to the members of a dry run in the order in which a run would. Nothing
 * for a benefit that has none. Reads only, a page of members at a time.
 */
export async function quotaEffect(
  reader: Reader,
  { benefitId, definition, programme }: BenefitVersion,
  given: { dryRunId: string; now: Instant; masked: (memberNo: string) => string },
): Promise<QuotaEffect | undefined> {
  const today = dayIn(programme.timeZone, given.now)
  const levels = await levelUses(reader, benefitId, definition.sub_quotas, today)
  if (levels.length === 0) return undefined
  const counts = new Map(levels.map((level) => [level, { level, wanted: 0, issued: 0 }]))
  const find = levelFinder(levels)
  const sample: QuotaEffect['falls_out']['sample'][number][] = []
  let [count, out] = [0, 0]
  for await (const { memberNo, orgCode, path } of membersOf(reader, given.dryRunId)) {
    const mine = find(path).map((level) => counts.get(level) as Count)
    for (const one of mine) one.wanted++
    const gone = mine.find(({ level, issued }) => level.used + issued >= level.limit)
    if (!gone) {
      for (const one of mine) one.issued++
      count++
      continue
    }
    out++
    if (sample.length < sampled) {
      const { scope } = gone.level
      sample.push({ member_no: given.masked(memberNo), org_code: orgCode, scope })
    }
  }
  const amount = count * definition.amount * definition.uses
  return {
    levels: [...counts.values()].map(effectOf),
    issuable: { count, amount },
    falls_out: { count: out, sample },
  }
}

function effectOf({ level, wanted, issued }: Count): LevelEffect {
  const { scope, orgCode, day, limit, used } = level
  return {
    scope,
    ...(orgCode !== undefined && { org_code: orgCode }),
    ...(day !== undefined && { day }),
    units: limit,
    used,
    wanted,
    issued,
    left: Math.max(limit - used - issued, 0),
    falls_out: wanted - issued,
  }
}

/** The members of a dry run in the order of their ids, with the paths of their organisations. */
async function* membersOf(reader: Reader, dryRunId: string) {
  const { members: m, organisations: o, dryRunMembers: d } = reader.tables
  for (let after = ''; ; ) {
    const rows = await reader
      .select({ id: d.memberId, memberNo: m.memberNo, orgCode: m.orgCode, path: o.path })
      .from(d)
      .innerJoin(m, eq(m.id, d.memberId))
      .innerJoin(o, eq(o.code, m.orgCode))
      .where(and(eq(d.dryRunId, dryRunId), gt(d.memberId, after)))
      .orderBy(asc(d.memberId))
      .limit(atOnce)
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < atOnce) return
    after = last.id
  }
}
