import { desc, eq, sql } from 'drizzle-orm'

import type { Reader } from '../../store/store.ts'

/** What changed since the batch's dry run before this one. */
export interface Difference {
  /** When that one was made: ms since 1970-01-01T00:00:00Z. */
  readonly since: number
  /** Members whom this one finds and that one did not, and the other way round. */
  readonly joined: number
  readonly left: number
}

/** Compares a dry run, collected and not stored yet, with the batch's latest; nothing at first. */
export async function differenceOf(
  reader: Reader,
  { batchId, dryRunId }: { readonly batchId: string; readonly dryRunId: string },
): Promise<Difference | undefined> {
  const { dryRuns } = reader.tables
  const [before] = await reader
    .select({ id: dryRuns.id, createdAt: dryRuns.createdAt })
    .from(dryRuns)
    .where(eq(dryRuns.batchId, batchId))
    .orderBy(desc(dryRuns.createdAt), desc(dryRuns.id))
    .limit(1)
  if (!before) return undefined
  return {
    since: before.createdAt,
    joined: await onlyIn(reader, dryRunId, before.id),
    left: await onlyIn(reader, before.id, dryRunId),
  }
}

async function onlyIn(reader: Reader, one: string, other: string): Promise<number> {
  const { dryRunMembers: m } = reader.tables
  const [row] = await reader.rows<{ count: number }>(
    sql`select count(*) as count from ${m} as a where a.dry_run_id = ${one} and not exists
      (select 1 from ${m} as b where b.dry_run_id = ${other} and b.member_id = a.member_id)`,
  )
  return row?.count ?? 0
}
