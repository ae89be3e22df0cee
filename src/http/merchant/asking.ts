import type { FastifyRequest } from 'fastify'

import { concat, utf8 } from '../../base/bytes.ts'
import { Refusal, Weather } from '../../base/refusal.ts'
import { sha256 } from '../../base/sha256.ts'
import { Disproved } from '../../jobs/ask-home.ts'
import { endAsk } from '../../jobs/peer-asks.ts'
import { type Asking, answerIn, openAsk, type PeerAsk } from '../../vouchers/peer-asks.ts'
import type { Context } from '../context.ts'
import { terminalOf } from './authenticate.ts'

/** What came of asking another node: told before, just proven, or a no. */
export type Asked<Told, Answer> =
  | { readonly told: Told }
  | { readonly ask: PeerAsk; readonly answer: Answer }
  | Refusal

/**
 * Asks another node for a terminal, outside of any transaction, and says what came of it; nothing
 * is booked yet. What is wanted is written down before. Where the outcome is not known it is a
 * TEMPORARILY_UNAVAILABLE, which leaves the key open.
 */
export async function askElsewhere<Told, Answer>(
  context: Context,
  request: FastifyRequest,
  given: {
    readonly asking: Omit<Asking, 'terminal' | 'key' | 'requestHash' | 'now'>
    readonly ask: (context: Context, ask: PeerAsk) => Promise<Answer | Refusal>
  },
): Promise<Asked<Told, Answer>> {
  const { store, node, clock } = context
  context.pressure.requireRoom()
  try {
    const who = { terminal: terminalOf(request), ...attemptOf(request) }
    const asking = { ...given.asking, ...who, now: clock() }
    const ask = await store.transaction((tx) => openAsk(tx, node, asking))
    const before = settledBefore<Told>(context, ask)
    if (before) return before
    const answer = await askOnce(context, request, ask, given.ask)
    return answer instanceof Refusal ? answer : { ask, answer }
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/** What an ask came to, if its outcome is known. */
export function settledBefore<Told>(
  { node }: Pick<Context, 'node'>,
  ask: PeerAsk,
): { readonly told: Told } | Refusal | undefined {
  if (ask.state === 'refused') {
    const kept = answerIn<Pick<Refusal, 'code' | 'detail'>>(node, ask)
    return kept && new Refusal(kept.code, kept.detail)
  }
  const told = ask.state === 'done' ? answerIn<Told>(node, ask) : undefined
  return told && { told }
}

async function askOnce<Answer>(
  context: Context,
  request: FastifyRequest,
  ask: PeerAsk,
  work: (context: Context, ask: PeerAsk) => Promise<Answer | Refusal>,
): Promise<Answer | Refusal> {
  try {
    const answer = await work(context, ask)
    if (answer instanceof Refusal) await endAsk(context, ask, { state: 'refused', refusal: answer })
    return answer
  } catch (error) {
    if (error instanceof Disproved) {
      request.log.error({ peer: ask.peer, ask: ask.id }, 'another node’s answer is not proven')
      await endAsk(context, ask, { state: 'disputed' })
    } else if (!(error instanceof Weather)) throw error
    return new Refusal('TEMPORARILY_UNAVAILABLE')
  }
}

function attemptOf(request: FastifyRequest): { key: string; requestHash: Uint8Array } {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string') throw new Refusal('IDEMPOTENCY_KEY_REQUIRED')
  const head = utf8(`${request.method} ${request.url}\n`)
  return { key, requestHash: sha256(concat(head, request.rawBody)) }
}
