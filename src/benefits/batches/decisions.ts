import { asc, eq } from 'drizzle-orm'

import { toHex } from '../../base/bytes.ts'
import type { Instant } from '../../base/clock.ts'
import type { Reader } from '../../store/store.ts'
import { requireSight } from '../scope.ts'
import { readBatch } from './batch.ts'

/** A decision as it was counted, with what was kept as evidence. */
export interface Decision {
  /** The id of the batch or the proposal. */
  readonly about: string
  readonly at: Instant
  readonly decision: 'approve' | 'reject'
  /** Of the dry run or the proposal, hexadecimal. */
  readonly digest: string
  readonly principalId: string
  readonly personId: string
  readonly statement: string
}

/**
 * Every decision on a batch, also on dry runs that were replaced since, oldest first. Refusal
 * NOT_FOUND unless `orgPaths` cover the batch's organisation.
 */
export async function decisionsOn(
  reader: Reader,
  batchId: string,
  orgPaths: readonly string[],
): Promise<Decision[]> {
  const batch = await readBatch(reader, batchId)
  await requireSight(reader, orgPaths, { orgCode: batch.orgCode, what: 'batch' })
  const { approvals: a, dryRuns: d } = reader.tables
  const rows = await reader
    .select({
      ...{ at: a.at, decision: a.decision, digest: d.digest, statement: a.statement },
      ...{ principalId: a.principalId, personId: a.personId },
    })
    .from(a)
    .innerJoin(d, eq(d.id, a.dryRunId))
    .where(eq(d.batchId, batchId))
    .orderBy(asc(a.at), asc(a.personId))
  return rows.map((row) => ({ ...row, about: batchId, digest: toHex(row.digest) }))
}
