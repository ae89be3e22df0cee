import { and, desc, eq, lt, or, sql } from 'drizzle-orm'

import { equal } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { countAsOne } from '../identity/vouching.ts'
import type { proposalKinds, proposalStates } from '../store/schema/proposals.ts'
import type { Tables } from '../store/schema/tables.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { SignedDecision } from './batches/approve.ts'
import { under } from './criteria/compile-leaf.ts'
import type { Page } from './page.ts'
import { type Actor, requireSight } from './scope.ts'

export type Proposal = Tables['proposals']['$inferSelect']
/** One that was found within a scope, with the path of its organisation. */
export type PlacedProposal = Proposal & { readonly orgPath: string }
export type ProposalKind = (typeof proposalKinds)[number]
export type ProposalState = (typeof proposalStates)[number]

/** What somebody wants done. Their scope is the caller's to check. */
export interface NewProposal {
  readonly kind: ProposalKind
  readonly subject: string
  readonly programmeId: string
  readonly orgCode: string
  /** Flat, and all that is to be done: its values are what approvers sign. */
  readonly content: Readonly<Record<string, string | number>>
  /** Fen. */
  readonly amount: number
  readonly reason: string
  readonly approvalsNeeded: number
}

/**
 * Writes down what somebody wants, for others to sign. What is signed is SHA-256 over `content`
 * with the proposal's id and kind, as JSON with its keys in order and without spaces. A proposal is
 * never edited, so its proposer is the one person who had a hand in it.
 */
export async function propose(
  tx: Tx,
  { content, ...given }: NewProposal,
  actor: Actor,
  now: Instant,
): Promise<Proposal> {
  const id = newId(now)
  const all = { ...content, proposal: id, kind: given.kind, reason: given.reason }
  const text = JSON.stringify(Object.fromEntries(Object.entries(all).sort(byName)))
  const [made] = await tx
    .insert(tx.tables.proposals)
    .values({
      ...{ id, ...given, content: text, digest: sha256(text), state: 'proposed' },
      ...{ proposedBy: actor.principalId, proposedByPerson: actor.personId },
      ...{ proposedAt: now, endedAt: null },
    })
    .returning()
  if (!made) throw new TypeError('an insert returns its row')
  return made
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

/** A proposal within the scopes. Refusal NOT_FOUND, also for another's. */
export async function readProposal(
  reader: Reader,
  id: string,
  orgPaths: readonly string[],
): Promise<PlacedProposal> {
  const { proposals } = reader.tables
  const [row] = await reader.select().from(proposals).where(eq(proposals.id, id))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'proposal' })
  const { orgCode } = row
  const orgPath = await requireSight(reader, orgPaths, { orgCode, what: 'proposal' })
  return { ...row, orgPath }
}

/** Proposals of organisations at or below one of `orgPaths`, the latest first. */
export async function listProposals(
  reader: Reader,
  orgPaths: readonly string[],
  page: Page & { readonly subject?: string; readonly state?: ProposalState },
): Promise<PlacedProposal[]> {
  const { proposals: p, organisations: o } = reader.tables
  const below = or(...orgPaths.map((path) => under(o.path, path))) ?? sql`1 = 0`
  const { subject, state, after, limit } = page
  const rows = await reader
    .select({ proposal: p, orgPath: o.path })
    .from(p)
    .innerJoin(o, eq(o.code, p.orgCode))
    .where(
      and(
        below,
        after ? lt(p.id, after) : undefined,
        subject === undefined ? undefined : eq(p.subject, subject),
        state === undefined ? undefined : eq(p.state, state),
      ),
    )
    .orderBy(desc(p.id))
    .limit(limit)
  return rows.map(({ proposal, orgPath }) => ({ ...proposal, orgPath }))
}

/** What is open to be signed. Refusals NOT_FOUND, PROPOSAL_STATE {state} once it has ended. */
export async function openProposal(
  reader: Reader,
  id: string,
  orgPaths: readonly string[],
): Promise<Proposal> {
  const proposal = await readProposal(reader, id, orgPaths)
  if (proposal.state !== 'proposed') throw stateRefusal(proposal)
  return proposal
}

/**
 * Counts a decision: one rejection ends the proposal; the last approval that it needs ends it too,
 * as carried out, and whoever calls does what it says in the same transaction. The row is written
 * first, so that decisions queue up. Refusals: NOT_FOUND (the scope must cover the proposal's
 * organisation), PROPOSAL_STATE, SELF_APPROVAL (the proposer, or who counts as one person with
 * them), DRY_RUN_STALE (another digest was signed), ALREADY_EXISTS (the person has decided).
 */
export async function decideProposal(
  tx: Tx,
  id: string,
  decision: SignedDecision,
  now: Instant,
): Promise<Proposal> {
  const { personId, principalId, orgPaths, digest, statement } = decision
  const { proposalDecisions: made } = tx.tables
  await readProposal(tx, id, orgPaths)
  const proposal = await end(tx, id, 'proposed', null)
  if (await countAsOne(tx, personId, [proposal.proposedByPerson])) {
    throw new Refusal('SELF_APPROVAL')
  }
  if (!equal(proposal.digest, digest)) throw new Refusal('DRY_RUN_STALE')
  const before = await tx.select().from(made).where(eq(made.proposalId, id))
  const deciders = before.map((one) => one.personId)
  if (await countAsOne(tx, personId, deciders)) {
    throw new Refusal('ALREADY_EXISTS', { what: 'approval' })
  }
  const row = { proposalId: id, personId, principalId, statement, at: now }
  await tx.insert(made).values({ ...row, decision: decision.decision })
  if (decision.decision === 'reject') return end(tx, id, 'rejected', now)
  const given = await tx.$count(made, and(eq(made.proposalId, id), eq(made.decision, 'approve')))
  if (given < proposal.approvalsNeeded) return proposal
  return end(tx, id, 'carried_out', now)
}

/** Takes a proposal back, by whoever made it. Refusals NOT_FOUND, FORBIDDEN, PROPOSAL_STATE. */
export async function withdrawProposal(
  tx: Tx,
  id: string,
  actor: Actor,
  now: Instant,
): Promise<Proposal> {
  const { proposedByPerson } = await readProposal(tx, id, actor.orgPaths)
  if (proposedByPerson !== actor.personId) throw new Refusal('FORBIDDEN')
  return end(tx, id, 'withdrawn', now)
}

async function end(
  tx: Tx,
  id: string,
  state: ProposalState,
  endedAt: Instant | null,
): Promise<Proposal> {
  const { proposals } = tx.tables
  const [row] = await tx
    .update(proposals)
    .set({ state, endedAt })
    .where(and(eq(proposals.id, id), eq(proposals.state, 'proposed')))
    .returning()
  if (row) return row
  const [ended] = await tx.select().from(proposals).where(eq(proposals.id, id))
  throw ended ? stateRefusal(ended) : new Refusal('NOT_FOUND', { what: 'proposal' })
}

function stateRefusal({ state }: Proposal): Refusal {
  return new Refusal('PROPOSAL_STATE', { state })
}
