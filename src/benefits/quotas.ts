import { and, eq } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'
import type { Benefit } from './benefits.ts'
import { dayIn } from './criteria/zone.ts'
import { levelUses } from './sub-quotas.ts'
import { benefitVersion } from './versions.ts'

/** One counter of a benefit: its units, and how many of them are taken. */
export interface Quota {
  /** `total` (of open stock), or a sub-quota's: by organisation, by day, or both. */
  readonly scope: string
  readonly orgCode?: string | undefined
  readonly day?: string | undefined
  readonly units: number
  readonly used: number
}

/** Every counter that decides now, by the version in force; none before the first is published. */
export async function quotasOf(
  reader: Reader,
  { id, version }: Benefit,
  now: Instant,
): Promise<Quota[]> {
  const benefit = await benefitVersion(reader, id, version)
  if (!benefit) return []
  const { quotas } = reader.tables
  const totals = await reader
    .select({ scope: quotas.scope, units: quotas.total, used: quotas.used })
    .from(quotas)
    .where(and(eq(quotas.benefitId, id), eq(quotas.scope, 'total')))
  const { definition, programme } = benefit
  const today = dayIn(programme.timeZone, now)
  const uses = await levelUses(reader, id, definition.sub_quotas, today)
  return [...totals, ...uses.map(({ limit, ...level }) => ({ ...level, units: limit }))]
}
