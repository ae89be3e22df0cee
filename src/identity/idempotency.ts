import { and, eq, lte, sql } from 'drizzle-orm'

import { fromBase64, utf8 } from '../base/bytes.ts'
import { day, type Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { seal, unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { statement, type Tx } from '../store/store.ts'

/** How long answers are kept: longer than any terminal stays offline. */
export const answerDays = 8

/** Who asked what, under which key, and a hash of the whole request. */
export interface Attempt {
  readonly principal: string
  readonly route: string
  readonly key: string
  readonly requestHash: Uint8Array
  /**
   * Nobody else writes meanwhile (SQLite): the key needs no reserving, and is written once, with
   * its answer.
   */
  readonly alone: boolean
}

/** What was answered: an HTTP status and a JSON text. */
export interface Answer {
  readonly status: number
  readonly body: string
}

type Key = Record<'principal' | 'route' | 'key', unknown>

const add = statement<Key & Record<'hash' | 'status' | 'answer' | 'now', unknown>>()((db) => {
  const { idempotency } = db.tables
  return db
    .insert(idempotency)
    .values({
      principal: sql.placeholder('principal'),
      route: sql.placeholder('route'),
      key: sql.placeholder('key'),
      requestHash: sql.placeholder('hash'),
      status: sql.placeholder('status'),
      answer: sql.placeholder('answer'),
      createdAt: sql.placeholder('now'),
    })
    .onConflictDoNothing()
    .returning({ key: idempotency.key })
})

const read = statement<Key>()((db) => {
  const { idempotency } = db.tables
  return db
    .select()
    .from(idempotency)
    .where(
      and(
        eq(idempotency.principal, sql.placeholder('principal')),
        eq(idempotency.route, sql.placeholder('route')),
        eq(idempotency.key, sql.placeholder('key')),
      ),
    )
})

const finish = statement<Key & Record<'status' | 'answer', unknown>>()((db) => {
  const { idempotency } = db.tables
  return db
    .update(idempotency)
    .set({
      status: sql`${sql.placeholder('status')}`,
      answer: sql`${sql.placeholder('answer')}`,
    })
    .where(
      and(
        eq(idempotency.principal, sql.placeholder('principal')),
        eq(idempotency.route, sql.placeholder('route')),
        eq(idempotency.key, sql.placeholder('key')),
      ),
    )
})

/**
 * Reserves a key in the transaction of its effect, or answers what it was answered before. A twin
 * that runs at the same time waits on the index and then gets the stored answer. Refusals:
 * IDEMPOTENCY_KEY_REUSED (the same key for another request), IDEMPOTENCY_IN_PROGRESS.
 */
export async function reserve(
  tx: Tx,
  node: ThisNode,
  attempt: Attempt,
  now: Instant,
): Promise<Answer | undefined> {
  const { principal, route, key, requestHash: hash, alone } = attempt
  const row = { principal, route, key, hash, status: 0, answer: '', now }
  if (!alone && (await tx.perform(add, row)).length > 0) return undefined
  const [known] = await tx.perform(read, { principal, route, key })
  if (!known && alone) return undefined
  if (!known) throw new Refusal('IDEMPOTENCY_IN_PROGRESS')
  if (Buffer.compare(known.requestHash, hash) !== 0) throw new Refusal('IDEMPOTENCY_KEY_REUSED')
  if (known.status === 0) throw new Refusal('IDEMPOTENCY_IN_PROGRESS')
  return { status: known.status, body: opened(node, known.answer) }
}

/** Stores the answer of a key that `reserve` took. Sealed: answers may hold secrets and names. */
export async function keepAnswer(
  tx: Tx,
  node: ThisNode,
  attempt: Attempt,
  { status, body }: Answer,
  now: Instant,
): Promise<void> {
  const { principal, route, key, requestHash: hash, alone } = attempt
  const row = { principal, route, key, status, answer: close(node, body) }
  if (alone) await tx.perform(add, { ...row, hash, now })
  else await tx.perform(finish, row)
}

/**
 * Stores a refusal under its key, after everything else was undone: with that the reservation went
 * too, so a twin may have been faster. What it was answered stays, and is answered here as well.
 */
export async function keepRefusal(
  tx: Tx,
  node: ThisNode,
  attempt: Attempt,
  { status, body }: Answer,
  now: Instant,
): Promise<Answer | undefined> {
  const { principal, route, key, requestHash: hash } = attempt
  const answer = close(node, body)
  const kept = await tx.perform(add, { principal, route, key, hash, status, answer, now })
  if (kept.length > 0) return undefined
  const [known] = await tx.perform(read, { principal, route, key })
  const twin = known && known.status !== 0 && Buffer.compare(known.requestHash, hash) === 0
  return twin ? { status: known.status, body: opened(node, known.answer) } : undefined
}

/** What a key was answered, for a client that lost the answer. */
export async function answerOf(
  tx: Pick<Tx, 'perform'>,
  node: ThisNode,
  asked: { principal: string; route: string; key: string },
): Promise<Answer | undefined> {
  const [known] = await tx.perform(read, asked)
  if (!known || known.status === 0) return undefined
  return { status: known.status, body: opened(node, known.answer) }
}

/** Forgets answers that nobody will ask for again. */
export async function forgetAnswers(tx: Tx, now: Instant): Promise<void> {
  const { idempotency } = tx.tables
  await tx.delete(idempotency).where(lte(idempotency.createdAt, now - answerDays * day))
}

function close(node: ThisNode, body: string): string {
  return Buffer.from(seal(node.sealing, utf8(body), 'answer')).toString('base64')
}

/** The JSON text of a stored answer. */
export function opened(node: ThisNode, answer: string): string {
  const sealed = fromBase64(answer) ?? new Uint8Array(0)
  return new TextDecoder().decode(unseal(node.sealing, sealed, 'answer'))
}
