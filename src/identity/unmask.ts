import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm'

import { hour, type Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { lookSteps } from '../store/schema/desk.ts'
import type { Reader, Tx } from '../store/store.ts'
import { recordLook } from './looks.ts'
import { readMember } from './members.ts'
import { subtreeRange } from './organisation-rules.ts'
import { type Principal, scopesOf } from './roles.ts'
import { countAsOne } from './vouching.ts'

export type UnmaskRequest = Reader['tables']['unmaskRequests']['$inferSelect']

/** How long the asking auditor may read the name after another person has agreed. */
export const unmaskedMs = 24 * hour

/**
 * Asks who a member is. The step is on the member's own record. Refusal NOT_FOUND for nobody's id
 * and for members outside the subtrees of whoever asks.
 */
export async function requestUnmask(
  tx: Tx,
  given: { memberId: string; reason: UnmaskRequest['reason']; by: Principal; now: Instant },
): Promise<UnmaskRequest> {
  const { memberId, reason, by, now } = given
  const within = await scopeOver(tx, by, memberId)
  const { unmaskRequests: u } = tx.tables
  const id = newId(now)
  const asker = { requestedBy: by.id, requestedByPerson: by.personId, requestedAt: now }
  const [row] = await tx
    .insert(u)
    .values({ id, memberId, reason, ...asker })
    .returning()
  if (!row) throw new TypeError('an insert answers its row')
  await step(tx, row, { by, within, now, step: 'unmask_asked' })
  return row
}

/** What a second person signs: SHA-256 over who asked for whom, why and when. */
export function unmaskDigest(request: UnmaskRequest): Uint8Array {
  const { id, memberId, reason, requestedBy, requestedAt } = request
  return sha256(JSON.stringify([id, memberId, reason, requestedBy, requestedAt]))
}

/**
 * A request that waits for a decision which this principal may take. Refusals: NOT_FOUND (also out
 * of scope), ALREADY_EXISTS when it was decided.
 */
export async function toDecideUnmask(
  reader: Reader,
  id: string,
  by: Principal,
): Promise<UnmaskRequest> {
  const row = await read(reader, id)
  await scopeOver(reader, by, row.memberId)
  if (row.decision) throw new Refusal('ALREADY_EXISTS', { what: 'decision' })
  return row
}

/**
 * Writes down a decision whose signature the caller has verified. Refusals: NOT_FOUND,
 * SELF_APPROVAL (whoever asked, or who counts as one person with them), PROOF_INVALID (another
 * request was signed), ALREADY_EXISTS.
 */
export async function decideUnmask(
  tx: Tx,
  id: string,
  given: {
    readonly by: Principal
    readonly decision: 'approve' | 'reject'
    readonly digest: Uint8Array
    readonly evidence: string
    readonly now: Instant
  },
): Promise<UnmaskRequest> {
  const { by, decision, digest, evidence, now } = given
  const asked = await read(tx, id)
  const within = await scopeOver(tx, by, asked.memberId)
  if (await countAsOne(tx, by.personId, [asked.requestedByPerson])) {
    throw new Refusal('SELF_APPROVAL')
  }
  if (Buffer.compare(unmaskDigest(asked), digest) !== 0) throw new Refusal('PROOF_INVALID')
  const { unmaskRequests: u } = tx.tables
  const decider = { decidedBy: by.id, decidedByPerson: by.personId, decidedAt: now }
  const [row] = await tx
    .update(u)
    .set({ decision, evidence, ...decider })
    .where(and(eq(u.id, id), isNull(u.decision)))
    .returning()
  if (!row) throw new Refusal('ALREADY_EXISTS', { what: 'decision' })
  const name = decision === 'approve' ? 'unmask_approved' : 'unmask_rejected'
  await step(tx, row, { by, within, now, step: name })
  return row
}

/**
 * Who the member is, for the one who asked, until a day after the approval; each reading is on the
 * member's record. Refusals: NOT_FOUND (also another's request), FORBIDDEN (not approved, or over).
 */
export async function unmask(
  tx: Tx,
  node: ThisNode,
  { id, by, now }: { id: string; by: Principal; now: Instant },
): Promise<{ name: string; memberNo: string; until: Instant }> {
  const row = await read(tx, id)
  if (row.requestedBy !== by.id) throw new Refusal('NOT_FOUND')
  const within = await scopeOver(tx, by, row.memberId)
  const until = unmaskedUntil(row)
  if (until === undefined || now >= until) throw new Refusal('FORBIDDEN')
  const member = await readMember(tx, node, { id: row.memberId }, within)
  if (!member) throw new Refusal('NOT_FOUND')
  await step(tx, row, { by, within, now, step: 'unmasked' })
  return { name: member.name, memberNo: member.memberNo, until }
}

/** Until when an approved request opens; `undefined` for one that was not approved. */
export function unmaskedUntil({ decision, decidedAt }: UnmaskRequest): Instant | undefined {
  return decision === 'approve' && decidedAt !== null ? decidedAt + unmaskedMs : undefined
}

/** The requests about members within these subtrees, the latest first, before an id. */
export async function unmaskRequestsWithin(
  reader: Reader,
  orgPaths: readonly string[],
  { before, limit }: { before: string; limit: number },
): Promise<UnmaskRequest[]> {
  const { unmaskRequests: u, members: m, organisations: o } = reader.tables
  const inside = orgPaths.map((path) => {
    const { from, to } = subtreeRange(path)
    return sql`(${o.path} >= ${from} and ${o.path} < ${to})`
  })
  const older = before === '' ? undefined : lt(u.id, before)
  const rows = await reader
    .select({ request: u })
    .from(u)
    .innerJoin(m, eq(m.id, u.memberId))
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(and(older, sql`(${sql.join(inside, sql` or `)})`))
    .orderBy(desc(u.id))
    .limit(limit)
  return rows.map(({ request }) => request)
}

async function read(reader: Reader, id: string): Promise<UnmaskRequest> {
  const { unmaskRequests: u } = reader.tables
  const [row] = await reader.select().from(u).where(eq(u.id, id))
  if (!row) throw new Refusal('NOT_FOUND')
  return row
}

/** The subtree of theirs in which an auditor meets this member. Refusal NOT_FOUND. */
async function scopeOver(reader: Reader, by: Principal, memberId: string): Promise<string> {
  const { members: m, organisations: o } = reader.tables
  const [row] = await reader
    .select({ path: o.path })
    .from(m)
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(eq(m.id, memberId))
  const within = scopesOf(by, 'audit.read').find((scope) => row?.path.startsWith(scope))
  if (within === undefined) throw new Refusal('NOT_FOUND')
  return within
}

function step(
  tx: Tx,
  { memberId }: UnmaskRequest,
  given: { by: Principal; within: string; now: Instant; step: (typeof lookSteps)[number] },
): Promise<void> {
  return recordLook(tx, { memberId, permission: 'audit.read', reason: 'check', ...given })
}
