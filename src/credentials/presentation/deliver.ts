import { lookup as lookUp } from 'node:dns'
import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { LookupFunction } from 'node:net'

import { and, eq, isNotNull, lte } from 'drizzle-orm'

import { utf8 } from '../../base/bytes.ts'
import { type Instant, minute, second } from '../../base/clock.ts'
import { sha256 } from '../../base/sha256.ts'
import {
  contentDigest,
  makeSignatureInput,
  requiredComponents,
  signatureBase,
} from '../../formats/http-signature.ts'
import type { RoleKey } from '../../keys/role-keys.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import type { Reader, Tx } from '../../store/store.ts'
import { shownIn, type Verification } from './verifications.ts'
import { isPublic, requireReachable } from './webhook-address.ts'

export type Hook = Tx['tables']['verificationHooks']['$inferSelect']

/** How often a result is told to an address that does not take it. */
export const maxAttempts = 10

const patienceMs = 10_000

/** Results that are to be told now, with the verifications that they are of. */
export async function dueHooks(
  reader: Reader,
  now: Instant,
): Promise<readonly { hook: Hook; verification: Verification }[]> {
  const { verificationHooks, verifications } = reader.tables
  return reader
    .select({ hook: verificationHooks, verification: verifications })
    .from(verificationHooks)
    .innerJoin(verifications, eq(verifications.id, verificationHooks.verificationId))
    .where(and(isNotNull(verificationHooks.nextAt), lte(verificationHooks.nextAt, now)))
    .limit(20)
}

/**
 * Takes a delivery on for this instance: counts the attempt and sets the next one, a minute off and
 * twice as far each time. Answers whether it was still to be taken.
 */
export async function takeHook(tx: Tx, hook: Hook, now: Instant): Promise<boolean> {
  const { verificationHooks } = tx.tables
  const attempts = hook.attempts + 1
  const nextAt = attempts < maxAttempts ? now + minute * 2 ** hook.attempts : null
  const taken = await tx
    .update(verificationHooks)
    .set({ attempts, nextAt })
    .where(
      and(
        eq(verificationHooks.verificationId, hook.verificationId),
        eq(verificationHooks.attempts, hook.attempts),
        isNotNull(verificationHooks.nextAt),
      ),
    )
    .returning({ id: verificationHooks.verificationId })
  return taken.length > 0
}

/** Notes that a result has arrived: it is not told again. */
export async function noteDelivered(tx: Tx, { verificationId }: Hook, now: Instant): Promise<void> {
  const { verificationHooks } = tx.tables
  await tx
    .update(verificationHooks)
    .set({ deliveredAt: now, nextAt: null })
    .where(eq(verificationHooks.verificationId, verificationId))
}

/**
 * Tells a result to its address: a POST of JSON, signed (RFC 9421, ecdsa-p256-sha256) with the
 * verifier's key over method, address, content digest and idempotency key, which is the
 * verification's id each time. With a redirection it says no claims: those need the response code.
 * Answers whether it was taken with a 2xx; no redirection is followed.
 */
export async function tellHook(
  { hook, verification }: { hook: Hook; verification: Verification },
  given: {
    readonly node: ThisNode
    readonly key: RoleKey
    readonly development: boolean
    readonly now: Instant
  },
): Promise<boolean> {
  const { node, key, development, now } = given
  const credentials = shownIn(node, verification, undefined)
  const body = JSON.stringify({
    ...{ id: verification.id, state: verification.state, answered_at: verification.answeredAt },
    ...(credentials && { credentials }),
  })
  const headers = signedHeaders(hook.url, body, { key, id: verification.id, now })
  const status = await post(hook.url, { headers, body, development })
  return status >= 200 && status < 300
}

function signedHeaders(
  url: string,
  body: string,
  { key, id, now }: { key: RoleKey; id: string; now: Instant },
): Record<string, string> {
  const covered = {
    'idempotency-key': id,
    'content-digest': contentDigest(sha256, utf8(body)),
  }
  const input = makeSignatureInput({
    components: requiredComponents(true),
    created: Math.floor(now / second),
    keyId: key.kid,
    nonce: crypto.randomUUID(),
  })
  const base = signatureBase({ method: 'POST', targetUri: url, headers: covered }, input)
  if (!base) throw new TypeError('a covered header is missing')
  const signature = Buffer.from(key.sign(base)).toString('base64')
  return {
    ...covered,
    'content-type': 'application/json',
    'signature-input': `${input.label}=${input.parameters}`,
    signature: `${input.label}=:${signature}:`,
  }
}

/** The status of the answer; 0 when there was none. */
function post(
  url: string,
  given: { headers: Record<string, string>; body: string; development: boolean },
): Promise<number> {
  const { headers, body, development } = given
  requireReachable(url, { development })
  const request = url.startsWith('https:') ? requestSecure : requestPlain
  const lookup = development ? {} : { lookup: publicLookup }
  const signal = AbortSignal.timeout(patienceMs)
  return new Promise((resolve) => {
    const asked = request(url, { method: 'POST', headers, signal, ...lookup }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('error', () => resolve(0))
    asked.end(body)
  })
}

/** Looks a name up, and knows only addresses that anybody can mean: none behind our own wall. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookUp(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? []
    const closed = !first || addresses.some(({ address }) => !isPublic(address))
    if (error ?? closed) callback(error ?? new Error('address is not public'), '', 4)
    else if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}
