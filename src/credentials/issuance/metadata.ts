import { type Instant, second } from '../../base/clock.ts'
import { isArray, isObject, type JsonObject, member } from '../../formats/json.ts'
import { signJws } from '../../formats/jws.ts'
import { membershipTypeMetadata } from '../../formats/type-metadata.ts'
import type { Issuer } from '../issue.ts'
import { membershipType } from '../membership-claims.ts'
import { statusAggregationUri } from '../status-lists.ts'

/** The one credential configuration that we offer. */
export const membershipConfiguration = 'union-membership'

/** How many copies a request may ask for. */
export const maxBatch = 10

/** Where the endpoints are, below the node's address. */
export const issuancePaths = {
  credential: '/openid4vci/credential',
  deferred: '/openid4vci/deferred-credential',
  nonce: '/openid4vci/nonce',
  notification: '/openid4vci/notification',
} as const

/** Type of the signed metadata (OpenID4VCI 1.0 section 12.2.3). */
export const signedMetadataType = 'openidvci-issuer-metadata+jwt'

/** Credential issuer metadata (OpenID4VCI 1.0 section 12.2.4). */
export function issuerMetadata({ publicUrl, node }: Issuer): JsonObject {
  return {
    credential_issuer: publicUrl,
    authorization_servers: [publicUrl],
    credential_endpoint: publicUrl + issuancePaths.credential,
    deferred_credential_endpoint: publicUrl + issuancePaths.deferred,
    nonce_endpoint: publicUrl + issuancePaths.nonce,
    notification_endpoint: publicUrl + issuancePaths.notification,
    batch_credential_issuance: { batch_size: maxBatch },
    // Token Status List draft-20 section 9.1
    status_list_aggregation_endpoint: statusAggregationUri(publicUrl),
    display: [
      { name: node.nameZh, locale: 'zh-CN' },
      { name: `Trade union node ${node.code}`, locale: 'en' },
    ],
    credential_configurations_supported: { [membershipConfiguration]: membership(publicUrl) },
  }
}

/** The same, signed by the issuer's key (section 12.2.3): a compact JWS. */
export function signedIssuerMetadata(issuer: Issuer, now: Instant): Promise<string> {
  const { publicUrl, roles } = issuer
  const key = roles.current('issuer')
  const header = { typ: signedMetadataType, kid: key.kid, x5c: key.x5c }
  const about = { iss: publicUrl, sub: publicUrl, iat: Math.floor(now / second) }
  return signJws(key.sign, header, { ...issuerMetadata(issuer), ...about })
}

function membership(publicUrl: string): JsonObject {
  const vct = membershipType(publicUrl)
  return {
    format: 'dc+sd-jwt',
    vct,
    scope: membershipConfiguration,
    cryptographic_binding_methods_supported: ['jwk'],
    credential_signing_alg_values_supported: ['ES256'],
    proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
    credential_metadata: {
      display: [
        {
          ...{ name: '工会会员证', locale: 'zh-CN', description: '工会会员身份凭证' },
          ...{ background_color: '#b3261e', text_color: '#ffffff' },
        },
        {
          ...{ name: 'Union membership', locale: 'en', description: 'Membership of the union' },
          ...{ background_color: '#b3261e', text_color: '#ffffff' },
        },
      ],
      claims: claimsOf(membershipTypeMetadata(vct)),
    },
  }
}

/** The type's claims in the words of section B.2: `name` where type metadata say `label`. */
function claimsOf(type: JsonObject): readonly JsonObject[] {
  const claims = member(type, 'claims')
  if (!isArray(claims)) throw new TypeError('type metadata have no claims')
  return claims.filter(isObject).flatMap(({ path = [], display = [], sd }) => {
    if (sd !== 'always' || !isArray(display)) return []
    const names = display.filter(isObject).map(({ label = '', locale = '' }) => {
      return { name: label, locale }
    })
    return [{ path, display: names }]
  })
}
