import { eq, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { Reader, Tx } from '../store/store.ts'

/**
 * Whether a person counts as one of `others` when duties are separated. Everybody counts as
 * themselves, and as whoever has registered them or a program of theirs with nobody else's
 * confirmation, and so on up: for all that the node knows, these may be one human being
 * (`docs/decisions/0007-vouching.md`).
 */
export async function countAsOne(
  reader: Reader,
  person: string,
  others: readonly string[],
): Promise<boolean> {
  if (others.length === 0) return false
  const theirs = await countedAs(reader, others)
  return [...(await countedAs(reader, [person]))].some((one) => theirs.has(one))
}

/**
 * Confirms, as another person than its registrar, that a principal is whose it is said to be.
 * Refusals: NOT_FOUND, SELF_APPROVAL (whoever counts as one of those whose word is asked for),
 * ALREADY_EXISTS.
 */
export async function confirmPrincipal(
  tx: Tx,
  given: { principalId: string; by: { principalId: string; personId: string }; now: Instant },
): Promise<void> {
  const { principalId, by, now } = given
  const { confirmations, principals } = tx.tables
  const [held] = await tx.select().from(principals).where(eq(principals.id, principalId))
  if (!held) throw new Refusal('NOT_FOUND')
  if (await countAsOne(tx, by.personId, [held.personId])) throw new Refusal('SELF_APPROVAL')
  const [added] = await tx
    .insert(confirmations)
    .values({ principalId, confirmedBy: by.principalId, at: now })
    .onConflictDoNothing()
    .returning({ principalId: confirmations.principalId })
  if (!added) throw new Refusal('ALREADY_EXISTS', { what: 'confirmation' })
}

async function countedAs(reader: Reader, persons: readonly string[]): Promise<Set<string>> {
  const all = new Set(persons)
  // A set goes on through what is added to it meanwhile.
  for (const person of all) {
    for (const registrar of await soleRegistrars(reader, person)) all.add(registrar)
  }
  return all
}

/** The persons on whose word alone a principal of `person` stands. */
async function soleRegistrars(reader: Reader, person: string): Promise<string[]> {
  const rows = await reader.rows<{ registrar: string }>(
    sql`select r.person_id as registrar from principals p
      join principals r on r.id = p.registered_by
      where p.person_id = ${person}
        and not exists (select 1 from confirmations c where c.principal_id = p.id)`,
  )
  return rows.map(({ registrar }) => registrar)
}
