import type { Kit } from '../kit.postgres.ts'

export const proposalKinds = ['budget', 'recall', 'extend', 'reissue'] as const
export const proposalStates = ['proposed', 'carried_out', 'rejected', 'withdrawn'] as const

/** What somebody wants done that takes another person's signature. */
export function proposalTables(kit: Kit) {
  /** Never changed but for its state: whoever wants something else proposes anew. */
  const proposals = kit.table(
    'proposals',
    {
      id: kit.text().primaryKey(),
      kind: kit.choice(proposalKinds).notNull(),
      /** What it is about: a programme, a recall, a voucher. */
      subject: kit.text().notNull(),
      programmeId: kit.text().notNull(),
      /** Whoever decides must reach this organisation. */
      orgCode: kit.text().notNull(),
      /** JSON text, in the form that the digest is made of. */
      content: kit.text().notNull(),
      /** SHA-256 of `content`, which names the proposal: what approvers sign. */
      digest: kit.bytes().notNull(),
      /** Fen it is about; below nothing where money goes back to the fund. */
      amount: kit.amount().notNull(),
      reason: kit.text().notNull(),
      state: kit.choice(proposalStates).notNull(),
      approvalsNeeded: kit.count().notNull(),
      proposedBy: kit.text().notNull(),
      proposedByPerson: kit.text().notNull(),
      proposedAt: kit.instant().notNull(),
      endedAt: kit.instant(),
    },
    (t) => [
      kit.index('proposals_state').on(t.state, t.id),
      kit.index('proposals_subject').on(t.subject, t.id),
    ],
  )

  const proposalDecisions = kit.table(
    'proposal_decisions',
    {
      proposalId: kit.text().notNull(),
      personId: kit.text().notNull(),
      principalId: kit.text().notNull(),
      decision: kit.choice(['approve', 'reject']).notNull(),
      /** The signed statement itself, as of a batch. */
      statement: kit.text().notNull(),
      at: kit.instant().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.proposalId, t.personId] })],
  )

  return { proposals, proposalDecisions }
}
