import { lte, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { statement, type Tx } from '../store/store.ts'

const consume = statement<{ scope: string; nonce: string; expiresAt: number }>()((db) =>
  db
    .insert(db.tables.nonces)
    .values({
      scope: sql.placeholder('scope'),
      nonce: sql.placeholder('nonce'),
      expiresAt: sql.placeholder('expiresAt'),
    })
    .onConflictDoNothing()
    .returning({ nonce: db.tables.nonces.nonce }),
)

/** A nonce or token identifier that is good once. `scope` keeps its users apart. */
export interface Nonce {
  readonly scope: string
  readonly nonce: string
  /** Until when the proof that carries it could be shown again. */
  readonly expiresAt: Instant
}

/** Uses a nonce up, in the transaction of what it proves. PROOF_REPLAYED the second time. */
export async function consumeNonce(tx: Tx, { scope, nonce, expiresAt }: Nonce): Promise<void> {
  const taken = await tx.perform(consume, { scope, nonce, expiresAt })
  if (taken.length === 0) throw new Refusal('PROOF_REPLAYED')
}

/** Forgets nonces whose proofs have expired by themselves. */
export async function forgetNonces(tx: Tx, now: Instant): Promise<void> {
  const { nonces } = tx.tables
  await tx.delete(nonces).where(lte(nonces.expiresAt, now))
}
