import { and, eq, inArray, isNull, sql } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { post } from '../ledger/journal.ts'
import type { Tx } from '../store/store.ts'
import {
  type Benefit,
  type BenefitState,
  openDraft,
  readBenefit,
  requireBenefit,
  stateRefusal,
} from './benefits.ts'
import type { Criteria } from './criteria/criteria.ts'
import { pinSegments } from './criteria/named.ts'
import { type Definition, sealDefinition } from './definition.ts'
import { planDraw } from './draw/plan.ts'
import { readProgramme, returnAvailable, takeAvailable } from './programmes.ts'
import type { Actor } from './scope.ts'

/**
 * Puts the draft of a benefit in force and freezes it. The first time, open stock is opened: units
 * × amount × uses leave the programme's budget. A paused benefit stays paused. Refusals: NOT_FOUND,
 * BENEFIT_STATE {state} (stopped, or nothing to publish), BUDGET_EXHAUSTED
 * {available}, VALIDATION_FAILED (its draw would be over).
 */
export async function publishBenefit(
  tx: Tx,
  node: ThisNode,
  benefitId: string,
  actor: Actor,
  now: Instant,
): Promise<Benefit> {
  const before = await requireBenefit(tx, benefitId, actor)
  const version = await openDraft(tx, benefitId)
  if (version === undefined) throw stateRefusal(before)
  const { benefits, benefitVersions } = tx.tables
  const pinned = await pinDraft(tx, benefitId, version)
  const [frozen] = await tx
    .update(benefitVersions)
    .set({ publishedAt: now, ...pinned })
    .where(
      and(
        eq(benefitVersions.benefitId, benefitId),
        eq(benefitVersions.version, version),
        isNull(benefitVersions.publishedAt),
      ),
    )
    .returning()
  const [benefit] = await tx
    .update(benefits)
    .set({
      version,
      state: sql`case when ${benefits.state} = 'paused' then 'paused' else 'published' end`,
    })
    .where(
      and(
        eq(benefits.id, benefitId),
        eq(benefits.version, version - 1),
        inArray(benefits.state, ['draft', 'published', 'paused']),
      ),
    )
    .returning()
  if (!frozen || !benefit) throw stateRefusal(await readBenefit(tx, benefitId))
  const definition = JSON.parse(frozen.definition) as Definition
  if (version === 1 && definition.supply === 'stock') {
    await openStock(tx, node, { benefit, definition, digest: frozen.digest, actor, now })
    await planDraw(tx, { benefitId, version, definition, now })
  }
  return benefit
}

/** The draft as it is published: each segment it names, in the version of today. */
async function pinDraft(
  tx: Tx,
  benefitId: string,
  version: number,
): Promise<{ definition: string; digest: Uint8Array } | undefined> {
  const { benefitVersions: v } = tx.tables
  const [draft] = await tx
    .select({ text: v.definition })
    .from(v)
    .where(and(eq(v.benefitId, benefitId), eq(v.version, version), isNull(v.publishedAt)))
  if (!draft) return undefined
  const definition = JSON.parse(draft.text) as Definition
  const criteria = await pinSegments(tx, definition.criteria as Criteria)
  const { text, digest } = sealDefinition({ ...definition, criteria })
  return text === draft.text ? undefined : { definition: text, digest }
}

/** Stops new issues and claims for a while. Refusals NOT_FOUND, BENEFIT_STATE. */
export async function pauseBenefit(tx: Tx, benefitId: string, actor: Actor): Promise<Benefit> {
  await requireBenefit(tx, benefitId, actor)
  return move(tx, benefitId, ['published'], 'paused')
}

/** Ends a pause. Refusals NOT_FOUND, BENEFIT_STATE. */
export async function resumeBenefit(tx: Tx, benefitId: string, actor: Actor): Promise<Benefit> {
  await requireBenefit(tx, benefitId, actor)
  return move(tx, benefitId, ['paused'], 'published')
}

/**
 * Ends a benefit for good; vouchers that are out stay good. What is left of open stock goes back
 * to the budget. Refusals NOT_FOUND, BENEFIT_STATE (a draft, or stopped already).
 */
export async function stopBenefit(
  tx: Tx,
  node: ThisNode,
  benefitId: string,
  actor: Actor,
  now: Instant,
): Promise<Benefit> {
  await requireBenefit(tx, benefitId, actor)
  const benefit = await move(tx, benefitId, ['published', 'paused'], 'stopped')
  const { benefitVersions } = tx.tables
  const [row] = await tx
    .select()
    .from(benefitVersions)
    .where(
      and(eq(benefitVersions.benefitId, benefitId), eq(benefitVersions.version, benefit.version)),
    )
  if (!row) throw new TypeError(`benefit ${benefitId} has no version ${benefit.version}`)
  const definition = JSON.parse(row.definition) as Definition
  if (definition.supply === 'stock') {
    await closeStock(tx, node, { benefit, definition, digest: row.digest, actor, now })
  }
  return benefit
}

async function move(
  tx: Tx,
  benefitId: string,
  from: BenefitState[],
  to: BenefitState,
): Promise<Benefit> {
  const { benefits } = tx.tables
  const [moved] = await tx
    .update(benefits)
    .set({ state: to })
    .where(and(eq(benefits.id, benefitId), inArray(benefits.state, from)))
    .returning()
  if (!moved) throw stateRefusal(await readBenefit(tx, benefitId))
  return moved
}

interface Act {
  readonly benefit: Benefit
  readonly definition: Definition
  readonly digest: Uint8Array
  readonly actor: Actor
  readonly now: Instant
}

async function openStock(tx: Tx, node: ThisNode, act: Act): Promise<void> {
  const { benefit, definition } = act
  const { stock: units = 0, amount, uses } = definition
  await takeAvailable(tx, benefit.programmeId, units * amount * uses)
  await tx
    .insert(tx.tables.quotas)
    .values({ benefitId: benefit.id, scope: 'total', total: units, used: 0 })
  await book(tx, node, act, 'stock.open', units)
}

/** The row is locked by writing it before it is read, so that no claim comes in between. */
async function closeStock(tx: Tx, node: ThisNode, act: Act): Promise<void> {
  const { benefit, definition } = act
  const { quotas } = tx.tables
  const mine = and(eq(quotas.benefitId, benefit.id), eq(quotas.scope, 'total'))
  const [quota] = await tx
    .update(quotas)
    .set({ used: sql`${quotas.used}` })
    .where(mine)
    .returning()
  if (!quota) throw new TypeError(`benefit ${benefit.id} has no stock`)
  await tx.update(quotas).set({ total: quota.used }).where(mine)
  const units = quota.total - quota.used
  await returnAvailable(tx, benefit.programmeId, units * definition.amount * definition.uses)
  if (units > 0) await book(tx, node, act, 'stock.close', units)
}

async function book(
  tx: Tx,
  node: ThisNode,
  { benefit, definition, digest, actor, now }: Act,
  kind: 'stock.open' | 'stock.close',
  units: number,
): Promise<void> {
  const programme = await readProgramme(tx, benefit.programmeId)
  const amount = units * definition.amount * definition.uses
  const [from, to] =
    kind === 'stock.open'
      ? (['budget_available', 'stock_reserved'] as const)
      : (['stock_reserved', 'budget_available'] as const)
  await post(tx, node, {
    id: newId(now),
    kind,
    bucket: programme.bucket,
    at: now,
    programme,
    amount,
    postings:
      amount === 0
        ? []
        : [
            { account: from, amount },
            { account: to, amount: -amount },
          ],
    commits: { operator: actor.principalId },
    fields: { benefit: benefit.id, definition: toBase64url(digest), units },
  })
}
