import { eq, inArray } from 'drizzle-orm'

import { benefitVersion } from '../../benefits/versions.ts'
import type { Reader } from '../../store/store.ts'

/** What a row is called, in Chinese and, where it has such a name, in English. */
export interface RowName {
  readonly zh: string
  readonly en?: string
  /** An organisation that has others below it. */
  readonly deeper?: boolean
}

/** The names of organisations, by code. */
export async function orgNames(
  reader: Reader,
  codes: readonly string[],
): Promise<Map<string, RowName>> {
  const { organisations: o } = reader.tables
  if (codes.length === 0) return new Map()
  const rows = await reader
    .select({ code: o.code, zh: o.nameZh, level: o.level })
    .from(o)
    .where(inArray(o.code, [...codes]))
  return new Map(
    rows.map(({ code, zh, level }) => [code, { zh, deeper: level !== 'grassroots' }] as const),
  )
}

/** The names of benefits by the version in force, by id. */
export async function benefitNames(
  reader: Reader,
  ids: readonly string[],
): Promise<Map<string, RowName>> {
  const { benefits: b } = reader.tables
  const names = new Map<string, RowName>()
  for (const id of ids) {
    const [row] = await reader.select({ version: b.version }).from(b).where(eq(b.id, id))
    const found = row && (await benefitVersion(reader, id, row.version))
    if (found) names.set(id, found.definition.name)
  }
  return names
}
