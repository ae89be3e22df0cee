import { and, asc, eq, gt, isNull, or } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { liesWithin } from './organisation-search.ts'

/** A code as staff see it afterwards: what is printed is told once. */
export type JoinCode = Omit<Reader['tables']['joinCodes']['$inferSelect'], 'codeHash'>

/**
 * Makes a code of 128 bits that a union prints: whoever has it may apply to `orgCode`, until
 * `endsAt` or until it is revoked. It names the organisation by being looked up, and is stored as
 * a keyed hash.
 */
export async function issueJoinCode(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly orgCode: string
    readonly note: string
    readonly endsAt: Instant | null
    /** Id of the principal. */
    readonly createdBy: string
    readonly now: Instant
    readonly random?: Random
  },
): Promise<{ code: string; made: JoinCode }> {
  const { orgCode, note, endsAt, createdBy, now, random = systemRandom } = given
  const code = toBase64url(random(16))
  const made = {
    ...{ id: newId(now), orgCode, note, createdBy, createdAt: now },
    ...{ endsAt, revokedAt: null },
  }
  await tx.insert(tx.tables.joinCodes).values({ ...made, codeHash: hashOf(node, code) })
  return { code, made }
}

/** The codes of the organisations at or below `within`, by id; one more than `limit`. */
export async function listJoinCodes(
  reader: Reader,
  within: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<JoinCode[]> {
  const { joinCodes: c } = reader.tables
  const rows = await reader
    .select()
    .from(c)
    .where(and(await liesWithin(reader, c.orgCode, within), gt(c.id, after)))
    .orderBy(asc(c.id))
    .limit(limit + 1)
  return rows.map(({ codeHash: _, ...rest }) => rest)
}

/** A code by its id. Refusal NOT_FOUND. */
export async function readJoinCode(reader: Reader, id: string): Promise<JoinCode> {
  const { joinCodes: c } = reader.tables
  const [row] = await reader.select().from(c).where(eq(c.id, id))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'join_code' })
  const { codeHash: _, ...rest } = row
  return rest
}

/** Ends a code for ever; applications that came by it stay. Refusal NOT_FOUND when it is ended. */
export async function revokeJoinCode(tx: Tx, id: string, now: Instant): Promise<void> {
  const { joinCodes: c } = tx.tables
  const ended = await tx
    .update(c)
    .set({ revokedAt: now })
    .where(and(eq(c.id, id), isNull(c.revokedAt)))
    .returning({ id: c.id })
  if (ended.length === 0) throw new Refusal('NOT_FOUND', { what: 'join_code' })
}

/** The code that is good at `now`. An unknown, a revoked and an ended one are alike: none. */
export async function openJoinCode(
  reader: Reader,
  node: ThisNode,
  code: string,
  now: Instant,
): Promise<{ id: string; orgCode: string; orgName: string } | undefined> {
  const { joinCodes: c, organisations: o } = reader.tables
  const [row] = await reader
    .select({ id: c.id, orgCode: c.orgCode, orgName: o.nameZh })
    .from(c)
    .innerJoin(o, eq(o.code, c.orgCode))
    .where(
      and(
        eq(c.codeHash, hashOf(node, code)),
        isNull(c.revokedAt),
        or(isNull(c.endsAt), gt(c.endsAt, now)),
      ),
    )
  return row
}

function hashOf(node: ThisNode, code: string): Uint8Array {
  return keyedHash(node.hashing, `join:${code}`)
}
