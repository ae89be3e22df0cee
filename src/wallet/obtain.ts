import { second } from '../base/clock.ts'
import { FormatError } from '../formats/error.ts'
import { isArray, isObject, type Json, type JsonObject, member } from '../formats/json.ts'
import { signJws } from '../formats/jws.ts'
import { holderKeyOf } from '../formats/sd-jwt/key-binding.ts'
import { readCredential } from '../formats/sd-jwt/present.ts'
import { readObject, readText, reasonIn, textOf } from './ask.ts'
import { askBound, type DpopSession } from './dpop.ts'
import { WalletError } from './error.ts'
import type { CredentialOffer, IssuerEndpoints } from './offer.ts'
import type { HeldCredential, Platform, WalletKey } from './platform.ts'

const grantType = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
const formType = 'application/x-www-form-urlencoded'

/** A wallet's standing with an issuer: to be kept, if credentials are to be fetched again. */
export interface IssuerSession {
  readonly endpoints: IssuerEndpoints
  readonly dpop: DpopSession
  readonly accessToken: string
  readonly refreshToken: string | undefined
}

/** Credentials, or what to ask for them with later. */
export type Obtained =
  | { readonly credentials: readonly HeldCredential[]; readonly notificationId: string | undefined }
  | { readonly transactionId: string; readonly intervalSeconds: number }

/**
 * Exchanges an offer's code for a token, once (OpenID4VCI 1.0 section 6.1), bound to `key`.
 * WalletError TOKEN_REFUSED with the server's code (`invalid_grant`: the code is used up, or the
 * transaction code is wrong).
 */
export function exchangeCode(
  platform: Platform,
  given: { offer: CredentialOffer; endpoints: IssuerEndpoints; txCode?: string; key: WalletKey },
): Promise<IssuerSession> {
  const { offer, endpoints, txCode, key } = given
  const form = {
    grant_type: grantType,
    'pre-authorized_code': offer.preAuthorizedCode,
    ...(txCode !== undefined && { tx_code: txCode }),
  }
  return askToken(platform, endpoints, { key, nonce: '' }, form)
}

/** Renews a session whose token has expired. WalletError TOKEN_REFUSED. */
export function refresh(platform: Platform, session: IssuerSession): Promise<IssuerSession> {
  const form = { grant_type: 'refresh_token', refresh_token: session.refreshToken ?? '' }
  return askToken(platform, session.endpoints, session.dpop, form)
}

/**
 * Asks for a copy of a credential for each holder key (section 8.2), with proofs for a nonce just
 * fetched; once more where the issuer did not take it (section 8.3.1.2). WalletError
 * CREDENTIAL_REFUSED with the issuer's code, or RESPONSE_MALFORMED when a copy is not for its key.
 */
export async function obtain(
  platform: Platform,
  session: IssuerSession,
  given: { readonly configurationId: string; readonly keys: readonly WalletKey[] },
): Promise<Obtained> {
  const { configurationId, keys } = given
  const ask = async () => {
    const jwt = await makeProofs(platform, session, keys)
    const body = { credential_configuration_id: configurationId, proofs: { jwt } }
    return askJson(platform, session, session.endpoints.credential, body)
  }
  let told = await ask()
  if (told.status === 400 && told.reason === 'invalid_nonce') told = await ask()
  return readObtained(platform, told, keys)
}

/**
 * Asks for what had to wait (section 9). Answers the same again, with the interval, while it has
 * to. WalletError CREDENTIAL_REFUSED.
 */
export async function obtainDeferred(
  platform: Platform,
  session: IssuerSession,
  given: { readonly transactionId: string; readonly keys: readonly WalletKey[] },
): Promise<Obtained> {
  const { deferred } = session.endpoints
  if (deferred === undefined) {
    throw new WalletError('METADATA_MALFORMED', 'issuer has no deferred endpoint')
  }
  const body = { transaction_id: given.transactionId }
  return readObtained(platform, await askJson(platform, session, deferred, body), given.keys)
}

/** Tells the issuer what became of an issuance (section 11). What it answers changes nothing. */
export async function notify(
  platform: Platform,
  session: IssuerSession,
  given: {
    readonly notificationId: string
    readonly event: 'credential_accepted' | 'credential_failure' | 'credential_deleted'
  },
): Promise<void> {
  const { notification } = session.endpoints
  if (notification === undefined) return
  const body = { notification_id: given.notificationId, event: given.event }
  await askJson(platform, session, notification, body)
}

async function askToken(
  platform: Platform,
  endpoints: IssuerEndpoints,
  dpop: DpopSession,
  form: Record<string, string>,
): Promise<IssuerSession> {
  const answer = await askBound(platform, dpop, {
    ...{ url: endpoints.token, contentType: formType },
    body: new URLSearchParams(form).toString(),
  })
  if (answer.status !== 200) {
    const reason = reasonIn(await readText(answer))
    throw new WalletError('TOKEN_REFUSED', 'token was refused', reason)
  }
  const body = await readObject(answer)
  if (String(member(body, 'token_type')).toLowerCase() !== 'dpop') {
    throw new WalletError('RESPONSE_MALFORMED', 'token is not bound to the key')
  }
  const accessToken = textOf(body, 'access_token', 'RESPONSE_MALFORMED')
  const refreshToken = member(body, 'refresh_token')
  return {
    ...{ endpoints, dpop, accessToken },
    refreshToken: typeof refreshToken === 'string' ? refreshToken : undefined,
  }
}

async function makeProofs(
  platform: Platform,
  { endpoints }: IssuerSession,
  keys: readonly WalletKey[],
): Promise<readonly string[]> {
  const nonce = await fetchNonce(platform, endpoints)
  const iat = Math.floor(platform.now() / second)
  const payload = { aud: endpoints.issuer, iat, ...(nonce !== undefined && { nonce }) }
  return Promise.all(
    keys.map(({ jwk, sign }) => signJws(sign, { typ: 'openid4vci-proof+jwt', jwk }, payload)),
  )
}

/** Section 7. An issuer without the endpoint needs none. */
async function fetchNonce(
  { fetch }: Platform,
  { nonce }: IssuerEndpoints,
): Promise<string | undefined> {
  if (nonce === undefined) return undefined
  const answer = await fetch(nonce, { method: 'POST', headers: {} })
  if (answer.status !== 200) throw new WalletError('RESPONSE_MALFORMED', 'there is no nonce')
  return textOf(await readObject(answer), 'c_nonce', 'RESPONSE_MALFORMED')
}

type Told = Readonly<{ status: number; body: JsonObject; reason: string | undefined }>

async function askJson(
  platform: Platform,
  { dpop, accessToken }: IssuerSession,
  url: string,
  body: JsonObject,
): Promise<Told> {
  const answer = await askBound(platform, dpop, {
    ...{ url, contentType: 'application/json', body: JSON.stringify(body), accessToken },
  })
  const { status } = answer
  if (status === 204) return { status, body: {}, reason: undefined }
  if (status >= 200 && status < 300) {
    return { status, body: await readObject(answer), reason: undefined }
  }
  const reason = challengeIn(answer) ?? reasonIn(await readText(answer))
  return { status, body: {}, reason }
}

function challengeIn({ headers }: Response): string | undefined {
  return /error="([a-z_]+)"/.exec(headers.get('www-authenticate') ?? '')?.[1]
}

function readObtained(
  platform: Pick<Platform, 'sha256'>,
  { status, body, reason }: Told,
  keys: readonly WalletKey[],
): Obtained {
  if (status === 202) {
    const interval = member(body, 'interval')
    return {
      transactionId: textOf(body, 'transaction_id', 'RESPONSE_MALFORMED'),
      intervalSeconds: typeof interval === 'number' ? interval : 5,
    }
  }
  if (status !== 200) throw new WalletError('CREDENTIAL_REFUSED', 'credential was refused', reason)
  const list = member(body, 'credentials')
  if (!isArray(list) || list.length === 0) {
    throw new WalletError('RESPONSE_MALFORMED', 'there are no credentials')
  }
  const notificationId = member(body, 'notification_id')
  return {
    credentials: list.map((each) => held(platform, each, keys)),
    notificationId: typeof notificationId === 'string' ? notificationId : undefined,
  }
}

/** Finds the holder key that a copy is bound to: the issuer may answer in any order. */
function held(
  { sha256 }: Pick<Platform, 'sha256'>,
  entry: Json,
  keys: readonly WalletKey[],
): HeldCredential {
  const compact = isObject(entry) ? textOf(entry, 'credential', 'RESPONSE_MALFORMED') : ''
  try {
    const { x, y } = holderKeyOf(readCredential(sha256, compact).claims)
    const key = keys.find(({ jwk }) => jwk.x === x && jwk.y === y)
    if (key) return { compact, key }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
  }
  throw new WalletError('RESPONSE_MALFORMED', 'a credential is not for one of our keys')
}
