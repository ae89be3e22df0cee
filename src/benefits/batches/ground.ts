import type { SQL } from 'drizzle-orm'

import type { Instant } from '../../base/clock.ts'
import { sha256 } from '../../base/sha256.ts'
import type { Reader } from '../../store/store.ts'
import { readBenefit } from '../benefits.ts'
import { capTaken } from '../cap-taken.ts'
import { type Selection, selectionOf } from '../criteria/compile.ts'
import { type Criteria, canonicalCriteria } from '../criteria/criteria.ts'
import { expand, readSegments } from '../criteria/named.ts'
import { orgPathOf } from '../scope.ts'
import { type BenefitVersion, benefitVersion } from '../versions.ts'
import type { Batch } from './batch.ts'

/** What a batch stands on: the version it was written for, and whom it may reach. */
export interface BatchGround {
  readonly benefit: BenefitVersion
  readonly selection: Selection
  /** Of a member in `selection.from`: the person has all vouchers of the benefit there may be. */
  readonly capReached: SQL
}

/** Reads it for `now`. Use it at once: names are resolved as they stand. */
export async function groundOf(reader: Reader, batch: Batch, now: Instant): Promise<BatchGround> {
  const benefit = await requireVersion(reader, batch)
  const { timeZone } = benefit.programme
  const orgPath = await orgPathOf(reader, batch.orgCode)
  const selection = await selectionOf(reader, ruleOf(batch), { orgPath, timeZone, now })
  return { benefit, selection, capReached: capTaken(reader, benefit, now) }
}

/** The whole rule of a batch: the benefit's, narrowed. */
export function ruleOf(batch: Batch): Criteria {
  return JSON.parse(batch.criteria) as Criteria
}

/** SHA-256 of the rule with segments written out, so that a new version of one shows. */
export async function criteriaHashOf(reader: Reader, batch: Batch): Promise<Uint8Array> {
  const rule = ruleOf(batch)
  return sha256(canonicalCriteria(expand(rule, await readSegments(reader, [rule]))))
}

/** Whether the benefit is published, in the version that the batch was written for. */
export async function inForce(
  reader: Reader,
  batch: Batch,
): Promise<'yes' | 'not_published' | 'other_version'> {
  const { state, version } = await readBenefit(reader, batch.benefitId)
  if (state !== 'published') return 'not_published'
  return version === batch.benefitVersion ? 'yes' : 'other_version'
}

/** The version of the benefit that a batch names; it was published, or there were no batch. */
export async function requireVersion(reader: Reader, batch: Batch): Promise<BenefitVersion> {
  const found = await benefitVersion(reader, batch.benefitId, batch.benefitVersion)
  if (!found) throw new TypeError(`batch ${batch.id} names no published version`)
  return found
}
