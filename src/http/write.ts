import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'

import { concat, utf8 } from '../base/bytes.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import {
  type Answer,
  type Attempt,
  keepAnswer,
  keepRefusal,
  reserve,
} from '../identity/idempotency.ts'
import { consumeNonce, type Nonce } from '../identity/nonces.ts'
import type { Tx } from '../store/store.ts'
import type { Context } from './context.ts'
import { problemOf, problemType } from './problem.ts'

/** One write of one request. */
export interface Writing<Schema extends z.ZodType> {
  /** Who asks: a kind and an id. Keys are theirs alone. */
  readonly principal: string
  /** What the request's proofs use up, in the same transaction. */
  readonly nonces: readonly Nonce[]
  readonly answer: Schema
  readonly status?: number
  /** A refusal that it answers, instead of throwing it, keeps everything it has written. */
  readonly work: (tx: Tx) => Promise<z.input<Schema> | Refusal>
  /** What a good answer is given on its way, after the commit; the same for every twin. */
  readonly told?: (answer: z.output<Schema>) => object | Promise<object>
  /** What must outlive a refusal: counters, the refused redemption. */
  readonly onRefusal?: (tx: Tx, refusal: Refusal) => Promise<void>
}

/** A member stands at the counter: it goes on however many leaves wait (`Pressure`). */
const atCounter = 'terminal:'

/** Refusals that say nothing of the request itself: the same key may be tried again. */
const passing = new Set<Refusal['code']>([
  'PROOF_REPLAYED',
  'IDEMPOTENCY_IN_PROGRESS',
  'IDEMPOTENCY_KEY_REUSED',
  'TEMPORARILY_UNAVAILABLE',
])

/**
 * Runs a write in one transaction, together with its nonces and its stored answer: the same key and
 * body get the same answer, refusals included, whatever happened to the first one on its way.
 */
export async function write<Schema extends z.ZodType>(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  writing: Writing<Schema>,
): Promise<void> {
  const { store, node, clock } = context
  if (!writing.principal.startsWith(atCounter)) context.pressure.requireRoom()
  const attempt = attemptOf(request, writing.principal, store.engine === 'sqlite')
  const status = writing.status ?? 200
  let twin: Answer | undefined
  const done = await store
    .transaction(
      async (tx) => {
        const before = await reserve(tx, node, attempt, clock())
        const made = before ?? (await writing.work(tx))
        for (const nonce of writing.nonces) await consumeNonce(tx, nonce)
        if (before) return { ...before, refused: undefined, replayed: true }
        const refused = made instanceof Refusal ? made : undefined
        const told = refused
          ? answerOf(refused)
          : { status, body: JSON.stringify(writing.answer.parse(made)) }
        await keepAnswer(tx, node, attempt, told, clock())
        return { ...told, refused, replayed: false }
      },
      {
        onRefusal: async (tx, refusal) => {
          twin = await afterRefusal(context, tx, { attempt, writing, refusal })
        },
      },
    )
    .catch((error: unknown) => {
      if (twin) return { ...twin, refused: undefined, replayed: true }
      throw error
    })
  if (done.refused) throw done.refused
  if (done.replayed) reply.header('idempotent-replayed', 'true')
  const type = done.status >= 400 ? problemType : 'application/json; charset=utf-8'
  const { told } = writing
  const body = told && done.status < 400 ? await withMore(done.body, told) : done.body
  reply.code(done.status).header('content-type', type).send(body)
}

/** What `told` adds follows the members that are stored; it repeats none of them. */
async function withMore<Answer>(
  body: string,
  told: (answer: Answer) => object | Promise<object>,
): Promise<string> {
  const more = JSON.stringify(await told(JSON.parse(body)))
  return more === '{}' ? body : `${body.slice(0, -1)},${more.slice(1)}`
}

/**
 * Keeps what must outlive a refusal, once for all twins; answers what a faster twin was answered.
 */
async function afterRefusal(
  { node, clock }: Context,
  tx: Tx,
  given: { attempt: Attempt; writing: Writing<z.ZodType>; refusal: Refusal },
): Promise<Answer | undefined> {
  const { attempt, writing, refusal } = given
  if (refusal.code === 'PROOF_REPLAYED') return undefined
  for (const nonce of writing.nonces) await consumeNonce(tx, nonce)
  if (!passing.has(refusal.code)) {
    const twin = await keepRefusal(tx, node, attempt, answerOf(refusal), clock())
    if (twin) return twin
  }
  await writing.onRefusal?.(tx, refusal)
  return undefined
}

function answerOf(refusal: Refusal): Answer {
  const problem = problemOf(refusal)
  return { status: problem.status, body: JSON.stringify(problem) }
}

function attemptOf(request: FastifyRequest, principal: string, alone: boolean): Attempt {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string') throw new Refusal('IDEMPOTENCY_KEY_REQUIRED')
  const route = `${request.method} ${request.routeOptions.url}`
  const head = utf8(`${request.method} ${request.url}\n`)
  return { principal, route, key, requestHash: sha256(concat(head, request.rawBody)), alone }
}
