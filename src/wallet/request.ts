import { type Bytes, fromBase64url, toBase64url } from '../base/bytes.ts'
import { second } from '../base/clock.ts'
import { readCertificate } from '../formats/certificate.ts'
import { type DcqlQuery, readDcql } from '../formats/dcql.ts'
import { isArray, isObject, type JsonObject, member, parseJsonObject } from '../formats/json.ts'
import { type PublicJwk, readPublicJwk } from '../formats/jwk.ts'
import { type JwsHeader, maxTokenLength, parseJws, verifyJws } from '../formats/jws.ts'
import { checkTimes } from '../formats/token-times.ts'
import { readText, reasonIn } from './ask.ts'
import type { ContentEncryption } from './encrypt.ts'
import { WalletError, type WalletErrorCode } from './error.ts'
import type { Platform } from './platform.ts'

/** One entry of `transaction_data` (OpenID4VP 1.0 section 5.1). */
export type TransactionData = Readonly<{
  /** As it came: what is hashed. */
  encoded: string
  type: string
  credentialIds: readonly string[]
  members: JsonObject
}>

/** A request that was found good: who asks, for what, and how the answer gets there. */
export type PresentationRequest = Readonly<{
  clientId: string
  /** Certificates of who asks, leaf first, DER; `trust` has accepted them. */
  x5c: readonly Bytes[]
  query: DcqlQuery
  transactionData: readonly TransactionData[]
  nonce: string
  state: string | undefined
  responseUri: string
  encryption: Readonly<{ jwk: PublicJwk; kid: string | undefined; enc: ContentEncryption }>
}>

/** What a wallet goes by when somebody asks. Nothing is optional. */
export interface RequestPolicy {
  /**
   * Accepts who asks by the certificates, leaf first, and answers the leaf's key, or throws: path
   * to a pinned root, validity, role of a verifier.
   */
  readonly trust: (x5c: readonly Bytes[]) => PublicJwk | Promise<PublicJwk>
  /** Types of transaction data that the wallet can show; others are refused (section 8.4). */
  readonly transactionTypes: readonly string[]
  /** Where the request came by the browser's own API: the page's origin (section A.2). */
  readonly origin: 'not-asked' | string
}

const requestType = 'oauth-authz-req+jwt'
const audience = 'https://self-issued.me/v2'
const skewSeconds = 60

/**
 * Resolves a link (`openid4vp://?…`, from a QR code or an app) to a request that was found good
 * (OpenID4VP 1.0 sections 5 and 14): fetched by POST with a nonce of ours where the link says so,
 * signed by the key of the certificate that the client identifier names, for us, in time, with a
 * query we can read. Throws WalletError REQUEST_*, FormatError, or what `trust` throws.
 */
export async function resolveRequest(
  platform: Platform,
  link: string,
  policy: RequestPolicy,
): Promise<PresentationRequest> {
  const { clientId, requestUri, post } = readLink(link)
  const walletNonce = post ? toBase64url(platform.random(16)) : undefined
  const compact = await fetchRequest(platform, requestUri, walletNonce)
  const shape = { types: [requestType], algorithms: ['ES256'], maxLength: maxTokenLength } as const
  const jws = parseJws(compact, shape)
  const x5c = checkClientId(platform, jws.header, jws.payload, clientId)
  await verifyJws(platform.verifyEs256, jws, await policy.trust(x5c))
  checkPayload(jws.payload, walletNonce, policy)
  const nowSeconds = Math.floor(platform.now() / second)
  checkTimes(jws.payload, { nowSeconds, skewSeconds })
  const state = member(jws.payload, 'state')
  return {
    clientId,
    x5c,
    query: readDcql(member(jws.payload, 'dcql_query')),
    transactionData: readTransactionData(jws.payload, policy),
    nonce: text(jws.payload, 'nonce'),
    state: state === undefined ? undefined : text(jws.payload, 'state'),
    responseUri: address(text(jws.payload, 'response_uri')),
    encryption: readEncryption(jws.payload),
  }
}

function readLink(link: string): { clientId: string; requestUri: string; post: boolean } {
  const url = URL.parse(link)
  const clientId = url?.searchParams.get('client_id')
  const requestUri = url?.searchParams.get('request_uri')
  const method = url?.searchParams.get('request_uri_method') ?? 'get'
  if (!clientId || !requestUri || (method !== 'get' && method !== 'post')) {
    throw refuse('REQUEST_MALFORMED', 'link does not refer to a request')
  }
  return { clientId, requestUri: address(requestUri), post: method === 'post' }
}

async function fetchRequest(
  { fetch }: Platform,
  requestUri: string,
  walletNonce: string | undefined,
): Promise<string> {
  const accept = { accept: `application/${requestType}` }
  const form = { 'content-type': 'application/x-www-form-urlencoded', ...accept }
  const answer =
    walletNonce === undefined
      ? await fetch(requestUri, { method: 'GET', headers: accept })
      : await fetch(requestUri, {
          ...{ method: 'POST', headers: form },
          body: new URLSearchParams({ wallet_nonce: walletNonce }).toString(),
        })
  const body = await readText(answer)
  if (answer.status === 200) return body.trim()
  throw refuse('REQUEST_UNAVAILABLE', 'request cannot be had', reasonIn(body))
}

/** Section 5.9.3: the prefix says how the certificate and the identifier belong together. */
function checkClientId(
  { sha256 }: Platform,
  { x5c }: JwsHeader,
  payload: JsonObject,
  clientId: string,
): readonly Bytes[] {
  const [leaf] = x5c ?? []
  const at = clientId.indexOf(':')
  const [prefix, rest] = [clientId.slice(0, at), clientId.slice(at + 1)]
  if (!x5c || !leaf || member(payload, 'client_id') !== clientId) {
    throw refuse('REQUEST_CLIENT_ID', 'request is of another client')
  }
  const host = URL.parse(text(payload, 'response_uri'))?.hostname
  const good =
    (prefix === 'x509_hash' && toBase64url(sha256(leaf)) === rest) ||
    (prefix === 'x509_san_dns' && readCertificate(leaf).dnsNames.includes(rest) && host === rest)
  if (!good) throw refuse('REQUEST_CLIENT_ID', 'certificate is not the client’s')
  return x5c
}

function checkPayload(
  payload: JsonObject,
  walletNonce: string | undefined,
  { origin }: RequestPolicy,
): void {
  if (member(payload, 'aud') !== audience) throw refuse('REQUEST_AUDIENCE', 'request is not for us')
  if (walletNonce !== undefined && member(payload, 'wallet_nonce') !== walletNonce) {
    throw refuse('REQUEST_WALLET_NONCE', 'request was not made for our nonce')
  }
  const modes = [member(payload, 'response_type'), member(payload, 'response_mode')].join()
  if (modes !== 'vp_token,direct_post.jwt' || Object.hasOwn(payload, 'redirect_uri')) {
    throw refuse('REQUEST_MODE', 'request asks for another kind of answer')
  }
  const origins = member(payload, 'expected_origins')
  if (origin !== 'not-asked' && !(isArray(origins) && origins.includes(origin))) {
    throw refuse('REQUEST_ORIGIN', 'request was made for another page')
  }
}

/** Section 8.4: a wallet refuses transaction data that it cannot show. */
function readTransactionData(
  payload: JsonObject,
  { transactionTypes }: RequestPolicy,
): readonly TransactionData[] {
  const entries = member(payload, 'transaction_data')
  if (entries === undefined) return []
  const bad = () => refuse('REQUEST_TRANSACTION_DATA', 'transaction data cannot be shown')
  if (!isArray(entries) || entries.length === 0 || entries.length > 8) throw bad()
  return entries.map((encoded) => {
    const octets = typeof encoded === 'string' ? fromBase64url(encoded) : undefined
    if (typeof encoded !== 'string' || !octets) throw bad()
    const members = parseJsonObject(octets)
    const [type, ids] = [member(members, 'type'), member(members, 'credential_ids')]
    const hashes = member(members, 'transaction_data_hashes_alg') ?? ['sha-256']
    const named = isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string')
    const known = typeof type === 'string' && transactionTypes.includes(type)
    if (!named || !known || !isArray(hashes) || !hashes.includes('sha-256')) throw bad()
    return { encoded, type, credentialIds: ids as readonly string[], members }
  })
}

/** Sections 5.1 and 8.3: the first key that we can encrypt for. */
function readEncryption(payload: JsonObject): PresentationRequest['encryption'] {
  const metadata = member(payload, 'client_metadata')
  const set = isObject(metadata) ? member(metadata, 'jwks') : undefined
  const keys = isObject(set) ? member(set, 'keys') : undefined
  const key = (isArray(keys) ? keys : []).find(
    (each) => isObject(each) && member(each, 'kty') === 'EC' && member(each, 'alg') === 'ECDH-ES',
  )
  if (!isObject(metadata) || !isObject(key)) {
    throw refuse('REQUEST_ENCRYPTION', 'request has no key to encrypt for')
  }
  const offered = member(metadata, 'encrypted_response_enc_values_supported') ?? ['A128GCM']
  const enc = (['A256GCM', 'A128GCM'] as const).find((each) => {
    return isArray(offered) && offered.includes(each)
  })
  if (!enc) throw refuse('REQUEST_ENCRYPTION', 'request offers no encryption that we know')
  const kid = member(key, 'kid')
  const { use: _use, alg: _alg, ...bare } = key
  return { jwk: readPublicJwk(bare), kid: typeof kid === 'string' ? kid : undefined, enc }
}

/** https, or plain http to this very machine: trust in the certificate is what counts. */
function address(uri: string): string {
  const url = URL.parse(uri)
  const local = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1)$/.test(url.hostname)
  if (url?.protocol === 'https:' || local) return uri
  throw refuse('REQUEST_MALFORMED', 'address is not an https one')
}

function text(payload: JsonObject, name: string): string {
  const value = member(payload, name)
  if (typeof value === 'string' && value !== '' && value.length <= 2048) return value
  throw refuse('REQUEST_MALFORMED', `${name} is not a text`)
}

function refuse(code: WalletErrorCode, message: string, reason?: string): WalletError {
  return new WalletError(code, message, reason)
}
