import { and, eq, gt, isNull, sql } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import { type Instant, minute } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { type Reader, statement, type Tx } from '../store/store.ts'

export type Terminal = Tx['tables']['terminals']['$inferSelect']

/** How long a provisioning code lives. */
export const provisioningMinutes = 15

/** Registers a terminal of a store. It can do nothing until it is provisioned. */
export async function createTerminal(
  tx: Tx,
  { storeId, name, now }: { storeId: string; name: string; now: Instant },
): Promise<Terminal> {
  const row: Terminal = {
    id: newId(now),
    storeId,
    name,
    spki: null,
    provisionedAt: null,
    revokedAt: null,
    createdAt: now,
  }
  await tx.insertMany(tx.tables.terminals, [row])
  return row
}

/** Makes a one-time code with which the terminal registers its key. Answered once. */
export async function issueProvisioning(
  tx: Tx,
  node: ThisNode,
  given: { terminalId: string; now: Instant; random?: Random },
): Promise<{ token: string; expiresAt: Instant }> {
  const token = toBase64url((given.random ?? systemRandom)(24))
  const expiresAt = given.now + provisioningMinutes * minute
  const tokenHash = hashOf(node, token)
  const { terminalId } = given
  await tx.insert(tx.tables.provisionings).values({ tokenHash, terminalId, expiresAt })
  return { token, expiresAt }
}

/**
 * Gives a terminal its key: the caller has verified possession. A key given before is replaced.
 * Refusals: ACTIVATION_INVALID (unknown, used or expired code), TERMINAL_REVOKED.
 */
export async function provision(
  tx: Tx,
  node: ThisNode,
  { token, spki, now }: { token: string; spki: Uint8Array; now: Instant },
): Promise<Terminal> {
  const { provisionings, terminals } = tx.tables
  const [used] = await tx
    .update(provisionings)
    .set({ usedAt: now })
    .where(
      and(
        eq(provisionings.tokenHash, hashOf(node, token)),
        isNull(provisionings.usedAt),
        gt(provisionings.expiresAt, now),
      ),
    )
    .returning({ terminalId: provisionings.terminalId })
  if (!used) throw new Refusal('ACTIVATION_INVALID')
  const [terminal] = await tx
    .update(terminals)
    .set({ spki, provisionedAt: now })
    .where(and(eq(terminals.id, used.terminalId), isNull(terminals.revokedAt)))
    .returning()
  if (!terminal) throw new Refusal('TERMINAL_REVOKED')
  return terminal
}

/** Ends a terminal for ever; its next request fails. Refusal NOT_FOUND. */
export async function revokeTerminal(tx: Tx, id: string, now: Instant): Promise<void> {
  const { terminals } = tx.tables
  const gone = await tx
    .update(terminals)
    .set({ revokedAt: now })
    .where(and(eq(terminals.id, id), isNull(terminals.revokedAt)))
    .returning({ id: terminals.id })
  if (gone.length === 0) throw new Refusal('NOT_FOUND')
}

const readTerminal = statement<{ id: string }>()((db) =>
  db
    .select()
    .from(db.tables.terminals)
    .where(eq(db.tables.terminals.id, sql.placeholder('id'))),
)

/** A terminal by id, whatever its state. */
export async function terminalById(reader: Reader, id: string): Promise<Terminal | undefined> {
  return (await reader.perform(readTerminal, { id }))[0]
}

function hashOf(node: ThisNode, token: string): Uint8Array {
  return keyedHash(node.hashing, `provisioning:${token}`)
}
