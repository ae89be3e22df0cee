import { toBase64, utf8 } from '../base/bytes.ts'
import { type Clock, second } from '../base/clock.ts'
import { newRandomId } from '../base/id.ts'
import { Weather } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import {
  contentDigest,
  makeSignatureInput,
  requiredComponents,
  signatureBase,
} from '../formats/http-signature.ts'
import type { RoleKeys } from '../keys/role-keys.ts'
import type { Peer } from './peers.ts'

/** What another node answered: its status and its JSON, not looked at yet. */
export interface PeerAnswer {
  readonly status: number
  readonly body: unknown
}

/** A request to another node. With a `key` it is a POST of `body`, without one a GET. */
export interface PeerRequest {
  /** Below `/api/v1/node`. */
  readonly path: string
  readonly key?: string
  /** JSON text. */
  readonly body?: string
}

const patienceMs = 4000
const maxAnswer = 1_500_000

/**
 * Asks another node, signed with our `redeemer` key (RFC 9421), at exactly the address that the
 * trust list has. Weather when nobody answers within four seconds, or something that is not JSON:
 * then the outcome of a POST is unknown, and the same request under the same key is safe.
 */
export async function askPeer(
  { roles, clock }: { readonly roles: RoleKeys; readonly clock: Clock },
  peer: Peer,
  { path, key, body = '{}' }: PeerRequest,
): Promise<PeerAnswer> {
  const url = `${peer.url}/api/v1/node${path}`
  const method = key === undefined ? 'GET' : 'POST'
  const headers: Record<string, string> =
    key === undefined
      ? {}
      : { 'idempotency-key': key, 'content-digest': contentDigest(sha256, utf8(body)) }
  const own = roles.current('redeemer')
  const input = makeSignatureInput({
    components: requiredComponents(key !== undefined),
    created: Math.floor(clock() / second),
    keyId: own.kid,
    nonce: newRandomId(),
  })
  const base = signatureBase({ method, targetUri: url, headers }, input)
  if (!base) throw new TypeError('a covered header is missing')
  const signed = {
    ...headers,
    'signature-input': `${input.label}=${input.parameters}`,
    signature: `${input.label}=:${toBase64(own.sign(base))}:`,
    ...(key !== undefined && { 'content-type': 'application/json' }),
  }
  try {
    const answer = await fetch(url, {
      ...{ method, headers: signed, redirect: 'error' },
      ...(key !== undefined && { body }),
      signal: AbortSignal.timeout(patienceMs),
    })
    return { status: answer.status, body: JSON.parse(await readShort(answer)) }
  } catch (error) {
    throw new Weather('another node did not answer', error)
  }
}

async function readShort({ body }: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const part of body ?? []) {
    text += decoder.decode(part, { stream: true })
    if (text.length > maxAnswer) throw new Error('the answer is too long')
  }
  return text
}
