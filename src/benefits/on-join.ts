import { and, eq } from 'drizzle-orm'

import type { Reader } from '../store/store.ts'
import { type BenefitVersion, benefitVersion } from './versions.ts'

/** A benefit that new members are given by itself, and the person who wrote what is in force. */
export interface WelcomeBenefit {
  readonly benefit: BenefitVersion
  readonly editedBy: string
}

/** Every published benefit that says `on_join`, in the order of their ids. */
export async function benefitsOnJoin(reader: Reader): Promise<WelcomeBenefit[]> {
  const { benefits: b, benefitVersions: v } = reader.tables
  const rows = await reader
    .select({ id: b.id, version: b.version, editedBy: v.editedBy })
    .from(b)
    .innerJoin(v, and(eq(v.benefitId, b.id), eq(v.version, b.version)))
    .where(eq(b.state, 'published'))
    .orderBy(b.id)
  const all = await Promise.all(
    rows.map(async ({ id, version, editedBy }) => {
      const benefit = await benefitVersion(reader, id, version)
      return benefit?.definition.on_join ? { benefit, editedBy } : undefined
    }),
  )
  return all.filter((one) => one !== undefined)
}
