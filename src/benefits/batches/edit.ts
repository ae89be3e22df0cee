import { and, eq, inArray, sql } from 'drizzle-orm'

import type { Instant } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { batchDeliveries } from '../../store/schema/batches.ts'
import type { Reader, Tx } from '../../store/store.ts'
import { stateRefusal as benefitRefusal, readBenefit } from '../benefits.ts'
import { type Criteria, checkCriteria } from '../criteria/criteria.ts'
import { requireNamed } from '../criteria/named.ts'
import { effectiveCriteria } from '../eligibility.ts'
import { uploadersOf } from '../list-import.ts'
import { readList } from '../lists.ts'
import { type Actor, orgPathOf, requireScope, requireSight } from '../scope.ts'
import { benefitVersion } from '../versions.ts'
import { type Batch, readBatch, stateRefusal } from './batch.ts'

/** What may be said of a batch. */
export interface BatchContent {
  /** Members at or below this organisation only. */
  readonly orgCode: string
  /** Only members on this list, as it is at the dry run. */
  readonly listId?: string | undefined
  /** Untrusted criteria that narrow the benefit's own. */
  readonly criteria?: unknown
  readonly delivery: (typeof batchDeliveries)[number]
  readonly note: string
}

/**
 * Drafts a batch of a benefit that is published and issued by batches. Its rule is the benefit's
 * and the batch's own together. The maker, and who made its list or uploaded to it, can not
 * approve it. Refusals: NOT_FOUND, OUT_OF_SCOPE (the actor's, or outside the programme's
 * organisation), BENEFIT_STATE, VALIDATION_FAILED (open stock), CRITERIA_INVALID.
 */
export async function createBatch(
  tx: Tx,
  benefitId: string,
  content: BatchContent,
  actor: Actor,
  now: Instant,
): Promise<Batch> {
  const { programmeId, ...written } = await contentOf(tx, benefitId, content, actor)
  const id = newId(now)
  const [batch] = await tx
    .insert(tx.tables.batches)
    .values({
      id,
      benefitId,
      programmeId,
      ...written,
      state: 'draft',
      version: 1,
      createdBy: actor.personId,
      approvalsNeeded: 0,
      cursor: '',
      ...{ chunks: 0, issued: 0, dropped: 0, recalled: 0 },
      createdAt: now,
    })
    .returning()
  if (!batch) throw new TypeError('an insert returns its row')
  await addEditor(tx, id, actor.personId)
  await addUploaders(tx, batch)
  return batch
}

const editable = ['draft', 'ready', 'submitted', 'approved', 'rejected'] as const

/**
 * Writes a batch anew, for the version of the benefit now in force, and puts it back to draft: its
 * dry run and its approvals count no more. `expectedVersion` is the batch's version that the
 * caller has seen. Refusals: as `createBatch`; BATCH_STATE once it has run or was cancelled;
 * VERSION_CONFLICT {version}.
 */
export async function editBatch(
  tx: Tx,
  batchId: string,
  content: BatchContent,
  expectedVersion: number,
  actor: Actor,
): Promise<Batch> {
  const before = await readBatch(tx, batchId)
  await requireSight(tx, actor.orgPaths, { orgCode: before.orgCode, what: 'batch' })
  const written = await contentOf(tx, before.benefitId, content, actor, before)
  const { batches } = tx.tables
  const [batch] = await tx
    .update(batches)
    .set({
      ...written,
      state: 'draft',
      version: sql`${batches.version} + 1`,
      dryRunId: null,
      approvalsNeeded: 0,
    })
    .where(
      and(
        eq(batches.id, batchId),
        eq(batches.version, expectedVersion),
        inArray(batches.state, [...editable]),
      ),
    )
    .returning()
  if (!batch) throw await unchanged(tx, batchId)
  await addEditor(tx, batchId, actor.personId)
  await addUploaders(tx, batch)
  return batch
}

/** Records that a person had a hand in a batch. */
export async function addEditor(tx: Tx, batchId: string, personId: string): Promise<void> {
  await tx.insert(tx.tables.batchEditors).values({ batchId, personId }).onConflictDoNothing()
}

/** Records who made the batch's list, and everybody who has uploaded a file to it so far. */
export async function addUploaders(tx: Tx, { id, listId }: Batch): Promise<void> {
  if (listId === null) return
  const { createdBy } = await readList(tx, listId)
  const hands = [createdBy, ...(await uploadersOf(tx, listId))]
  for (const personId of new Set(hands)) await addEditor(tx, id, personId)
}

async function unchanged(tx: Tx, batchId: string): Promise<Refusal> {
  const batch = await readBatch(tx, batchId)
  const fixed = !(editable as readonly string[]).includes(batch.state)
  return fixed ? stateRefusal(batch) : new Refusal('VERSION_CONFLICT', { version: batch.version })
}

async function contentOf(
  reader: Reader,
  benefitId: string,
  content: BatchContent,
  actor: Actor,
  before?: Batch,
) {
  const { orgCode, listId, delivery, note } = content
  await requireScope(reader, actor.orgPaths, orgCode)
  const benefit = await readBenefit(reader, benefitId)
  if (benefit.state !== 'published') throw benefitRefusal(benefit)
  const inForce = await benefitVersion(reader, benefitId, benefit.version)
  if (!inForce) throw new TypeError(`benefit ${benefitId} is published in no version`)
  const { definition, programme } = inForce
  await requireScope(reader, [await orgPathOf(reader, programme.orgCode)], orgCode)
  if (definition.supply !== 'batch') {
    throw new Refusal('VALIDATION_FAILED', {
      issues: ['benefit: open stock is claimed by members'],
    })
  }
  const all: Criteria[] = [effectiveCriteria(definition)]
  if (content.criteria !== undefined) {
    const own = checkCriteria(content.criteria)
    await requireNamed(reader, own, actor.orgPaths)
    all.push(own)
  }
  if (listId !== undefined) {
    const { orgCode: of } = await readList(reader, listId)
    // Whoever made the batch before may have reached a list that this actor does not.
    if (listId !== before?.listId) {
      await requireSight(reader, actor.orgPaths, { orgCode: of, what: 'list' })
    }
    all.push({ list: listId })
  }
  return {
    benefitVersion: benefit.version,
    programmeId: benefit.programmeId,
    orgCode,
    source: listId === undefined ? ('criteria' as const) : ('list' as const),
    criteria: JSON.stringify({ all }),
    listId: listId ?? null,
    delivery,
    note,
  }
}
