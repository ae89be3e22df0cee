import { and, eq, inArray } from 'drizzle-orm'
import { z } from 'zod'

import { Refusal } from '../base/refusal.ts'
import type { Reader } from '../store/store.ts'
import type { IsoDate } from './criteria/civil-date.ts'

const units = z.int().min(0).max(10_000_000)

/** Units that one part of the people may have: below an organisation, on a day, or both. */
export const subQuotasSchema = z
  .strictObject({
    /** Everybody together, on one day of the programme's time zone. */
    per_day: units.optional(),
    /** Members at or below an organisation; of two that contain each other both count. */
    organisations: z
      .array(
        z.strictObject({
          org_code: z.string().regex(/^[0-9A-Z-]{1,32}$/),
          units: units.optional(),
          per_day: units.optional(),
        }),
      )
      .max(500)
      .default([]),
  })
  .check((check) => {
    const { organisations } = check.value
    const complain = (path: (string | number)[], message: string) =>
      check.issues.push({ code: 'custom', path, message, input: check.value })
    const seen = new Set<string>()
    organisations.forEach(({ org_code, units: some, per_day }, i) => {
      if (seen.has(org_code)) complain(['organisations', i, 'org_code'], 'is there twice')
      if (some === undefined && per_day === undefined) {
        complain(['organisations', i], 'needs units, per_day or both')
      }
      seen.add(org_code)
    })
  })

export type SubQuotas = z.infer<typeof subQuotasSchema>

/** One counter of a sub-quota. */
export interface Level {
  /** Its name in `quotas` and `quota_units`. */
  readonly scope: string
  /** Of members at or below this organisation; of everybody without one. */
  readonly orgCode: string | undefined
  /** On this day alone. */
  readonly day: IsoDate | undefined
  readonly limit: number
}

/** The counters that decide on `today`, in the order in which everybody takes them. */
export function levelsOf(quotas: SubQuotas | undefined, today: IsoDate): readonly Level[] {
  if (!quotas) return []
  const level = (limit: number | undefined, orgCode?: string, day?: IsoDate): Level[] => {
    const parts = [orgCode && `org:${orgCode}`, day && `day:${day}`].filter((part) => part)
    return limit === undefined ? [] : [{ scope: parts.join('/'), orgCode, day, limit }]
  }
  const all = quotas.organisations.flatMap(({ org_code, units: some, per_day }) => [
    ...level(some, org_code),
    ...level(per_day, org_code, today),
  ])
  return [...level(quotas.per_day, undefined, today), ...all].sort((a, b) =>
    a.scope < b.scope ? -1 : 1,
  )
}

/** Answers, for the path of a member's organisation, which of `levels` count the member. */
export function levelFinder<T extends Level>(
  levels: readonly T[],
): (orgPath: string) => readonly T[] {
  const found = new Map<string, readonly T[]>()
  return (orgPath) => {
    const known = found.get(orgPath)
    if (known) return known
    const codes = new Set(orgPath.split('/'))
    const mine = levels.filter(({ orgCode }) => orgCode === undefined || codes.has(orgCode))
    found.set(orgPath, mine)
    return mine
  }
}

/** How many units of each of `levels` are taken, by scope; what nobody took is not there. */
async function unitsUsed(
  reader: Reader,
  benefitId: string,
  levels: readonly Level[],
): Promise<ReadonlyMap<string, number>> {
  const { quotas } = reader.tables
  const scopes = levels.map(({ scope }) => scope)
  if (scopes.length === 0) return new Map()
  const rows = await reader
    .select({ scope: quotas.scope, used: quotas.used })
    .from(quotas)
    .where(and(eq(quotas.benefitId, benefitId), inArray(quotas.scope, scopes)))
  return new Map(rows.map(({ scope, used }) => [scope, used]))
}

/** A sub-quota as it stands. */
export interface LevelUse extends Level {
  readonly used: number
}

/** The sub-quotas that decide on `today`, each with what is taken of it. */
export async function levelUses(
  reader: Reader,
  benefitId: string,
  quotas: SubQuotas | undefined,
  today: IsoDate,
): Promise<readonly LevelUse[]> {
  const levels = levelsOf(quotas, today)
  const used = await unitsUsed(reader, benefitId, levels)
  return levels.map((level) => ({ ...level, used: used.get(level.scope) ?? 0 }))
}

/** Refusal VALIDATION_FAILED when a sub-quota names an organisation that is not there. */
export async function requireOrganisations(
  reader: Reader,
  quotas: SubQuotas | undefined,
): Promise<void> {
  const { organisations: o } = reader.tables
  const codes = quotas?.organisations.map(({ org_code }) => org_code) ?? []
  if (codes.length === 0) return
  const rows = await reader.select({ code: o.code }).from(o).where(inArray(o.code, codes))
  const known = new Set(rows.map(({ code }) => code))
  const issues = codes
    .filter((code) => !known.has(code))
    .map((code) => `sub_quotas.organisations: there is no organisation ${code}`)
  if (issues.length > 0) throw new Refusal('VALIDATION_FAILED', { issues: issues.slice(0, 20) })
}
