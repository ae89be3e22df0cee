import { inflateSync } from 'node:zlib'

import { type Clock, type Instant, second } from '../base/clock.ts'
import { Weather } from '../base/refusal.ts'
import { FormatError } from '../formats/error.ts'
import { maxTokenLength } from '../formats/jws.ts'
import {
  readStatus,
  type StatusListToken,
  type StatusReference,
  statusListType,
  verifyStatusList,
} from '../formats/status-list.ts'
import { verifyWithJwk } from '../keys/verify-jwk.ts'
import type { trustedStatusSigner } from '../trust/trusted-signers.ts'

/** Fetches an address; the platform's own `fetch` is one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Answers what status a credential has, from lists that it keeps while they may be used. */
export interface StatusCache {
  /**
   * The status: 0 valid, 1 revoked, 2 suspended. `issuer` is the credential's: a list signed for
   * another is refused. FormatError as `verifyStatusList` and for an index out of range; what
   * `signer` throws; Weather when the list cannot be had and no copy in force is kept.
   */
  statusOf(reference: StatusReference, issuer: string): Promise<number>
}

interface Given {
  /** Who may sign lists for credentials of that issuer: `trustedStatusSigner`. */
  readonly signer: (issuer: string) => ReturnType<typeof trustedStatusSigner>
  readonly clock: Clock
  readonly fetch?: Fetch
  /** Plain http to this machine: in development only. */
  readonly plainHttp?: boolean
}

interface Kept {
  readonly token: StatusListToken
  readonly issuer: string
  readonly freshUntil: Instant
  readonly goodUntil: Instant
}

const patienceMs = 5000
const maxKept = 1000
const ttlWithout = 300
const lifeWithout = 86_400
const skewSeconds = 60

/** A cache of status lists (Token Status List draft-20 sections 8 and 13.7). */
export function createStatusCache(given: Given): StatusCache {
  const kept = new Map<string, Kept>()
  const coming = new Map<string, Promise<Kept>>()
  const { clock } = given

  async function load(uri: string, issuer: string): Promise<Kept> {
    const token = await fetched(given, uri)
    const loaded = await verified(given, token, { uri, issuer })
    if (kept.size >= maxKept) kept.delete(kept.keys().next().value ?? '')
    kept.set(uri, loaded)
    return loaded
  }

  async function listAt(uri: string, issuer: string): Promise<Kept> {
    const known = kept.get(uri)
    if (known && known.issuer === issuer && clock() < known.freshUntil) return known
    const name = `${issuer} ${uri}`
    const load_ = coming.get(name) ?? load(uri, issuer).finally(() => coming.delete(name))
    coming.set(name, load_)
    try {
      return await load_
    } catch (error) {
      const old = kept.get(uri)
      const usable = old && old.issuer === issuer && clock() < old.goodUntil
      if (error instanceof Weather && usable) return old
      throw error
    }
  }

  return {
    async statusOf({ uri, index }, issuer) {
      return readStatus((await listAt(uri, issuer)).token.list, index)
    },
  }
}

/** At most 64 kB, within five seconds, from exactly that address. Weather. */
async function fetched({ fetch: get = fetch, plainHttp }: Given, uri: string): Promise<string> {
  const url = URL.parse(uri)
  const local = plainHttp === true && url?.protocol === 'http:' && isLocal(url.hostname)
  if (!url || (url.protocol !== 'https:' && !local)) {
    throw new FormatError('CLAIM_MALFORMED', 'status list has no address that may be asked')
  }
  try {
    const response = await get(url.href, {
      headers: { accept: `application/${statusListType}` },
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    })
    if (response.status !== 200) throw new Error(`status ${response.status}`)
    return await bounded(response)
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new Weather('a status list could not be fetched', error)
  }
}

/** Reads no more than a token may have. FormatError TOO_LARGE. */
async function bounded(response: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > maxTokenLength) throw new FormatError('TOO_LARGE', 'status list is too long')
  }
  return text.trim()
}

async function verified(
  { signer, clock }: Given,
  compact: string,
  { uri, issuer }: { readonly uri: string; readonly issuer: string },
): Promise<Kept> {
  const now = clock()
  const token = await verifyStatusList(
    {
      verifyEs256: verifyWithJwk,
      inflate: (octets, maxOutputLength) => inflateSync(octets, { maxOutputLength }),
    },
    compact,
    {
      uri,
      clock: { nowSeconds: now / second, skewSeconds },
      trust: signer(issuer),
    },
  )
  const { ttlSeconds = ttlWithout, expiresSeconds = now / second + lifeWithout } = token
  const goodUntil = expiresSeconds * second
  return { token, issuer, freshUntil: Math.min(now + ttlSeconds * second, goodUntil), goodUntil }
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]'
}
