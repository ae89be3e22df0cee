import { and, eq, inArray, lte } from 'drizzle-orm'

import { equal, utf8 } from '../base/bytes.ts'
import { day, type Instant, second } from '../base/clock.ts'
import { newRandomId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { answerDays } from '../identity/idempotency.ts'
import { seal, unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { requireStanding } from '../merchants/standing.ts'
import type { Reader, Tx } from '../store/store.ts'
import { type PlaceElsewhere, placeFor } from './elsewhere.ts'

/** What a terminal of ours wanted of another node. */
export type PeerAsk = Tx['tables']['peerAsks']['$inferSelect']

/** Its outcome is not known here, or was a fault of the other node's: it may be asked again. */
export const openStates = ['asked', 'lapsed', 'disputed'] as const

/** How long a terminal is left to ask again before the machine looks for itself. */
const leaveSeconds = 15

/** What is to be asked, and for which request of which terminal. */
export interface Asking {
  readonly kind: PeerAsk['kind']
  readonly peer: number
  readonly terminal: { readonly terminalId: string; readonly requestDigest: Uint8Array }
  /** The terminal's Idempotency-Key and the hash of its request. */
  readonly key: string
  readonly requestHash: Uint8Array
  readonly voucherId: string
  /** SHA-256 of the member's code. */
  readonly evidence: Uint8Array
  /** The redemption that is to be undone: ours, and what the other node calls it. */
  readonly redemptionId?: string
  readonly homeId?: string
  /** The body for the other node, without the place. */
  readonly body: object
  /** What must hold here, too, and what must be fixed before the other node is asked. */
  readonly before?: (tx: Tx) => Promise<object>
  readonly now: Instant
}

/**
 * Writes down what a terminal wants before another node is asked, once for each of its keys; asked
 * again it answers the row there is. The body is fixed with the first. Refusals: those of
 * `requireStanding` and of `before`, IDEMPOTENCY_KEY_REUSED.
 */
export async function openAsk(tx: Tx, node: ThisNode, asking: Asking): Promise<PeerAsk> {
  const { peerAsks: t } = tx.tables
  const { kind, peer, key, requestHash, voucherId, evidence, now } = asking
  const { terminalId, requestDigest } = asking.terminal
  const known = await askByKey(tx, { kind, terminalId, key })
  if (known) return askedAgain(tx, known, asking)
  const standing = await requireStanding(tx, terminalId, now)
  const more = await asking.before?.(tx)
  const place: PlaceElsewhere = placeFor(node, peer, standing)
  const { merchantId, storeId, shiftId, cashierId } = standing
  const id = newRandomId()
  const body = { ...asking.body, ...more, place }
  const [made] = await tx
    .insert(t)
    .values({
      ...{ id, kind, state: 'asked' as const, peer, terminalId, key, requestHash, requestDigest },
      ...{ merchantId, storeId, shiftId, cashierId, voucherId, evidence },
      sealedRequest: seal(node.sealing, utf8(JSON.stringify(body)), `ask:${id}`),
      ...{ redemptionId: asking.redemptionId ?? null, homeId: asking.homeId ?? null },
      askedAt: now,
      lookAt: now + leaveSeconds * second,
    })
    .onConflictDoNothing()
    .returning()
  if (!made) throw new Refusal('IDEMPOTENCY_IN_PROGRESS')
  return made
}

async function askedAgain(
  tx: Tx,
  known: PeerAsk,
  { requestHash, before, now }: Asking,
): Promise<PeerAsk> {
  if (!equal(known.requestHash, requestHash)) throw new Refusal('IDEMPOTENCY_KEY_REUSED')
  if (known.state === 'lapsed') await before?.(tx)
  const { peerAsks: t } = tx.tables
  const [open] = await tx
    .update(t)
    .set({ state: 'asked', askedAt: now, lookAt: now + leaveSeconds * second })
    .where(and(eq(t.id, known.id), inArray(t.state, [...openStates])))
    .returning()
  return open ?? known
}

/** What a terminal has asked under a key. */
export async function askByKey(
  reader: Reader,
  { kind, terminalId, key }: Pick<PeerAsk, 'kind' | 'terminalId' | 'key'>,
): Promise<PeerAsk | undefined> {
  const { peerAsks: t } = reader.tables
  const [row] = await reader
    .select()
    .from(t)
    .where(and(eq(t.terminalId, terminalId), eq(t.kind, kind), eq(t.key, key)))
  return row
}

/** What this terminal holds by an answered `prepare`. Refusal VOUCHER_NOT_FOUND. */
export async function heldElsewhere(
  reader: Reader,
  { id, terminalId }: { id: string; terminalId: string },
): Promise<PeerAsk & { homeId: string }> {
  const { peerAsks: t } = reader.tables
  const [row] = await reader.select().from(t).where(eq(t.id, id))
  const { homeId = null } = row ?? {}
  if (row?.kind !== 'prepare' || row.terminalId !== terminalId || homeId === null) {
    throw new Refusal('VOUCHER_NOT_FOUND')
  }
  return { ...row, homeId }
}

/** The body that the other node is asked with: the same text each time. */
export function bodyOf(node: ThisNode, { id, sealedRequest }: PeerAsk): string {
  return new TextDecoder().decode(unseal(node.sealing, sealedRequest, `ask:${id}`))
}

/** What is kept of its answer, by `settleAsk`; none while it is open. */
export function answerIn<T>(node: ThisNode, { id, sealedAnswer }: PeerAsk): T | undefined {
  if (!sealedAnswer) return undefined
  return JSON.parse(new TextDecoder().decode(unseal(node.sealing, sealedAnswer, `told:${id}`)))
}

/** Ends what is open, once: `undefined` when somebody else has. */
export async function settleAsk(
  tx: Tx,
  node: ThisNode,
  id: string,
  outcome: {
    readonly state: Exclude<PeerAsk['state'], 'asked'>
    readonly answer?: object
    readonly homeId?: string
    readonly redemptionId?: string
  },
): Promise<PeerAsk | undefined> {
  const { peerAsks: t } = tx.tables
  const { state, answer, homeId, redemptionId } = outcome
  const [row] = await tx
    .update(t)
    .set({
      state,
      ...(answer && {
        sealedAnswer: seal(node.sealing, utf8(JSON.stringify(answer)), `told:${id}`),
      }),
      ...(homeId !== undefined && { homeId }),
      ...(redemptionId !== undefined && { redemptionId }),
    })
    .where(and(eq(t.id, id), inArray(t.state, [...openStates])))
    .returning()
  return row
}

/** What the machine must look after by now, `limit` at the most. */
export function asksToLookAt(reader: Reader, now: Instant, limit: number): Promise<PeerAsk[]> {
  const { peerAsks: t } = reader.tables
  return reader
    .select()
    .from(t)
    .where(and(eq(t.state, 'asked'), lte(t.lookAt, now), inArray(t.kind, ['redeem', 'reverse'])))
    .orderBy(t.lookAt)
    .limit(limit)
}

/** When the machine looks again: another instance passes it over until then. */
export async function putOff(tx: Tx, { id }: PeerAsk, until: Instant): Promise<void> {
  const { peerAsks: t } = tx.tables
  await tx.update(t).set({ lookAt: until }).where(eq(t.id, id))
}

/** Forgets what was settled, and preparations, when no terminal will ask for them again. */
export async function forgetAsks(tx: Tx, now: Instant): Promise<void> {
  const { peerAsks: t } = tx.tables
  const before = lte(t.askedAt, now - answerDays * day)
  const settled = inArray(t.state, ['done', 'refused', 'lapsed'])
  await tx.delete(t).where(and(before, settled))
  await tx.delete(t).where(and(before, eq(t.kind, 'prepare')))
}
