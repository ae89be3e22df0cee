import { and, asc, desc, eq, gt, inArray, lt, sql } from 'drizzle-orm'

import { day, type Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { type PublicJwk, spkiOf } from '../keys/es256.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { applicationStates } from '../store/schema/joining.ts'
import type { Reader, Tx } from '../store/store.ts'
import { type Applicant, sealApplicant } from './applicant.ts'
import { thumbprintOf } from './devices.ts'
import { liesWithin } from './organisation-search.ts'
import { hashIdentity } from './roster-prepare.ts'

export type Application = Reader['tables']['applications']['$inferSelect']
export type ApplicationState = (typeof applicationStates)[number]

/** How long a rejected application is kept, and one that nobody decides. */
const rejectedDays = 30
const openDays = 180

/** What is sent, and by which key; the caller has verified possession of it. */
export interface Sent {
  readonly applicant: Applicant
  readonly jwk: PublicJwk
  readonly now: Instant
}

/**
 * Writes an application down. Nobody is looked up: what a stranger is told, and how long that
 * takes, does not depend on whom the node knows. Refusals: ALREADY_EXISTS (this key has applied),
 * VALIDATION_FAILED (no P-256 key).
 */
export async function apply(
  tx: Tx,
  node: ThisNode,
  { applicant, jwk, now, orgCode, joinCodeId }: Sent & { orgCode: string; joinCodeId: string },
): Promise<Application> {
  const spki = spkiOf(jwk)
  if (!spki) throw new Refusal('VALIDATION_FAILED', { issues: ['jwk: not a P-256 public key'] })
  const id = newId(now)
  const [made] = await tx
    .insert(tx.tables.applications)
    .values({
      ...{ id, orgCode, joinCodeId, state: 'waiting', version: 1, createdAt: now },
      idHash: hashIdentity(node, applicant.idType, applicant.idNumber),
      sealed: sealApplicant(node, id, applicant),
      thumbprint: thumbprintOf(jwk),
      spki,
    })
    .onConflictDoNothing()
    .returning()
  if (!made) throw new Refusal('ALREADY_EXISTS', { what: 'application' })
  return made
}

/**
 * Sends an application again that staff have asked more for. Refusals: NOT_FOUND (this key has not
 * applied), VERSION_CONFLICT {state} when nothing was asked.
 */
export async function amendApplication(
  tx: Tx,
  node: ThisNode,
  { applicant, jwk }: Sent,
): Promise<Application> {
  const { applications: a } = tx.tables
  const before = await applicationOfKey(tx, thumbprintOf(jwk))
  if (!before) throw new Refusal('NOT_FOUND', { what: 'application' })
  const { id } = before
  const [sent] = await tx
    .update(a)
    .set({
      state: 'waiting',
      version: sql`${a.version} + 1`,
      idHash: hashIdentity(node, applicant.idType, applicant.idNumber),
      sealed: sealApplicant(node, id, applicant),
      sealedReason: null,
    })
    .where(and(eq(a.id, id), eq(a.state, 'more_needed')))
    .returning()
  if (!sent) throw new Refusal('VERSION_CONFLICT', { state: before.state })
  return sent
}

/** The latest application by a key, whatever became of it. */
export async function applicationOfKey(
  reader: Reader,
  thumbprint: string,
): Promise<Application | undefined> {
  const { applications: a } = reader.tables
  const [row] = await reader
    .select()
    .from(a)
    .where(eq(a.thumbprint, thumbprint))
    .orderBy(desc(a.id))
    .limit(1)
  return row
}

/** An application by its id. Refusal NOT_FOUND. */
export async function readApplication(reader: Reader, id: string): Promise<Application> {
  const { applications: a } = reader.tables
  const [row] = await reader.select().from(a).where(eq(a.id, id))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'application' })
  return row
}

/** Those of the organisations at or below `within`, the oldest first; one more than `limit`. */
export async function listApplications(
  reader: Reader,
  within: string,
  given: {
    readonly after: string
    readonly limit: number
    readonly state?: ApplicationState | undefined
    readonly fileId?: string | undefined
  },
): Promise<Application[]> {
  const { applications: a } = reader.tables
  const { after, limit, state, fileId } = given
  return reader
    .select()
    .from(a)
    .where(
      and(
        ...[await liesWithin(reader, a.orgCode, within), gt(a.id, after)],
        state && eq(a.state, state),
        fileId === undefined ? undefined : eq(a.fileId, fileId),
      ),
    )
    .orderBy(asc(a.id))
    .limit(limit + 1)
}

/** Forgets rejected applications after 30 days, and those that nobody decides after 180. */
export async function forgetApplications(tx: Tx, now: Instant): Promise<void> {
  const { applications: a } = tx.tables
  const rejected = and(eq(a.state, 'rejected'), lt(a.decidedAt, now - rejectedDays * day))
  const open = inArray(a.state, ['waiting', 'more_needed'])
  await tx.delete(a).where(rejected)
  await tx.delete(a).where(and(open, lt(a.createdAt, now - openDays * day)))
}
