import { and, asc, eq, gte, inArray, lt, or, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { importKinds } from '../store/schema/batches.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { Import } from './import-report.ts'
import { subtreeRange } from './organisation-rules.ts'

/** Which imports somebody may start: those of some kinds for a path and what is below it. */
export interface ImportSight {
  readonly path: string
  readonly kinds: readonly (typeof importKinds)[number][]
}

/** An import that waits, with the name of whoever sent its file. */
export interface HeldImport extends Import {
  readonly by: string
}

/** The imports that wait for a look, in one of the sights, the oldest first. */
export async function listHeldImports(
  reader: Reader,
  sights: readonly ImportSight[],
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<HeldImport[]> {
  const { imports: i, organisations: o, principals: p } = reader.tables
  const seen = sights.map(({ path, kinds }) => {
    const { from, to } = subtreeRange(path)
    return and(gte(o.path, from), lt(o.path, to), inArray(i.kind, [...kinds]))
  })
  const rows = await reader
    .select({ found: i, by: p.name })
    .from(i)
    .innerJoin(o, eq(o.code, i.orgCode))
    .innerJoin(p, eq(p.id, i.createdBy))
    .where(and(eq(i.state, 'waiting'), sql`${i.id} > ${after}`, or(...seen) ?? sql`1 = 0`))
    .orderBy(asc(i.id))
    .limit(limit)
  return rows.map(({ found, by }) => ({ ...found, by }))
}

/**
 * Ends an import that waits, as DISCARDED; its pieces are the caller's to drop. Refusal
 * IMPORT_STATE for one that waits no more.
 */
export async function discardImport(tx: Tx, id: string, now: Instant): Promise<void> {
  const { imports: i } = tx.tables
  const [row] = await tx
    .update(i)
    .set({ state: 'failed', failure: 'DISCARDED', finishedAt: now })
    .where(and(eq(i.id, id), eq(i.state, 'waiting')))
    .returning({ id: i.id })
  if (!row) throw new Refusal('IMPORT_STATE')
}
