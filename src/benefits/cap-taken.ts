import { and, eq, type SQL, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'
import { capPeriod } from './cap.ts'
import { dayIn } from './criteria/zone.ts'
import type { BenefitVersion } from './versions.ts'

/**
 * True of a row of `members` whose person has had as much of a benefit as one may have in the
 * period of `now`.
 */
export function capTaken(reader: Reader, benefit: BenefitVersion, now: Instant): SQL {
  const { members, claims } = reader.tables
  const { cap } = benefit.definition
  const mine = and(
    sql`${claims.bucket} = ${members.bucket}`,
    sql`${claims.personId} = ${members.personId}`,
    eq(claims.benefitId, benefit.benefitId),
    eq(claims.period, capPeriod(cap, dayIn(benefit.programme.timeZone, now))),
  )
  return sql`(select count(*) from ${claims} where ${mine}) >= ${cap.count}`
}
