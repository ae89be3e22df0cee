import { utf8 } from '../base/bytes.ts'
import { isArray, isObject, type JsonObject, member, parseJsonObject } from '../formats/json.ts'
import { readObject, textOf } from './ask.ts'
import { WalletError } from './error.ts'
import type { Platform } from './platform.ts'

const grantType = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

/** What an issuer offers (OpenID4VCI 1.0 section 4.1.1), by pre-authorized code. */
export type CredentialOffer = Readonly<{
  issuer: string
  configurationIds: readonly string[]
  preAuthorizedCode: string
  /** How the transaction code looks that the member must type; `undefined`: there is none. */
  txCode: Readonly<{ length: number | undefined; description: string | undefined }> | undefined
}>

/** Where an issuer's endpoints are, and what it issues (section 12.2.4, RFC 8414). */
export type IssuerEndpoints = Readonly<{
  issuer: string
  token: string
  nonce: string | undefined
  credential: string
  deferred: string | undefined
  notification: string | undefined
  /** How many copies it makes at once. */
  batchSize: number
  /** Display metadata and formats, by id. */
  configurations: JsonObject
}>

/**
 * Resolves a link (`openid-credential-offer://?…`) to an offer, by value or by reference; as often
 * as one likes. WalletError OFFER_MALFORMED; FormatError.
 */
export async function resolveOffer(
  { fetch }: Pick<Platform, 'fetch'>,
  link: string,
): Promise<CredentialOffer> {
  const asked = URL.parse(link)?.searchParams
  const [value, uri] = ['credential_offer', 'credential_offer_uri'].map((name) => asked?.get(name))
  if ((value == null) === (uri == null)) throw malformed('link does not refer to an offer')
  if (value != null) return readOffer(parseJsonObject(utf8(value)))
  const request = { method: 'GET', headers: { accept: 'application/json' } } as const
  const answer = await fetch(requireSecure(String(uri)), request)
  if (answer.status !== 200) throw malformed('offer cannot be had')
  return readOffer(await readObject(answer))
}

/**
 * Reads where an issuer's endpoints are: its metadata, and those of its authorization server, both
 * of which must be about itself (section 12.2.3; RFC 8414 section 3.3). WalletError
 * METADATA_MALFORMED or METADATA_ISSUER; FormatError.
 */
export async function readIssuer(
  platform: Pick<Platform, 'fetch'>,
  issuer: string,
): Promise<IssuerEndpoints> {
  const metadata = await readWellKnown(platform, 'openid-credential-issuer', issuer)
  if (member(metadata, 'credential_issuer') !== issuer) throw another()
  const servers = member(metadata, 'authorization_servers') ?? [issuer]
  const server = isArray(servers) ? servers[0] : undefined
  if (typeof server !== 'string') throw unreadable('authorization_servers is not a list')
  const authorization = await readWellKnown(platform, 'oauth-authorization-server', server)
  if (member(authorization, 'issuer') !== server) throw another()
  const configurations = member(metadata, 'credential_configurations_supported')
  if (!isObject(configurations)) throw unreadable('there are no configurations')
  const batch = member(metadata, 'batch_credential_issuance')
  const size = isObject(batch) ? member(batch, 'batch_size') : 1
  return {
    issuer,
    token: requireSecure(textOf(authorization, 'token_endpoint', 'METADATA_MALFORMED')),
    nonce: endpoint(metadata, 'nonce_endpoint'),
    credential: requireSecure(textOf(metadata, 'credential_endpoint', 'METADATA_MALFORMED')),
    deferred: endpoint(metadata, 'deferred_credential_endpoint'),
    notification: endpoint(metadata, 'notification_endpoint'),
    batchSize: typeof size === 'number' && size >= 1 ? Math.floor(size) : 1,
    configurations,
  }
}

/** Well-known paths stand before the path of the issuer (section 12.2.2; RFC 8414 section 3.1). */
async function readWellKnown(
  { fetch }: Pick<Platform, 'fetch'>,
  name: string,
  issuer: string,
): Promise<JsonObject> {
  const { origin, pathname } = new URL(requireSecure(issuer))
  const url = `${origin}/.well-known/${name}${pathname.replace(/\/$/, '')}`
  const answer = await fetch(url, { method: 'GET', headers: { accept: 'application/json' } })
  if (answer.status !== 200) throw unreadable(`${name} cannot be had`)
  return readObject(answer)
}

function readOffer(offer: JsonObject): CredentialOffer {
  const ids = member(offer, 'credential_configuration_ids')
  const grants = member(offer, 'grants')
  const grant = isObject(grants) ? member(grants, grantType) : undefined
  if (!isArray(ids) || ids.length === 0 || !ids.every((id) => typeof id === 'string')) {
    throw malformed('offer names no configuration')
  }
  if (!isObject(grant)) throw malformed('offer has no pre-authorized code')
  const code = member(grant, 'tx_code')
  return {
    issuer: requireSecure(textOf(offer, 'credential_issuer', 'OFFER_MALFORMED')),
    configurationIds: ids as readonly string[],
    preAuthorizedCode: textOf(grant, 'pre-authorized_code', 'OFFER_MALFORMED'),
    txCode: isObject(code) ? readTxCode(code) : undefined,
  }
}

function readTxCode(code: JsonObject): NonNullable<CredentialOffer['txCode']> {
  const [length, description] = [member(code, 'length'), member(code, 'description')]
  return {
    length: typeof length === 'number' ? length : undefined,
    description: typeof description === 'string' ? description : undefined,
  }
}

function endpoint(metadata: JsonObject, name: string): string | undefined {
  const given = member(metadata, name)
  return typeof given === 'string' ? requireSecure(given) : undefined
}

/** https, or plain http to this machine, which only a development node has. */
function requireSecure(uri: string): string {
  const url = URL.parse(uri)
  const local = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1)$/.test(url.hostname)
  if (url?.protocol === 'https:' || local) return uri
  throw malformed('address is not an https one')
}

function malformed(message: string): WalletError {
  return new WalletError('OFFER_MALFORMED', message)
}

function unreadable(message: string): WalletError {
  return new WalletError('METADATA_MALFORMED', message)
}

function another(): WalletError {
  return new WalletError('METADATA_ISSUER', 'metadata are about another issuer')
}
