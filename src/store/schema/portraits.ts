import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

/** What was accepted ends `replaced` by the next one accepted, or `removed` by the member. */
export const portraitStates = ['waiting', 'accepted', 'refused', 'replaced', 'removed'] as const

/** Why a portrait is refused. Closed: a free text would be about a face. */
export const portraitReasons = [
  ...(['not_one_face', 'unclear', 'covered', 'not_the_member', 'unsuitable'] as const),
] as const

/** Members' portraits: given by the phone, of no account until the union has accepted them. */
export function portraitTables(kit: Kit) {
  const portraits = kit.table(
    'portraits',
    {
      id: kit.text().primaryKey(),
      memberId: kit.text().notNull(),
      state: kit.choice(portraitStates).notNull(),
      /** The JPEG, AES-256-GCM under the member's data key; none once it counts for nothing. */
      sealed: kit.bytes(),
      /** base64url of SHA-256 of the JPEG, as `photo_digest` states it; gone with `sealed`. */
      digest: kit.text(),
      givenAt: kit.instant().notNull(),
      decidedAt: kit.instant(),
      /** The principal. */
      decidedBy: kit.text(),
      reason: kit.choice(portraitReasons),
    },
    (t) => [
      kit.index('portraits_member').on(t.memberId, t.id),
      kit.uniqueIndex('portraits_waiting').on(t.memberId).where(sql`state = 'waiting'`),
      kit.uniqueIndex('portraits_accepted').on(t.memberId).where(sql`state = 'accepted'`),
      kit.index('portraits_queue').on(t.id).where(sql`state = 'waiting'`),
    ],
  )

  return { portraits }
}
