import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import { type BudgetChange, changeBudget, type Programme, readProgramme } from './programmes.ts'
import { type Proposal, propose } from './proposals.ts'
import { type Actor, orgPathOf, requireSight } from './scope.ts'

/**
 * Proposes to add to or to take from a programme's budget; nothing moves before another person has
 * signed it. What cannot be booked as things stand is refused at once. Refusals:
 * VALIDATION_FAILED, NOT_FOUND, VERSION_CONFLICT {version}, BUDGET_EXHAUSTED {available}.
 */
export async function proposeBudgetChange(
  tx: Tx,
  change: BudgetChange & { readonly reason: string },
  actor: Actor,
  now: Instant,
): Promise<Proposal> {
  const { programmeId, amount, expectedVersion, reason } = change
  if (!Number.isSafeInteger(amount) || amount === 0) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['amount: whole fen, not zero'] })
  }
  const { orgCode, version, available } = await readProgramme(tx, programmeId)
  await requireSight(tx, actor.orgPaths, { orgCode, what: 'programme' })
  if (version !== expectedVersion) throw new Refusal('VERSION_CONFLICT', { version })
  if (available + amount < 0) throw new Refusal('BUDGET_EXHAUSTED', { available })
  const content = { programme: programmeId, amount, version }
  return propose(
    tx,
    {
      ...{ kind: 'budget', subject: programmeId, programmeId, orgCode, content, amount, reason },
      approvalsNeeded: 1,
    },
    actor,
    now,
  )
}

/**
 * Books a change that another person has signed, in the name of its proposer. The programme must
 * be in the version that was proposed for, so of two proposals for one version the second has to
 * be made anew. Refusals: those of `changeBudget`.
 */
export async function bookBudgetChange(
  tx: Tx,
  node: ThisNode,
  proposal: Proposal,
  now: Instant,
): Promise<Programme> {
  const { programmeId, amount, reason, orgCode, proposedBy, proposedByPerson } = proposal
  const { version } = JSON.parse(proposal.content) as { version: number }
  const change = { programmeId, amount, reason, expectedVersion: version }
  const orgPaths = [await orgPathOf(tx, orgCode)]
  const proposer = { principalId: proposedBy, personId: proposedByPerson, orgPaths }
  return changeBudget(tx, node, change, proposer, now)
}
