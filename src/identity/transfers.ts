import { and, eq, isNull, ne, or } from 'drizzle-orm'

import { utf8 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { seal, unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { MessageKind } from '../store/schema/messages.ts'
import type { transferSides, transferStates } from '../store/schema/transfers.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { CalendarDate } from './calendar-date.ts'
import { transferMember } from './membership.ts'
import { tellMember } from './messages.ts'
import { readOrganisation } from './organisations.ts'
import { countAsOne } from './vouching.ts'

export type Transfer = Reader['tables']['transfers']['$inferSelect']
export type TransferState = (typeof transferStates)[number]
/** `release`: the union that the member leaves; `receive`: the one that takes them in. */
export type TransferSide = (typeof transferSides)[number]

/** Staff who act for one of the unions. */
export interface TransferActor {
  readonly principalId: string
  readonly personId: string
}

/**
 * Asks for a member's move to another organisation. A union that asks has consented for its side; a
 * member has consented for nobody's. One transfer of a member waits at a time.
 *
 * Refusals: NOT_FOUND (no such organisation), ALREADY_EXISTS (`what`: `membership`, the member is
 * there; `transfer`, one waits), VERSION_CONFLICT {standing} for who has left, SELF_APPROVAL for
 * staff who ask for themselves.
 */
export async function askTransfer(
  tx: Tx,
  given: {
    readonly memberId: string
    readonly toOrg: string
    /** None: the member asks. */
    readonly by?: TransferActor & { readonly side: TransferSide }
    readonly now: Instant
  },
): Promise<Transfer> {
  const { memberId, toOrg, by, now } = given
  const member = await readMoving(tx, memberId)
  const target = await readOrganisation(tx, toOrg)
  if (!target) throw new Refusal('NOT_FOUND', { what: 'organisation' })
  if (member.standing === 'left') throw new Refusal('VERSION_CONFLICT', { standing: 'left' })
  if (member.orgCode === toOrg) throw new Refusal('ALREADY_EXISTS', { what: 'membership' })
  if (by) await requireOther(tx, by.personId, [member.personId])
  const [made] = await tx
    .insert(tx.tables.transfers)
    .values({
      ...{ id: newId(now), memberId, fromOrg: member.orgCode, toOrg, state: 'waiting' },
      ...{ askedBy: by?.principalId ?? null, askedAt: now },
      ...(by && consentOf(by.side, by, now)),
    })
    .onConflictDoNothing()
    .returning()
  if (!made) throw new Refusal('ALREADY_EXISTS', { what: 'transfer' })
  await say(tx, made, 'transfer_asked', now)
  return made
}

/** What staff consent to, for which side. */
export interface Consenting {
  readonly id: string
  readonly side: TransferSide
  readonly by: TransferActor
  /** The day on which one stay ends and the next begins. */
  readonly today: CalendarDate
  readonly now: Instant
}

/**
 * Consents for one side, once, by one conditional statement. The second consent moves the member:
 * credentials follow by the member's event, vouchers stay as they are (`6-vouchers.md` section 18).
 *
 * Refusals: NOT_FOUND, VERSION_CONFLICT {state} (decided, or this side has consented; `standing`:
 * left, or is elsewhere by now), SELF_APPROVAL (the member, or who has consented for the other
 * side, or whoever counts as one with them).
 */
export async function consentTransfer(
  tx: Tx,
  { id, side, by, today, now }: Consenting,
): Promise<Transfer> {
  const { transfers: t } = tx.tables
  const mine = side === 'release' ? t.releasedAt : t.receivedAt
  const others = side === 'release' ? t.receivedByPerson : t.releasedByPerson
  const [consented] = await tx
    .update(t)
    .set(consentOf(side, by, now))
    .where(
      and(
        ...[eq(t.id, id), eq(t.state, 'waiting'), isNull(mine)],
        or(isNull(others), ne(others, by.personId)),
      ),
    )
    .returning()
  if (!consented) throw await whyNot(tx, { id, side, by })
  const other = side === 'release' ? consented.receivedByPerson : consented.releasedByPerson
  const member = await readMoving(tx, consented.memberId)
  await requireOther(tx, by.personId, [member.personId, ...(other === null ? [] : [other])])
  if (other === null) {
    await say(tx, consented, 'transfer_consented', now, side)
    return consented
  }
  return complete(tx, consented, { today, now })
}

/** Refuses for one side, or takes the wish back. */
export interface Ending {
  readonly id: string
  readonly now: Instant
}

/**
 * Refuses a waiting transfer for one side; the member is told the reason. Refusals: NOT_FOUND,
 * VERSION_CONFLICT {state}.
 */
export async function refuseTransfer(
  tx: Tx,
  node: ThisNode,
  given: Ending & {
    readonly side: TransferSide
    readonly by: TransferActor
    readonly reason: string
  },
): Promise<Transfer> {
  const { id, side, by, reason, now } = given
  const { transfers: t } = tx.tables
  const [refused] = await tx
    .update(t)
    .set({
      ...{ state: 'refused', endedAt: now, refusedBy: by.principalId, refusedSide: side },
      sealedReason: seal(node.sealing, utf8(reason), `transfer reason:${id}`),
    })
    .where(and(eq(t.id, id), eq(t.state, 'waiting')))
    .returning()
  if (!refused) throw conflict(await readTransfer(tx, id))
  await say(tx, refused, 'transfer_refused', now, side)
  return refused
}

/** Takes a member's own waiting transfer back. Refusals NOT_FOUND, VERSION_CONFLICT {state}. */
export async function withdrawTransfer(
  tx: Tx,
  { id, memberId, now }: Ending & { readonly memberId: string },
): Promise<Transfer> {
  const { transfers: t } = tx.tables
  const before = await readTransfer(tx, id)
  if (before.memberId !== memberId) throw new Refusal('NOT_FOUND', { what: 'transfer' })
  const [withdrawn] = await tx
    .update(t)
    .set({ state: 'withdrawn', endedAt: now })
    .where(and(eq(t.id, id), eq(t.memberId, memberId), eq(t.state, 'waiting')))
    .returning()
  if (!withdrawn) throw conflict(await readTransfer(tx, id))
  return withdrawn
}

/** A transfer by its id. Refusal NOT_FOUND. */
export async function readTransfer(reader: Reader, id: string): Promise<Transfer> {
  const { transfers: t } = reader.tables
  const [row] = await reader.select().from(t).where(eq(t.id, id))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'transfer' })
  return row
}

/** What a refusing union told the member. */
export function openTransferReason(
  { sealing }: ThisNode,
  { id, sealedReason }: Pick<Transfer, 'id' | 'sealedReason'>,
): string | undefined {
  if (sealedReason === null) return undefined
  return new TextDecoder().decode(unseal(sealing, sealedReason, `transfer reason:${id}`))
}

/** Both have consented: the member moves, if they still are where they were asked for. */
async function complete(
  tx: Tx,
  transfer: Transfer,
  { today, now }: { readonly today: CalendarDate; readonly now: Instant },
): Promise<Transfer> {
  const { members: m, transfers: t } = tx.tables
  const { id, memberId, fromOrg, toOrg } = transfer
  // Written to, so that nobody moves them between this look and the move.
  const [there] = await tx
    .update(m)
    .set({ orgCode: fromOrg })
    .where(and(eq(m.id, memberId), eq(m.orgCode, fromOrg)))
    .returning({ id: m.id })
  if (!there) throw new Refusal('VERSION_CONFLICT', { standing: 'elsewhere' })
  // Within the whole tree: each side was asked of its own staff.
  await transferMember(tx, toOrg, { memberId, within: '', today, now })
  const [done] = await tx
    .update(t)
    .set({ state: 'done', endedAt: now })
    .where(and(eq(t.id, id), eq(t.state, 'waiting')))
    .returning()
  if (!done) throw new TypeError('a transfer ended while it was held')
  await say(tx, done, 'transfer_done', now)
  return done
}

function consentOf(side: TransferSide, { principalId, personId }: TransferActor, now: Instant) {
  return side === 'release'
    ? { releasedBy: principalId, releasedByPerson: personId, releasedAt: now }
    : { receivedBy: principalId, receivedByPerson: personId, receivedAt: now }
}

async function requireOther(tx: Tx, person: string, others: readonly string[]): Promise<void> {
  if (await countAsOne(tx, person, others)) throw new Refusal('SELF_APPROVAL')
}

/** Why a consent saw no row. */
async function whyNot(
  tx: Tx,
  { id, side, by }: Pick<Consenting, 'id' | 'side' | 'by'>,
): Promise<Refusal> {
  const now = await readTransfer(tx, id)
  const mine = side === 'release' ? now.releasedAt : now.receivedAt
  const other = side === 'release' ? now.receivedByPerson : now.releasedByPerson
  if (now.state === 'waiting' && mine === null && other === by.personId) {
    return new Refusal('SELF_APPROVAL')
  }
  return conflict(now)
}

function conflict({ state }: Transfer): Refusal {
  return new Refusal('VERSION_CONFLICT', { state })
}

async function readMoving(tx: Tx, memberId: string) {
  const { members: m } = tx.tables
  const [member] = await tx
    .select({ orgCode: m.orgCode, standing: m.standing, personId: m.personId })
    .from(m)
    .where(eq(m.id, memberId))
  if (!member) throw new Refusal('NOT_FOUND', { what: 'member' })
  return member
}

/** Tells the member; `union` in the words is that of the side which has acted. */
async function say(
  tx: Tx,
  { id, memberId, fromOrg, toOrg }: Transfer,
  kind: MessageKind,
  now: Instant,
  side?: TransferSide,
): Promise<void> {
  const from = (await readOrganisation(tx, fromOrg))?.nameZh ?? fromOrg
  const to = (await readOrganisation(tx, toOrg))?.nameZh ?? toOrg
  const values = { from, to, ...(side && { union: side === 'release' ? from : to }) }
  await tellMember(tx, { memberId, kind, subject: id, values }, now)
}
