import { toBase64url, utf8 } from '../base/bytes.ts'
import { second } from '../base/clock.ts'
import { signJws } from '../formats/jws.ts'
import type { Platform, WalletKey } from './platform.ts'

/** What a wallet's requests are bound to, and the nonce that the server gave last. */
export interface DpopSession {
  readonly key: WalletKey
  /** Kept up to date by `askBound`; '' before the first. */
  nonce: string
}

/** A POST as it goes to an endpoint that wants proofs. */
export interface BoundRequest {
  readonly url: string
  readonly contentType: string
  readonly body: string
  /** Once there is one. */
  readonly accessToken?: string
}

/**
 * Posts with a DPoP proof (RFC 9449 sections 4.2 and 7.1), and once more when the server asks for
 * its nonce (sections 8 and 9). Each attempt has a proof of its own.
 */
export async function askBound(
  platform: Platform,
  session: DpopSession,
  request: BoundRequest,
): Promise<Response> {
  const before = session.nonce
  const answer = await post(platform, session, request)
  const asked = answer.status === 400 || answer.status === 401
  const fresh = session.nonce !== before
  if (!asked || !fresh || !(await wantsNonce(answer))) return answer
  return post(platform, session, request)
}

async function post(
  platform: Platform,
  session: DpopSession,
  { url, contentType, body, accessToken }: BoundRequest,
): Promise<Response> {
  const proof = await makeProof(platform, session, url, accessToken)
  const authorization = accessToken === undefined ? {} : { authorization: `DPoP ${accessToken}` }
  const answer = await platform.fetch(url, {
    method: 'POST',
    headers: { 'content-type': contentType, dpop: proof, ...authorization },
    body,
  })
  session.nonce = answer.headers.get('dpop-nonce') ?? session.nonce
  return answer
}

function makeProof(
  { sha256, random, now }: Platform,
  { key, nonce }: DpopSession,
  url: string,
  accessToken: string | undefined,
): Promise<string> {
  return signJws(
    key.sign,
    { typ: 'dpop+jwt', jwk: key.jwk },
    {
      htm: 'POST',
      htu: url.split(/[?#]/)[0] ?? url,
      iat: Math.floor(now() / second),
      jti: toBase64url(random(16)),
      ...(nonce !== '' && { nonce }),
      ...(accessToken !== undefined && { ath: toBase64url(sha256(utf8(accessToken))) }),
    },
  )
}

/** In the body of a token endpoint, in the challenge of a resource (sections 8 and 9). */
async function wantsNonce(answer: Response): Promise<boolean> {
  if (/error="use_dpop_nonce"/.test(answer.headers.get('www-authenticate') ?? '')) return true
  const copy = answer.clone()
  return /"use_dpop_nonce"/.test((await copy.text()).slice(0, 4096))
}
