import { and, asc, eq, isNull } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { requireEligible } from '../benefits/eligibility.ts'
import type { WelcomeBenefit } from '../benefits/on-join.ts'
import { publishedBenefit } from '../benefits/rights.ts'
import { orgPathOf } from '../benefits/scope.ts'
import { isWithin } from '../identity/organisation-rules.ts'
import { countAsOne } from '../identity/vouching.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { issueChunk } from './issue.ts'

export type Joining = Reader['tables']['joinings']['$inferSelect']

/** Approved memberships that nothing has followed from yet, the oldest first. */
export function openJoinings(reader: Reader, limit: number): Promise<Joining[]> {
  const { joinings: j } = reader.tables
  return reader.select().from(j).where(isNull(j.welcomedAt)).orderBy(asc(j.id)).limit(limit)
}

interface Welcoming {
  readonly joining: Joining
  readonly given: WelcomeBenefit
  readonly now: Instant
}

/**
 * Offers one benefit to somebody who has joined, once: the row in `welcomes` is the decision. A
 * voucher is issued as a batch of one, with the guarantees of any: cap, sub-quotas, budget, leaf
 * and proof of issue. What approves it are two acts: of whoever wrote the benefit, and, as another
 * person, of whoever approved the membership.
 *
 * Refusals, to be kept with `keepWelcomeRefusal`: SELF_APPROVAL (both were one person),
 * BENEFIT_STATE, NOT_ELIGIBLE (also below another organisation than the programme's), FACT_UNKNOWN,
 * NOT_FOUND, PERSON_CAP_REACHED, QUOTA_EXHAUSTED, BUDGET_EXHAUSTED.
 */
export async function welcome(
  tx: Tx,
  node: ThisNode,
  { joining, given, now }: Welcoming,
): Promise<void> {
  const { benefitId } = given.benefit
  if (!(await write(tx, { joining, benefitId, refused: null, now }))) return
  if (await countAsOne(tx, joining.decidedByPerson, [given.editedBy])) {
    throw new Refusal('SELF_APPROVAL')
  }
  const benefit = await publishedBenefit(tx, benefitId)
  const { memberId } = joining
  const to = await recipientOf(tx, memberId)
  if (!isWithin(to.orgPath, await orgPathOf(tx, benefit.programme.orgCode))) {
    throw new Refusal('NOT_ELIGIBLE')
  }
  await requireEligible(tx, memberId, benefit, now)
  const batchId = `join:${joining.id}:${benefitId}`
  const delivery = 'offer' as const
  const done = await issueChunk(tx, node, { batchId, benefit, delivery, recipients: [to], now })
  if (done.issued === 0) {
    const { sub_quotas } = benefit.definition
    throw new Refusal(sub_quotas ? 'QUOTA_EXHAUSTED' : 'PERSON_CAP_REACHED')
  }
  const { entryId = null, issued: count, amount } = done
  const chunk = { batchId, n: 1, kind: 'issue' as const, entryId, count, amount, at: now }
  await tx.insertMany(tx.tables.batchChunks, [chunk])
}

/** Keeps that a benefit was refused to somebody who has joined, and why. */
export async function keepWelcomeRefusal(
  tx: Tx,
  { joining, given, now }: Welcoming,
  refusal: Refusal,
): Promise<void> {
  const { benefitId } = given.benefit
  await write(tx, { joining, benefitId, refused: refusal.code, now })
}

/** Says that everything has followed from a joining. */
export async function endJoining(tx: Tx, { id }: Joining, now: Instant): Promise<void> {
  const { joinings: j } = tx.tables
  await tx
    .update(j)
    .set({ welcomedAt: now })
    .where(and(eq(j.id, id), isNull(j.welcomedAt)))
}

/** What a member was given on joining, and what was refused. */
export async function welcomesOf(
  reader: Reader,
  memberId: string,
): Promise<{ benefitId: string; refused: string | null; at: Instant }[]> {
  const { joinings: j, welcomes: w } = reader.tables
  return reader
    .select({ benefitId: w.benefitId, refused: w.refused, at: w.at })
    .from(w)
    .innerJoin(j, eq(j.id, w.joiningId))
    .where(eq(j.memberId, memberId))
    .orderBy(asc(w.at), asc(w.benefitId))
}

/** False when another has dealt with it. */
async function write(
  tx: Tx,
  row: {
    readonly joining: Joining
    readonly benefitId: string
    readonly refused: string | null
    readonly now: Instant
  },
): Promise<boolean> {
  const { joining, benefitId, refused, now } = row
  const written = await tx
    .insert(tx.tables.welcomes)
    .values({ joiningId: joining.id, benefitId, refused, at: now })
    .onConflictDoNothing()
    .returning({ at: tx.tables.welcomes.at })
  return written.length > 0
}

async function recipientOf(tx: Tx, memberId: string) {
  const { members: m, organisations: o } = tx.tables
  const [row] = await tx
    .select({ memberId: m.id, personId: m.personId, bucket: m.bucket, orgPath: o.path })
    .from(m)
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(eq(m.id, memberId))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'member' })
  return row
}
