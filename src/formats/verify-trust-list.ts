import type { Instant } from '../base/clock.ts'
import type { JsonObject } from './json.ts'
import type { PublicJwk, Sha256 } from './jwk.ts'
import { type JwsHeader, parseJws, type VerifyEs256, verifyJws } from './jws.ts'
import {
  acceptTrustList,
  type KnownTrustList,
  maxTrustListLength,
  readTrustList,
  type TrustList,
  trustListDigest,
  trustListType,
} from './trust-list.ts'

/** What a client checks a trust list against. Nothing is optional. */
export type TrustListPolicy = Readonly<{
  /** Answers the key of the pinned root, or of what it certified for this; or throws. */
  trust: (header: JwsHeader, payload: JsonObject) => PublicJwk | Promise<PublicJwk>
  /** What was accepted last; 'none' on a new phone. */
  known: 'none' | KnownTrustList
  now: Instant
  skewSeconds: number
}>

/** A list to use until its `nextUpdate`, and what to remember of it. */
export type AcceptedTrustList = Readonly<{ list: TrustList; known: KnownTrustList }>

/**
 * Verifies a signed trust list: header, signer, signature, shape, then the rule of
 * `acceptTrustList`. Throws FormatError TOO_LARGE, JWS_*, JSON_*, TRUST_LIST_* or JWK_MALFORMED, or
 * what `trust` throws.
 */
export async function verifyTrustList(
  given: Readonly<{ sha256: Sha256; verifyEs256: VerifyEs256 }>,
  compact: string,
  policy: TrustListPolicy,
): Promise<AcceptedTrustList> {
  const maxLength = maxTrustListLength
  const jws = parseJws(compact, { types: [trustListType], algorithms: ['ES256'], maxLength })
  await verifyJws(given.verifyEs256, jws, await policy.trust(jws.header, jws.payload))
  const list = readTrustList(jws.payload)
  const digest = trustListDigest(given.sha256, jws.payloadBytes)
  return { list, known: acceptTrustList({ list, digest }, policy.known, policy) }
}
