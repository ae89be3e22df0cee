import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

export const batchStates = [
  'draft',
  'ready',
  'submitted',
  'approved',
  'running',
  'paused',
  'completed',
  'cancelled',
  'rejected',
  'recalling',
  'recalled',
] as const
export const batchSources = ['criteria', 'list'] as const
export const batchDeliveries = ['offer', 'active'] as const
/** Why issuing was stopped. */
export const freezeReasons = ['incident', 'fraud_suspected', 'audit', 'budget', 'drill'] as const
/** Why a run left out somebody of its dry run. */
export const leftOutReasons = ['not_entitled', 'cap_reached', 'quota_exhausted'] as const
export const recallStates = ['ready', 'proposed', 'running', 'completed'] as const
export const importKinds = ['members', 'list'] as const
/** One that `waits` is held until somebody has looked at what its columns were taken for. */
export const importStates = ['waiting', 'running', 'completed', 'failed'] as const
export const importParts = ['file', 'name', 'refused'] as const
/** Whether one refused row keeps all others out. */
export const importPolicies = ['accept_good', 'all_or_nothing'] as const

/** Acts of issuing, and files that came in. */
export function batchTables(kit: Kit) {
  const batches = kit.table(
    'batches',
    {
      id: kit.text().primaryKey(),
      benefitId: kit.text().notNull(),
      benefitVersion: kit.count().notNull(),
      programmeId: kit.text().notNull(),
      /** Issuing reaches members below this organisation only. */
      orgCode: kit.text().notNull(),
      source: kit.choice(batchSources).notNull(),
      /** JSON text; always set: the benefit's own rule, or narrower. */
      criteria: kit.text().notNull(),
      listId: kit.text(),
      delivery: kit.choice(batchDeliveries).notNull(),
      note: kit.text().notNull(),
      state: kit.choice(batchStates).notNull(),
      version: kit.count().notNull(),
      createdBy: kit.text().notNull(),
      dryRunId: kit.text(),
      approvalsNeeded: kit.count().notNull(),
      /** The last member dealt with; a run goes on behind it. */
      cursor: kit.text().notNull(),
      chunks: kit.count().notNull(),
      issued: kit.amount().notNull(),
      dropped: kit.amount().notNull(),
      /** How often those whom the run left out were tried again. */
      retries: kit.count().notNull().default(0),
      recalled: kit.amount().notNull(),
      createdAt: kit.instant().notNull(),
      startedAt: kit.instant(),
      finishedAt: kit.instant(),
    },
    (t) => [kit.index('batches_state').on(t.state, t.id)],
  )

  /** Everybody who had a hand in a batch, and so may not approve it. */
  const batchEditors = kit.table(
    'batch_editors',
    { batchId: kit.text().notNull(), personId: kit.text().notNull() },
    (t) => [kit.primaryKey({ columns: [t.batchId, t.personId] })],
  )

  /** What a batch would do, stored with the members it would reach. */
  const dryRuns = kit.table('dry_runs', {
    id: kit.text().primaryKey(),
    batchId: kit.text().notNull(),
    digest: kit.bytes().notNull(),
    /** JSON text: counts, reasons, budget effect, sample. */
    report: kit.text().notNull(),
    createdAt: kit.instant().notNull(),
  })

  const dryRunMembers = kit.table(
    'dry_run_members',
    { dryRunId: kit.text().notNull(), memberId: kit.text().notNull() },
    (t) => [kit.primaryKey({ columns: [t.dryRunId, t.memberId] })],
  )

  const approvals = kit.table(
    'approvals',
    {
      dryRunId: kit.text().notNull(),
      personId: kit.text().notNull(),
      principalId: kit.text().notNull(),
      decision: kit.choice(['approve', 'reject']).notNull(),
      /** The signed statement itself: a JWS over the dry run's digest. */
      statement: kit.text().notNull(),
      at: kit.instant().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.dryRunId, t.personId] })],
  )

  /** Whom a run left out of its dry run's members, and why; gone when a later try issues. */
  const batchLeftOut = kit.table(
    'batch_left_out',
    {
      batchId: kit.text().notNull(),
      memberId: kit.text().notNull(),
      reason: kit.choice(leftOutReasons).notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.batchId, t.memberId] })],
  )

  /** Taking back a chosen part of a batch. What is chosen is fixed when it is tried out. */
  const recalls = kit.table(
    'recalls',
    {
      id: kit.text().primaryKey(),
      batchId: kit.text().notNull(),
      /** JSON text: what was asked for, members by their ids. */
      selection: kit.text().notNull(),
      reason: kit.text().notNull(),
      /** As it is on its own; a proposal it waits for may have ended. */
      state: kit.choice(recallStates).notNull(),
      proposalId: kit.text(),
      count: kit.amount().notNull(),
      /** Fen that would come back. */
      amount: kit.amount().notNull(),
      /** JSON text: how many of what was asked for cannot be taken back, by their state. */
      cannot: kit.text().notNull(),
      /** SHA-256 over the vouchers' ids in their order, each followed by a line feed. */
      vouchersHash: kit.bytes().notNull(),
      cursor: kit.text().notNull(),
      recalled: kit.amount().notNull(),
      /** Fen that came back so far. */
      returned: kit.amount().notNull(),
      createdBy: kit.text().notNull(),
      createdAt: kit.instant().notNull(),
      finishedAt: kit.instant(),
    },
    (t) => [kit.index('recalls_batch').on(t.batchId, t.id), kit.index('recalls_state').on(t.state)],
  )

  const recallVouchers = kit.table(
    'recall_vouchers',
    {
      recallId: kit.text().notNull(),
      bucket: kit.count().notNull(),
      voucherId: kit.text().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.recallId, t.bucket, t.voucherId] })],
  )

  /** One row a committed chunk: what it did, and the entry that says so. */
  const batchChunks = kit.table(
    'batch_chunks',
    {
      batchId: kit.text().notNull(),
      n: kit.count().notNull(),
      kind: kit.choice(['issue', 'recall']).notNull(),
      entryId: kit.text(),
      count: kit.count().notNull(),
      amount: kit.amount().notNull(),
      at: kit.instant().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.batchId, t.kind, t.n] })],
  )

  const imports = kit.table(
    'imports',
    {
      id: kit.text().primaryKey(),
      kind: kit.choice(importKinds).notNull(),
      state: kit.choice(importStates).notNull(),
      listId: kit.text(),
      orgCode: kit.text().notNull(),
      createdBy: kit.text().notNull(),
      bytes: kit.amount().notNull(),
      read: kit.amount().notNull(),
      added: kit.amount().notNull(),
      changed: kit.amount().notNull(),
      unchanged: kit.amount().notNull(),
      refused: kit.amount().notNull(),
      failure: kit.text(),
      startedAt: kit.instant().notNull(),
      finishedAt: kit.instant(),
      /** Of a list that was read to its end: keyed hash of its content's SHA-256. */
      contentHash: kit.bytes(),
      /** What somebody decided about the file before it was read (JSON); none: as it was found. */
      mapping: kit.text(),
      policy: kit.choice(importPolicies),
    },
    (t) => [kit.index('imports_content').on(t.contentHash)],
  )

  /** A refused row; `value` is masked. */
  const importFaults = kit.table(
    'import_faults',
    {
      importId: kit.text().notNull(),
      row: kit.amount().notNull(),
      column: kit.text().notNull(),
      value: kit.text().notNull(),
      code: kit.text().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.importId, t.row] })],
  )

  /**
   * Octets kept for a few days, sealed, in pieces: a file that waits to be read, and the rows of
   * one that were refused, as the file wrote them.
   */
  const importPieces = kit.table(
    'import_pieces',
    {
      importId: kit.text().notNull(),
      part: kit.choice(importParts).notNull(),
      seq: kit.count().notNull(),
      sealed: kit.bytes().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.importId, t.part, t.seq] })],
  )

  /** Somebody has stopped issuing at and below an organisation. At most one stands for each. */
  const freezes = kit.table(
    'freezes',
    {
      id: kit.text().primaryKey(),
      orgCode: kit.text().notNull(),
      reason: kit.choice(freezeReasons).notNull(),
      begunBy: kit.text().notNull(),
      begunByPerson: kit.text().notNull(),
      begunAt: kit.instant().notNull(),
      endedBy: kit.text(),
      endedAt: kit.instant(),
    },
    (t) => [kit.uniqueIndex('freezes_standing').on(t.orgCode).where(sql`ended_at is null`)],
  )

  return {
    freezes,
    batches,
    batchEditors,
    dryRuns,
    dryRunMembers,
    approvals,
    batchChunks,
    batchLeftOut,
    recalls,
    recallVouchers,
    imports,
    importFaults,
    importPieces,
  }
}
