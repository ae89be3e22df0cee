import { type Bytes, utf8 } from '../base/bytes.ts'
import { second } from '../base/clock.ts'
import { authorityKeysOf } from '../formats/certificate.ts'
import { sdJwtVcFormat, selectClaims } from '../formats/dcql.ts'
import {
  answersFor,
  type Choice,
  chooseCredentials,
  type Matchable,
} from '../formats/dcql-match.ts'
import { type Json, member, parseJsonObject } from '../formats/json.ts'
import { maxTokenLength, parseJws } from '../formats/jws.ts'
import { transactionDataHash } from '../formats/sd-jwt/key-binding.ts'
import {
  type ClaimsPathPointer,
  chooseDisclosures,
  presentSdJwt,
  readCredential,
} from '../formats/sd-jwt/present.ts'
import { readText, reasonIn } from './ask.ts'
import { encryptFor } from './encrypt.ts'
import { WalletError } from './error.ts'
import type { HeldCredential, Platform } from './platform.ts'
import type { PresentationRequest, TransactionData } from './request.ts'

type HeldMatch = Matchable & { readonly credential: HeldCredential }

/** What would be shown for one query: to be told to the member before anything is sent. */
export type Showing = Readonly<{
  /** Of the credential query. */
  id: string
  credential: HeldCredential
  paths: readonly ClaimsPathPointer[]
  /** Every claim that leaves the wallet, also those that the issuer left plain. */
  claims: readonly Readonly<{ path: ClaimsPathPointer; values: readonly Json[] }>[]
  /** Other answers that ask for less of the same claims: what may be left out. */
  lesser: readonly (readonly ClaimsPathPointer[])[]
}>

/** What the member decides on: who asks, what is shown, what is confirmed. */
export type Plan = Readonly<{
  request: PresentationRequest
  showings: readonly Showing[]
  transactionData: readonly TransactionData[]
}>

/**
 * Chooses what answers the request, as little as it asks for (OpenID4VP 1.0 section 6.4). Throws
 * FormatError DCQL_UNSATISFIED when nothing that is held does, or as `readCredential` does;
 * WalletError REQUEST_TRANSACTION_DATA when what is to be confirmed hangs on nothing shown.
 */
export function planAnswer(
  platform: Pick<Platform, 'sha256'>,
  request: PresentationRequest,
  held: readonly HeldCredential[],
): Plan {
  const matches = held.map((credential) => matchable(platform, credential))
  const showings = chooseCredentials(request.query, matches).map((choice) => showing(choice))
  const shown = showings.map(({ id }) => id)
  if (
    !request.transactionData.every((each) => each.credentialIds.some((id) => shown.includes(id)))
  ) {
    throw new WalletError('REQUEST_TRANSACTION_DATA', 'nothing is shown that could confirm it')
  }
  return { request, showings, transactionData: request.transactionData }
}

/**
 * The plan without what the member leaves out of one showing: of the verifier's other answers the
 * first that has none of it. `undefined` where the verifier leaves no such choice.
 */
export function leaveOut(
  plan: Plan,
  id: string,
  out: readonly ClaimsPathPointer[],
): Plan | undefined {
  if (out.length === 0) return plan
  const from = plan.showings.find((each) => each.id === id)
  const paths = from?.lesser.find((one) => !out.some((path) => includes(one, path)))
  if (!from || !paths) return undefined
  const claims = from.claims.filter(({ path }) => includes(paths, path))
  const less = { ...from, paths, claims }
  return { ...plan, showings: plan.showings.map((each) => (each === from ? less : each)) }
}

/**
 * Answers a request as planned, once the member has agreed: each credential with a key binding for
 * this very request, all of it encrypted and posted (sections 8.1 and 8.3.1). Answers where the
 * browser goes on, if anywhere. WalletError ANSWER_REFUSED with the verifier's code.
 */
export async function sendAnswer(
  platform: Platform,
  { request, showings }: Plan,
): Promise<{ redirectUri: string | undefined }> {
  const token: Record<string, Json> = {}
  for (const each of showings) token[each.id] = [await present(platform, request, each)]
  return post(platform, request, { vp_token: token })
}

/** Declines a request, in words of the specification (section 8.5). */
export function declineRequest(
  platform: Platform,
  request: PresentationRequest,
): Promise<{ redirectUri: string | undefined }> {
  return post(platform, request, { error: 'access_denied' })
}

function matchable({ sha256 }: Pick<Platform, 'sha256'>, credential: HeldCredential): HeldMatch {
  const { claims, jwt } = readCredential(sha256, credential.compact)
  const shape = {
    types: [sdJwtVcFormat],
    algorithms: ['ES256'],
    maxLength: maxTokenLength,
  } as const
  const x5c: readonly Bytes[] = parseJws(jwt, shape).header.x5c ?? []
  const type = member(claims, 'vct')
  return {
    format: sdJwtVcFormat,
    type: typeof type === 'string' ? type : '',
    claims,
    authorityKeys: authorityKeysOf(x5c),
    credential,
  }
}

function showing({ query, held, paths }: Choice<HeldMatch>): Showing {
  const claims = paths.map((path) => ({ path, values: selectClaims(held.claims, path) }))
  const lesser = answersFor(query, held).filter(
    (one) => one.length < paths.length && one.every((path) => includes(paths, path)),
  )
  return { id: query.id, credential: held.credential, paths, claims, lesser }
}

function includes(paths: readonly ClaimsPathPointer[], path: ClaimsPathPointer): boolean {
  return paths.some((one) => JSON.stringify(one) === JSON.stringify(path))
}

function present(
  platform: Platform,
  request: PresentationRequest,
  { id, credential, paths }: Showing,
): Promise<string> | string {
  const { sha256, now } = platform
  const query = request.query.credentials.find((each) => each.id === id)
  if (query?.holderBinding === false) return chooseDisclosures(sha256, credential.compact, paths)
  const entries = request.transactionData.filter((each) => each.credentialIds.includes(id))
  return presentSdJwt({ sha256, sign: credential.key.sign }, credential.compact, paths, {
    audience: request.clientId,
    nonce: request.nonce,
    issuedSeconds: Math.floor(now() / second),
    transactionDataHashes: entries.map(({ encoded }) => transactionDataHash(sha256, encoded)),
  })
}

async function post(
  platform: Platform,
  { encryption, responseUri, state }: PresentationRequest,
  answer: Record<string, Json>,
): Promise<{ redirectUri: string | undefined }> {
  const plaintext = utf8(JSON.stringify({ ...answer, ...(state !== undefined && { state }) }))
  const response = await encryptFor(platform, encryption, plaintext, encryption.enc)
  const told = await platform.fetch(responseUri, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ response }).toString(),
  })
  const body = await readText(told)
  if (told.status !== 200) {
    throw new WalletError('ANSWER_REFUSED', 'answer was refused', reasonIn(body))
  }
  const redirectUri =
    body.trim() === '' ? undefined : member(parseJsonObject(utf8(body)), 'redirect_uri')
  return { redirectUri: typeof redirectUri === 'string' ? redirectUri : undefined }
}
