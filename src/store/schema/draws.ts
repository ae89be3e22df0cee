import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

export const drawStates = [
  'planned',
  'open',
  'closing',
  'closed',
  'drawn',
  'done',
  'cancelled',
] as const
export const drawModes = ['fair_window', 'lottery'] as const

/** Draws of scarce stock: who asked for a unit, and what fixed the outcome before anybody knew. */
export function drawTables(kit: Kit) {
  const draws = kit.table(
    'draws',
    {
      id: kit.text().primaryKey(),
      benefitId: kit.text().notNull(),
      benefitVersion: kit.count().notNull(),
      mode: kit.choice(drawModes).notNull(),
      state: kit.choice(drawStates).notNull(),
      opensAt: kit.instant().notNull(),
      closesAt: kit.instant().notNull(),
      /** Units to be given. */
      units: kit.amount().notNull(),
      /** 32 octets, AES-256-GCM under the node's data key, until the draw is over. */
      sealedSeed: kit.bytes(),
      /** SHA-256 of the seed: what the opening leaf says of it. */
      seedHash: kit.bytes(),
      /** Verifier key of the outside key that signs the closing leaf; none: trust the operator. */
      witness: kit.text(),
      openEntryId: kit.text(),
      openLeaf: kit.bytes(),
      /** Entrants, counted when it closed. */
      entrants: kit.amount(),
      closeEntryId: kit.text(),
      closeLeaf: kit.bytes(),
      runEntryId: kit.text(),
      /** 64 octets of the outside key; none of a draw without one. */
      signature: kit.bytes(),
      /** The seed itself, once the draw is over. */
      seed: kit.bytes(),
      drawnAt: kit.instant(),
      /** Ranks before this one were offered a unit. */
      cursor: kit.amount().notNull(),
      /** Ranks before this one are to be offered one in this round. */
      target: kit.amount().notNull(),
      round: kit.count().notNull(),
      /** When units that came back are offered to the next in rank. */
      againAt: kit.instant(),
      createdAt: kit.instant().notNull(),
    },
    (t) => [
      kit.uniqueIndex('draws_benefit').on(t.benefitId),
      kit.index('draws_waiting').on(t.id).where(sql`state not in ('done', 'cancelled')`),
      kit.check('draws_times', sql`${t.opensAt} < ${t.closesAt}`),
      kit.check('draws_ranks', sql`${t.cursor} between 0 and ${t.target}`),
    ],
  )

  /** Parts of a draw's entrance, so that entrants do not wait for each other at one row. */
  const drawGates = kit.table(
    'draw_gates',
    {
      drawId: kit.text().notNull(),
      gate: kit.count().notNull(),
      opensAt: kit.instant().notNull(),
      closesAt: kit.instant().notNull(),
      shut: kit.flag().notNull(),
      entrants: kit.amount().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.drawId, t.gate] }),
      kit.check('draw_gates_entrants', sql`${t.entrants} >= 0`),
    ],
  )

  /** A person's entry: the key is one each. Distributed by `bucket`. */
  const drawEntries = kit.table(
    'draw_entries',
    {
      bucket: kit.count().notNull(),
      drawId: kit.text().notNull(),
      personId: kit.text().notNull(),
      memberId: kit.text().notNull(),
      /** Random, of this draw alone: how the published list calls the entrant. */
      pseudonym: kit.text().notNull(),
      at: kit.instant().notNull(),
      entryId: kit.text().notNull(),
      leafHash: kit.bytes().notNull(),
      /** The offer, once the entrant won one. */
      voucherId: kit.text(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.drawId, t.personId] }),
      kit.uniqueIndex('draw_entries_pseudonym').on(t.bucket, t.drawId, t.pseudonym),
      kit.index('draw_entries_draw').on(t.drawId, t.pseudonym),
    ],
  )

  return { draws, drawGates, drawEntries }
}
