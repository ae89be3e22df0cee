import { and, eq } from 'drizzle-orm'

import type { Reader } from '../store/store.ts'
import { checkDefinition, type Definition } from './definition.ts'

/** A published version of a benefit with the programme around it. None of this ever changes. */
export interface BenefitVersion {
  readonly benefitId: string
  readonly version: number
  readonly definition: Definition
  readonly programme: {
    readonly id: string
    readonly publicId: string
    readonly bucket: number
    readonly timeZone: string
    readonly orgCode: string
  }
}

const kept = 2000
const known = new Map<string, BenefitVersion>()

/**
 * Reads a published version, from memory where it was read before: it cannot change. `undefined`
 * when there is none.
 */
export async function benefitVersion(
  reader: Reader,
  benefitId: string,
  version: number,
): Promise<BenefitVersion | undefined> {
  const name = `${benefitId}/${version}`
  const found = known.get(name) ?? (await read(reader, benefitId, version))
  if (found && known.size < kept) known.set(name, found)
  return found
}

async function read(
  reader: Reader,
  benefitId: string,
  version: number,
): Promise<BenefitVersion | undefined> {
  const { benefitVersions, benefits, programmes } = reader.tables
  const [row] = await reader
    .select()
    .from(benefitVersions)
    .innerJoin(benefits, eq(benefits.id, benefitVersions.benefitId))
    .innerJoin(programmes, eq(programmes.id, benefits.programmeId))
    .where(and(eq(benefitVersions.benefitId, benefitId), eq(benefitVersions.version, version)))
  if (!row?.benefit_versions.publishedAt) return undefined
  const { id, publicId, bucket, timeZone, orgCode } = row.programmes
  return {
    benefitId,
    version,
    definition: checkDefinition(JSON.parse(row.benefit_versions.definition)),
    programme: { id, publicId, bucket, timeZone, orgCode },
  }
}
