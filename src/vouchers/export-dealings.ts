import { and, asc, eq } from 'drizzle-orm'

import { factsOfDecision } from '../benefits/decision-receipt.ts'
import { openApplicant, openReason } from '../identity/applicant.ts'
import { memberKeyOf } from '../identity/member-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader } from '../store/store.ts'
import { mostRows, plainRow, plainRows } from './export-row.ts'

/** Whose rows they are. */
export interface Owner {
  readonly memberId: string
  readonly bucket: number
  readonly personId: string
}

/** How the member came in and had phones and wallets set up, as far as rows of it are kept. */
export async function gettingIn(reader: Reader, node: ThisNode, { memberId }: Owner) {
  const { activations: a, applications: p, joinings: j, phoneMoves: m } = reader.tables
  const { credentialOffers: o, walletGrants: g } = reader.tables
  const applied = await reader.select().from(p).where(eq(p.memberId, memberId)).limit(mostRows)
  const offers = await reader.select().from(o).where(eq(o.memberId, memberId)).limit(mostRows)
  const grants = await reader.select().from(g).where(eq(g.memberId, memberId)).limit(mostRows)
  return {
    activations: plainRows(
      await reader.select().from(a).where(eq(a.memberId, memberId)).limit(mostRows),
    ),
    applications: applied.map((row) =>
      plainRow({ ...row, ...openApplicant(node, row), reason: openReason(node, row) }),
    ),
    joinings: plainRows(
      await reader
        .select({ id: j.id, at: j.at, welcomedAt: j.welcomedAt })
        .from(j)
        .where(eq(j.memberId, memberId))
        .limit(mostRows),
    ),
    phone_moves: plainRows(
      await reader.select().from(m).where(eq(m.memberId, memberId)).limit(mostRows),
    ),
    // Whoever has an offer's id has the offer.
    credential_offers: offers.map((row) => plainRow({ ...row, id: null })),
    wallet_grants: grants.map((row) => plainRow({ ...row, offerId: null })),
  }
}

/** What the member was considered for: draws and their end, lists, previews and decisions. */
export async function consideredFor(reader: Reader, node: ThisNode, owner: Owner) {
  const { bucket, memberId } = owner
  const { decisionReceipts: r, listMembers: m, lists: l } = reader.tables
  const { dryRunMembers: u, dryRuns: d, batchLeftOut: x } = reader.tables
  const key = await memberKeyOf(reader, node, memberId)
  const decided = await reader
    .select()
    .from(r)
    .where(and(eq(r.bucket, bucket), eq(r.memberId, memberId)))
    .orderBy(asc(r.id))
    .limit(mostRows)
  return {
    draws: await drawsOf(reader, owner),
    lists: plainRows(
      await reader
        .select({ name: l.name, orgCode: l.orgCode })
        .from(m)
        .innerJoin(l, eq(l.id, m.listId))
        .where(eq(m.memberId, memberId))
        .limit(mostRows),
    ),
    batch_previews: plainRows(
      await reader
        .select({ batchId: d.batchId, at: d.createdAt })
        .from(u)
        .innerJoin(d, eq(d.id, u.dryRunId))
        .where(eq(u.memberId, memberId))
        .limit(mostRows),
    ),
    left_out: plainRows(
      await reader.select().from(x).where(eq(x.memberId, memberId)).limit(mostRows),
    ),
    decisions: decided.map((row) =>
      plainRow({ ...row, factHashes: null, facts: key && factsOfDecision(key, row) }),
    ),
  }
}

/** The person's own accounts at a desk, if they have one: what they did there is not about them. */
export async function deskAccounts(reader: Reader, { personId }: Owner) {
  const { principals: p } = reader.tables
  const fields = { kind: p.kind, name: p.name, createdAt: p.createdAt, revokedAt: p.revokedAt }
  const found = await reader.select(fields).from(p).where(eq(p.personId, personId)).limit(mostRows)
  return { accounts: plainRows(found) }
}

/** Draws entered, and whether a unit was offered. */
async function drawsOf(reader: Reader, { bucket, personId }: Owner) {
  const { drawEntries: e, draws: d } = reader.tables
  const found = await reader
    .select({
      ...{ drawId: e.drawId, benefitId: d.benefitId, mode: d.mode, state: d.state, at: e.at },
      ...{ pseudonym: e.pseudonym, entryId: e.entryId, voucherId: e.voucherId },
      drawnAt: d.drawnAt,
    })
    .from(e)
    .innerJoin(d, eq(d.id, e.drawId))
    .where(and(eq(e.bucket, bucket), eq(e.personId, personId)))
    .limit(mostRows)
  return found.map((row) => plainRow({ ...row, won: row.voucherId !== null }))
}
