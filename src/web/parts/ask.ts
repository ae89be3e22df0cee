import { toHex } from '../../base/bytes.ts'
import { learnTime } from './server-clock.ts'

/** A refusal as the API gives it (RFC 9457), or trouble on the way to it. */
export class Refused extends Error {
  readonly code: string
  readonly status: number
  /** What the problem says besides: words, retry advice, facts. */
  readonly problem: Readonly<Record<string, unknown>>

  constructor(code: string, status: number, problem: Readonly<Record<string, unknown>> = {}) {
    super(code)
    this.name = 'Refused'
    this.code = code
    this.status = status
    this.problem = problem
  }
}

/** The code of a request that got no answer: nobody knows whether it was done. */
export const noAnswer = 'NO_ANSWER'

const timeLimitMs = 15_000

/**
 * Sends a request and reads its JSON. Throws Refused: with the API's code, or `NO_ANSWER` when the
 * network failed or the server could not say. Learns the server's time from what it answers.
 */
export async function ask<T>(url: string, request: RequestInit): Promise<T> {
  const answer = await send(url, request)
  const body = await read(answer)
  if (answer.ok) return body as T
  throw refusalIn(answer, body)
}

/** Sends a request for a file. Throws Refused, as `ask`. */
export async function askFile(url: string, request: RequestInit): Promise<Blob> {
  const answer = await send(url, request)
  if (!answer.ok) throw refusalIn(answer, await read(answer))
  return answer.blob().catch(() => {
    throw new Refused(noAnswer, 0)
  })
}

async function send(url: string, request: RequestInit): Promise<Response> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), timeLimitMs)
  return fetch(url, {
    ...request,
    cache: 'no-store',
    credentials: 'same-origin',
    signal: limit.signal,
  })
    .catch(() => {
      throw new Refused(noAnswer, 0)
    })
    .finally(() => clearTimeout(timer))
}

function refusalIn({ status }: Response, body: Readonly<Record<string, unknown>>): Refused {
  const { code } = body
  if (status >= 502 || typeof code !== 'string') return new Refused(noAnswer, status, body)
  return new Refused(code, status, body)
}

/** A random id of 128 bits, for idempotency keys and nonces. */
export function randomId(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(16)))
}

async function read(answer: Response): Promise<Record<string, unknown>> {
  try {
    const body = (await answer.json()) as Record<string, unknown>
    const time = body.server_time
    if (typeof time === 'number') learnTime(time)
    return body
  } catch {
    return {}
  }
}

/**
 * Does `send` again after our clock was put right by the refusal, once: proofs say when they were
 * made.
 */
export async function withRightClock<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'PROOF_INVALID') throw error
    return send()
  }
}
