import { and, desc, eq, inArray } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { portraitFault } from '../formats/jpeg.ts'
import { seal, unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { portraitReasons } from '../store/schema/portraits.ts'
import type { Reader, Tx } from '../store/store.ts'
import { recordMemberEvents } from './member-events.ts'
import { memberKeyOf } from './member-keys.ts'
import { tellMember } from './messages.ts'
import { countAsOne } from './vouching.ts'

export type Portrait = Reader['tables']['portraits']['$inferSelect']
export type PortraitReason = (typeof portraitReasons)[number]

const historyLength = 50
/** What a portrait that counts no more keeps of the picture. */
const nothing = { sealed: null, digest: null }

/**
 * Takes a member's portrait: it waits, in place of one that waited before; one that was accepted
 * stays until the union has accepted the new one. Sealed under the member's data key.
 *
 * Refusals: PICTURE_UNFIT (`why`: a `PictureFault`), NOT_FOUND for who was erased,
 * ALREADY_EXISTS when another was given at the same moment.
 */
export async function givePortrait(
  tx: Tx,
  node: ThisNode,
  given: { readonly memberId: string; readonly jpeg: Uint8Array; readonly now: Instant },
): Promise<Portrait> {
  const { memberId, jpeg, now } = given
  const why = portraitFault(jpeg)
  if (why) throw new Refusal('PICTURE_UNFIT', { why })
  const key = await memberKeyOf(tx, node, memberId)
  if (!key) throw new Refusal('NOT_FOUND', { what: 'member' })
  const { portraits: p } = tx.tables
  await dropWaiting(tx, memberId)
  const id = newId(now)
  const sealed = seal(key, jpeg, purpose(id))
  const digest = toBase64url(sha256(jpeg))
  const [made] = await tx
    .insert(p)
    .values({ id, memberId, state: 'waiting', sealed, digest, givenAt: now })
    .onConflictDoNothing()
    .returning()
  if (!made) throw new Refusal('ALREADY_EXISTS', { what: 'portrait' })
  return made
}

/**
 * Takes a member's portraits back, the waiting and the accepted one; credentials that state the
 * accepted one follow. Refusal NOT_FOUND when there is neither.
 */
export async function removePortraits(
  tx: Tx,
  { memberId, now }: { readonly memberId: string; readonly now: Instant },
): Promise<void> {
  const accepted = await endAccepted(tx, memberId, 'removed')
  const waiting = await dropWaiting(tx, memberId)
  if (accepted + waiting === 0) throw new Refusal('NOT_FOUND', { what: 'portrait' })
  if (accepted > 0) await recordMemberEvents(tx, [{ memberId, kind: 'changed' }], now)
}

/** What staff decide about a waiting portrait. */
export interface PortraitDecision {
  readonly id: string
  readonly by: { readonly principalId: string; readonly personId: string }
  /** None: it is accepted. */
  readonly reason: PortraitReason | undefined
  readonly now: Instant
}

/**
 * Accepts a waiting portrait, or refuses it and forgets the picture; once, by one conditional
 * statement. What was accepted takes the place of the one before, and the member's credentials
 * follow. Refusals: NOT_FOUND, VERSION_CONFLICT {state}, SELF_APPROVAL (one's own, or that of
 * somebody who counts as one with oneself).
 */
export async function decidePortrait(tx: Tx, decision: PortraitDecision): Promise<Portrait> {
  const { id, by, reason, now } = decision
  const { portraits: p, members: m } = tx.tables
  const { memberId } = await readPortrait(tx, id)
  const [member] = await tx.select({ personId: m.personId }).from(m).where(eq(m.id, memberId))
  if (!member) throw new Refusal('NOT_FOUND', { what: 'portrait' })
  if (await countAsOne(tx, by.personId, [member.personId])) throw new Refusal('SELF_APPROVAL')
  if (!reason) await endAccepted(tx, memberId, 'replaced')
  const outcome = reason
    ? { state: 'refused' as const, reason, ...nothing }
    : { state: 'accepted' as const }
  const [decided] = await tx
    .update(p)
    .set({ ...outcome, decidedAt: now, decidedBy: by.principalId })
    .where(and(eq(p.id, id), eq(p.state, 'waiting')))
    .returning()
  if (!decided) {
    const { state } = await readPortrait(tx, id)
    throw new Refusal('VERSION_CONFLICT', { state })
  }
  if (!reason) await recordMemberEvents(tx, [{ memberId, kind: 'changed' }], now)
  const kind = reason ? 'portrait_refused' : 'portrait_accepted'
  await tellMember(tx, { memberId, kind, subject: id }, now)
  return decided
}

/** A portrait by its id. Refusal NOT_FOUND. */
export async function readPortrait(reader: Reader, id: string): Promise<Portrait> {
  const { portraits: p } = reader.tables
  const [row] = await reader.select().from(p).where(eq(p.id, id))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'portrait' })
  return row
}

/** The last fifty portraits of a member, the latest first. */
export function portraitsOf(reader: Reader, memberId: string): Promise<Portrait[]> {
  const { portraits: p } = reader.tables
  return reader
    .select()
    .from(p)
    .where(eq(p.memberId, memberId))
    .orderBy(desc(p.id))
    .limit(historyLength)
}

/** The JPEG of a portrait; `undefined` once it is kept no more. */
export async function openPortrait(
  reader: Reader,
  node: ThisNode,
  { id, memberId, sealed }: Portrait,
): Promise<Uint8Array | undefined> {
  if (sealed === null) return undefined
  const key = await memberKeyOf(reader, node, memberId)
  return key && unseal(key, sealed, purpose(id))
}

/** Forgets everything about the portraits of members who are erased. */
export async function erasePortraits(tx: Tx, memberIds: readonly string[]): Promise<void> {
  const { portraits: p } = tx.tables
  await tx.delete(p).where(inArray(p.memberId, [...memberIds]))
}

/** Ends what was accepted, and forgets its picture. Answers how many there were: one or none. */
async function endAccepted(
  tx: Tx,
  memberId: string,
  state: 'replaced' | 'removed',
): Promise<number> {
  const { portraits: p } = tx.tables
  const ended = await tx
    .update(p)
    .set({ state, ...nothing })
    .where(and(eq(p.memberId, memberId), eq(p.state, 'accepted')))
    .returning({ id: p.id })
  return ended.length
}

/** Nobody has decided about it: nothing of it is kept, however often a phone gives another. */
async function dropWaiting(tx: Tx, memberId: string): Promise<number> {
  const { portraits: p } = tx.tables
  const dropped = await tx
    .delete(p)
    .where(and(eq(p.memberId, memberId), eq(p.state, 'waiting')))
    .returning({ id: p.id })
  return dropped.length
}

function purpose(id: string): string {
  return `portrait:${id}`
}
