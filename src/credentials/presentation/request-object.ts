import { toBase64url, utf8 } from '../../base/bytes.ts'
import { type Instant, second } from '../../base/clock.ts'
import { sha256 } from '../../base/sha256.ts'
import { sdJwtVcFormat } from '../../formats/dcql.ts'
import type { Json, JsonObject } from '../../formats/json.ts'
import { signJws } from '../../formats/jws.ts'
import type { RoleKey } from '../../keys/role-keys.ts'
import { linkQuery } from '../link-query.ts'
import { contentEncryptions, encryptionJwk } from './response-key.ts'
import type { Verification } from './verifications.ts'

/** `typ` of a signed request (OpenID4VP 1.0 section 5; RFC 9101 section 10.8). */
const requestType = 'oauth-authz-req+jwt'

/** `aud` where nothing is known of the wallet (section 5.8). */
const staticAudience = 'https://self-issued.me/v2'

/** How a wallet may know us by our certificate (section 5.9.3). */
export const clientIdPrefixes = ['x509_hash', 'x509_san_dns'] as const

export type ClientIdPrefix = (typeof clientIdPrefixes)[number]

/**
 * Our client identifier (section 5.9.3): `x509_hash:` and the SHA-256 of the certificate, or
 * `x509_san_dns:` and the host of our address, which must be a name of the certificate.
 */
export function clientIdOf(prefix: ClientIdPrefix, key: RoleKey, publicUrl: string): string {
  if (prefix === 'x509_san_dns') return `${prefix}:${new URL(publicUrl).hostname}`
  const leaf = Buffer.from(key.x5c[0] ?? '', 'base64')
  return `${prefix}:${toBase64url(sha256(leaf))}`
}

/** Where the wallet gets the request; it answers at `/response` below it. */
function requestUri(publicUrl: string, { requestId }: Pick<Verification, 'requestId'>): string {
  return `${publicUrl}/vp/${requestId}`
}

/**
 * What is put into a QR code or a link (section 5.10): the address of the request and nothing of
 * its content. `scheme` is all before the question mark.
 */
export function requestLink(
  publicUrl: string,
  verification: Pick<Verification, 'requestId' | 'clientId'>,
  scheme = 'openid4vp://',
): string {
  const query = linkQuery({
    client_id: verification.clientId,
    request_uri: requestUri(publicUrl, verification),
    request_uri_method: 'post',
  })
  return `${scheme}?${query}`
}

/**
 * The signed request (sections 5.1 and 5.10), the same whenever it is fetched but for its time and
 * the wallet's nonce. The key is the verifier's; its certificates go into the header.
 */
export function requestObject(
  key: RoleKey,
  verification: Verification,
  given: {
    readonly publicUrl: string
    readonly walletNonce: string | undefined
    readonly now: Instant
  },
): Promise<string> {
  const { clientId, nonce, walletState, query, expiresAt } = verification
  const entries = JSON.parse(verification.transactionData) as readonly string[]
  const jwk = { ...verification.encryptionKey, kty: 'EC', crv: 'P-256' } as const
  const payload: JsonObject = {
    iss: clientId,
    aud: staticAudience,
    iat: Math.floor(given.now / second),
    exp: Math.floor(expiresAt / second),
    response_type: 'vp_token',
    response_mode: 'direct_post.jwt',
    client_id: clientId,
    response_uri: `${requestUri(given.publicUrl, verification)}/response`,
    nonce,
    state: walletState,
    dcql_query: JSON.parse(query) as Json,
    client_metadata: {
      jwks: { keys: [encryptionJwk(jwk)] },
      encrypted_response_enc_values_supported: contentEncryptions,
      vp_formats_supported: {
        [sdJwtVcFormat]: { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] },
      },
    },
    ...(entries.length > 0 && { transaction_data: entries }),
    ...(given.walletNonce !== undefined && { wallet_nonce: given.walletNonce }),
  }
  const header = { typ: requestType, x5c: key.x5c }
  return signJws((octets) => key.sign(octets), header, payload)
}

/** A fresh code by which who was redirected shows that it was they (section 13.3). */
export function responseCodeDigest(code: string): Uint8Array {
  return sha256(utf8(code))
}
