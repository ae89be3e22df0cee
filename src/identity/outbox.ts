import { and, asc, desc, eq, gte, isNotNull, isNull, lt, lte, or, sql } from 'drizzle-orm'

import { day, hour, type Instant, second } from '../base/clock.ts'
import { unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { MessageKind } from '../store/schema/messages.ts'
import type { Reader, Tx } from '../store/store.ts'
import { messageText } from './message-words.ts'
import { type Message, neverMuted, type Preferences, unionQuiet } from './messages.ts'
import { subtreeRange } from './organisation-rules.ts'

/** The union's zone is Asia/Shanghai, which has no summer time. */
const zoneMs = 8 * hour

/** A text message that is older than this is no longer of use, and not sent. */
const usefulMs = 3 * day

/** The longest wait between two tries. */
const longestWaitMs = hour

/** A message on its way, with how its member wants to be told. */
export interface Due {
  readonly message: Message
  readonly preferences: Preferences
  /** None: nobody could be told by phone. */
  readonly sealedMobile: Uint8Array | null
}

/** Messages for which the gateway is to be tried now, the longest due first. */
export async function dueMessages(reader: Reader, now: Instant, limit: number): Promise<Due[]> {
  const { messages: g, messagePreferences: p, members: m } = reader.tables
  const rows = await reader
    .select({ message: g, wanted: p, sealedMobile: m.sealedMobile })
    .from(g)
    .leftJoin(p, eq(p.memberId, g.memberId))
    .leftJoin(m, eq(m.id, g.memberId))
    .where(and(isNotNull(g.nextAt), lte(g.nextAt, now)))
    .orderBy(asc(g.nextAt))
    .limit(limit)
  return rows.map(({ message, wanted, sealedMobile }) => ({
    message,
    preferences: wanted ?? { language: 'zh', muted: [], ...unionQuiet },
    sealedMobile,
  }))
}

/** What is to be done with a message now. */
export type Judgement = 'send' | 'keep' | 'late' | { readonly quietUntil: Instant }

/**
 * Whether a message goes to the phone: not what was muted or has no number, not what is three days
 * old, and nothing in the member's own quiet hours.
 */
export function judge({ message, preferences, sealedMobile }: Due, now: Instant): Judgement {
  const muted = preferences.muted.includes(message.kind) && !neverMuted.includes(message.kind)
  if (muted || sealedMobile === null) return 'keep'
  if (now - message.at >= usefulMs) return 'late'
  const until = quietEnd(preferences, now)
  return until === undefined ? 'send' : { quietUntil: until }
}

/** When quiet hours that now is in end, in whole hours of the union's zone; `undefined`: not in. */
export function quietEnd(
  { quietFrom, quietTo }: Pick<Preferences, 'quietFrom' | 'quietTo'>,
  now: Instant,
): Instant | undefined {
  const hourNow = Math.floor(((now + zoneMs) % day) / hour)
  const sinceFrom = (hourNow - quietFrom + 24) % 24
  const length = (quietTo - quietFrom + 24) % 24
  if (sinceFrom >= length) return undefined
  const begun = Math.floor(now / hour) * hour
  return begun + (length - sinceFrom) * hour
}

/**
 * Takes a message on for this instance: counts the try and sets the next one, half a minute off and
 * twice as far each time. Answers whether it was still to be taken.
 */
export async function takeMessage(tx: Tx, message: Message, now: Instant): Promise<boolean> {
  const wait = Math.min(30 * second * 2 ** message.attempts, longestWaitMs)
  return write(tx, message, { attempts: message.attempts + 1, nextAt: now + wait })
}

/** Ends a message's way to the gateway, or puts it off. False when another was faster. */
export async function settleMessage(
  tx: Tx,
  message: Message,
  judgement: Exclude<Judgement, 'send'>,
): Promise<boolean> {
  if (typeof judgement === 'object') return write(tx, message, { nextAt: judgement.quietUntil })
  return write(tx, message, { delivery: judgement === 'keep' ? 'kept' : 'failed', nextAt: null })
}

/** Notes that the gateway has a message; once, whoever else has sent it meanwhile. */
export async function noteSent(tx: Tx, { bucket, id }: Message, now: Instant): Promise<boolean> {
  const { messages: g } = tx.tables
  const noted = await tx
    .update(g)
    .set({ delivery: 'sent', nextAt: null, sentAt: now })
    .where(and(eq(g.bucket, bucket), eq(g.id, id), isNull(g.sentAt)))
    .returning({ id: g.id })
  return noted.length > 0
}

/** What the gateway is given: the least there must be. Never logged. */
export interface Outgoing {
  readonly id: string
  readonly to: string
  readonly text: string
}

/** A message for the gateway, its number in the clear. */
export function outgoing(
  { sealing }: ThisNode,
  { message, preferences, sealedMobile }: Due & { readonly sealedMobile: Uint8Array },
): Outgoing {
  const to = new TextDecoder().decode(unseal(sealing, sealedMobile, 'mobile'))
  return { id: message.id, to, text: messageText(message, preferences.language) }
}

/** How many messages of a kind are where, in a week. */
export interface OutboxCount {
  readonly kind: MessageKind
  readonly delivery: Message['delivery']
  readonly count: number
}

/**
 * Messages that one answer counts, at the most: those of a part of the tree are looked up one by
 * one, those of all of it are read in an index.
 */
const countedAtMost = { part: 10_000, whole: 100_000 }

/**
 * Counts, by kind, what the members at or below these organisations were told since then; since a
 * later `since`, where the node has sent so much that nobody waits for a count of it all.
 */
export async function outboxCounts(
  reader: Reader,
  orgPaths: readonly string[],
  since: Instant,
): Promise<{ readonly since: Instant; readonly items: OutboxCount[] }> {
  const { messages: g, members: m, organisations: o } = reader.tables
  const whole = orgPaths.some((path) => path.indexOf('/') === path.length - 1)
  const [uncounted] = await reader
    .select({ at: g.at })
    .from(g)
    .where(gte(g.at, since))
    .orderBy(desc(g.at))
    .limit(1)
    .offset(whole ? countedAtMost.whole : countedAtMost.part)
  const from = uncounted ? uncounted.at + 1 : since
  const ranges = orgPaths.map((path) => {
    const range = subtreeRange(path)
    return and(gte(o.path, range.from), lt(o.path, range.to))
  })
  const inside = sql`exists (select 1 from ${m} join ${o} on ${o.code} = ${m.orgCode}
    where ${m.id} = ${g.memberId} and (${or(...ranges) ?? sql`1 = 0`}))`
  const rows = await reader
    .select({ kind: g.kind, delivery: g.delivery, count: sql<number>`count(*)` })
    .from(g)
    .where(and(gte(g.at, from), whole ? undefined : inside))
    .groupBy(g.kind, g.delivery)
  return { since: from, items: rows.map((row) => ({ ...row, count: Number(row.count) })) }
}

async function write(
  tx: Tx,
  { bucket, id, attempts, nextAt }: Message,
  changes: Partial<Message>,
): Promise<boolean> {
  if (nextAt === null) return false
  const { messages: g } = tx.tables
  const own = and(eq(g.bucket, bucket), eq(g.id, id))
  const written = await tx
    .update(g)
    .set(changes)
    .where(and(own, eq(g.attempts, attempts), eq(g.nextAt, nextAt)))
    .returning({ id: g.id })
  return written.length > 0
}
