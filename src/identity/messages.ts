import { and, desc, eq, inArray, isNull, lt } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { MessageKind, MessageValues } from '../store/schema/messages.ts'
import type { Reader, Tx } from '../store/store.ts'

export type Message = Reader['tables']['messages']['$inferSelect']

/** Something that a member is told. */
export interface Telling {
  readonly memberId: string
  readonly bucket: number
  readonly kind: MessageKind
  /** Id of what it is about. */
  readonly subject: string
  /** Fills the gaps of its words; no person's name, no number of a person's. */
  readonly values?: MessageValues
}

/**
 * Writes messages in the transaction of what they tell of: they are in the inbox, and wait for the
 * gateway. Whoever was told of a subject is not told again. Sends nothing: `jobs/outbox.ts` does.
 */
export async function tell(tx: Tx, tellings: readonly Telling[], now: Instant): Promise<void> {
  if (tellings.length === 0) return
  const rows = tellings.map(({ memberId, bucket, kind, subject, values = {} }) => ({
    ...{ bucket, id: newId(now), memberId, kind, subject, values, at: now },
    ...{ readAt: null, delivery: 'waiting' as const, attempts: 0, nextAt: now, sentAt: null },
  }))
  await tx.insertMany(tx.tables.messages, rows, { ignore: true })
}

/** The same for one member, whose bucket is looked up. */
export async function tellMember(
  tx: Tx,
  telling: Omit<Telling, 'bucket'>,
  now: Instant,
): Promise<void> {
  const { members: m } = tx.tables
  const [member] = await tx.select({ bucket: m.bucket }).from(m).where(eq(m.id, telling.memberId))
  if (member) await tell(tx, [{ ...telling, bucket: member.bucket }], now)
}

interface Whose {
  readonly memberId: string
  readonly bucket: number
}

/** A member's messages, the latest first, before the one called `after`; one more than `limit`. */
export function inboxOf(
  reader: Reader,
  { memberId, bucket }: Whose,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<Message[]> {
  const { messages: g } = reader.tables
  return reader
    .select()
    .from(g)
    .where(
      and(
        ...[eq(g.bucket, bucket), eq(g.memberId, memberId)],
        after === '' ? undefined : lt(g.id, after),
      ),
    )
    .orderBy(desc(g.id))
    .limit(limit + 1)
}

/** How many messages a member has not read. */
export function unreadOf(reader: Reader, { memberId, bucket }: Whose): Promise<number> {
  const { messages: g } = reader.tables
  return reader.$count(g, and(eq(g.bucket, bucket), eq(g.memberId, memberId), isNull(g.readAt)))
}

/** Marks messages of a member's as read; others' are not touched. Answers how many it marked. */
export async function markRead(
  tx: Tx,
  {
    memberId,
    bucket,
    ids,
    now,
  }: Whose & { readonly ids: readonly string[]; readonly now: Instant },
): Promise<number> {
  const { messages: g } = tx.tables
  const own = and(eq(g.bucket, bucket), eq(g.memberId, memberId), isNull(g.readAt))
  const marked = await tx
    .update(g)
    .set({ readAt: now })
    .where(and(own, inArray(g.id, [...ids])))
    .returning({ id: g.id })
  return marked.length
}

/** How a member wants to be told. */
export type Preferences = Omit<
  Reader['tables']['messagePreferences']['$inferSelect'],
  'memberId' | 'updatedAt'
>

/** The union's quiet hours: from 22:00 to before 08:00 in its zone. */
export const unionQuiet = { quietFrom: 22, quietTo: 8 } as const

/** Kinds that guard the member against somebody else: these always go to the phone. */
export const neverMuted: readonly MessageKind[] = [
  ...(['reversed', 'device_enrolled', 'device_revoked', 'collector_named'] as const),
]

/** A member's preferences, or those of somebody who has said nothing. */
export async function preferencesOf(reader: Reader, memberId: string): Promise<Preferences> {
  const { messagePreferences: p } = reader.tables
  const [row] = await reader.select().from(p).where(eq(p.memberId, memberId))
  const { language = 'zh' as const, muted = [] } = row ?? {}
  const { quietFrom, quietTo } = row ?? unionQuiet
  return { language, muted, quietFrom, quietTo }
}

/** Keeps a member's preferences. Refusal VALIDATION_FAILED for muting what is never muted. */
export async function setPreferences(
  tx: Tx,
  memberId: string,
  preferences: Preferences,
  now: Instant,
): Promise<void> {
  if (preferences.muted.some((kind) => neverMuted.includes(kind))) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['muted: may not be muted'] })
  }
  const { messagePreferences: p } = tx.tables
  const row = { ...preferences, updatedAt: now }
  await tx
    .insert(p)
    .values({ memberId, ...row })
    .onConflictDoUpdate({ target: p.memberId, set: row })
}
