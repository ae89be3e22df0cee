import { toHex } from '../../base/bytes.ts'
import { sha256 } from '../../base/sha256.ts'
import { sealDefinition } from '../definition.ts'
import type { BenefitVersion } from '../versions.ts'
import type { Batch } from './batch.ts'

/** Whom a dry run found, without their names. */
export interface Found {
  readonly count: number
  /** SHA-256 over the members' ids in their order, each followed by a line feed. */
  readonly membersHash: Uint8Array
  /** SHA-256 of the rule with segments written out. */
  readonly criteriaHash: Uint8Array
}

/**
 * What approvers sign: SHA-256 (32 octets) over everything a run of the batch would do, as JSON
 * with its keys in order and without spaces.
 */
export function dryRunDigest(batch: Batch, benefit: BenefitVersion, found: Found): Uint8Array {
  const { definition } = benefit
  const { amount, uses, validity, offer_days } = definition
  return sha256(
    canonical({
      batch: batch.id,
      benefit: benefit.benefitId,
      version: benefit.version,
      definition: toHex(sealDefinition(definition).digest),
      organisation: batch.orgCode,
      criteria: toHex(found.criteriaHash),
      amount,
      uses,
      validity,
      offer_days,
      delivery: batch.delivery,
      note: batch.note,
      count: found.count,
      members: toHex(found.membersHash),
    }),
  )
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
