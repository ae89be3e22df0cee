import { createHmac } from 'node:crypto'

import { type Clock, type Instant, second } from '../base/clock.ts'
import { unionQuiet } from '../identity/messages.ts'
import {
  type Due,
  dueMessages,
  judge,
  noteSent,
  type Outgoing,
  outgoing,
  quietEnd,
  settleMessage,
  takeMessage,
} from '../identity/outbox.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Store } from '../store/store.ts'

/** Who brings messages to phones: a gateway for text messages or mail. */
export interface Gateway {
  readonly url: string
  /** Shared with the gateway; signs what it is sent (Standard Webhooks, HMAC-SHA256). */
  readonly secret: Uint8Array
  /** The most messages that it is sent in a second. */
  readonly perSecond: number
  /** How long it may take to answer. */
  readonly patienceMs: number
}

interface Sending {
  readonly store: Store
  readonly node: ThisNode
  readonly clock: Clock
  readonly gateway: Gateway
}

const atOnce = 5
const longestAnswer = 4096

/**
 * Brings messages that wait to the gateway, each outside of any transaction: as many as it may get
 * in a second, a few at a time, none in the union's quiet hours. Where none of a few arrived the
 * turn ends, so that a gateway that is down is asked little. Answers how many arrived.
 */
export async function sendMessages(sending: Sending): Promise<number> {
  const { store, clock, gateway } = sending
  if (quietEnd(unionQuiet, clock()) !== undefined) return 0
  const due = await dueMessages(store.read, clock(), gateway.perSecond)
  let sent = 0
  for (let i = 0; i < due.length; i += atOnce) {
    const told = await Promise.all(due.slice(i, i + atOnce).map((one) => bring(sending, one)))
    sent += told.filter((outcome) => outcome === 'sent').length
    if (told.includes('failed') && !told.includes('sent')) break
  }
  return sent
}

async function bring(
  { store, node, clock, gateway }: Sending,
  due: Due,
): Promise<'sent' | 'failed' | 'settled'> {
  const { message, sealedMobile } = due
  const judgement = judge(due, clock())
  if (judgement !== 'send' || sealedMobile === null) {
    const settled = judgement === 'send' ? 'keep' : judgement
    await store.transaction((tx) => settleMessage(tx, message, settled))
    return 'settled'
  }
  if (!(await store.transaction((tx) => takeMessage(tx, message, clock())))) return 'settled'
  const taken = await post(gateway, outgoing(node, { ...due, sealedMobile }), clock())
  if (!taken) return 'failed'
  await store.transaction((tx) => noteSent(tx, message, clock()))
  return 'sent'
}

/**
 * Whether the gateway took a message: a 2xx whose JSON repeats the message's id. Anything else, an
 * answer that is too long or too late too, is a no; the message's id lets the gateway know it again
 * when it is sent once more. No redirection is followed, and nothing of it is logged.
 */
async function post(gateway: Gateway, message: Outgoing, now: Instant): Promise<boolean> {
  const body = JSON.stringify(message)
  try {
    const answer = await fetch(gateway.url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...signed(gateway, message.id, body, now) },
      redirect: 'error',
      signal: AbortSignal.timeout(gateway.patienceMs),
    })
    const told: unknown = JSON.parse(await readShort(answer))
    return answer.ok && isObject(told) && told.id === message.id
  } catch {
    return false // weather, or nonsense: it is tried again
  }
}

/** The headers of Standard Webhooks: id, time in seconds, and `v1,` and the HMAC of all three. */
function signed({ secret }: Gateway, id: string, body: string, now: Instant) {
  const timestamp = String(Math.floor(now / second))
  const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${mac}`,
  }
}

async function readShort({ body }: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const part of body ?? []) {
    text += decoder.decode(part, { stream: true })
    if (text.length > longestAnswer) throw new Error('the answer is too long')
  }
  return text
}

function isObject(value: unknown): value is { readonly id?: unknown } {
  return typeof value === 'object' && value !== null
}
