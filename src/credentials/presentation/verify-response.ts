import { utf8 } from '../../base/bytes.ts'
import { type Instant, second } from '../../base/clock.ts'
import { sha256 } from '../../base/sha256.ts'
import { authorityKeysOf } from '../../formats/certificate.ts'
import { type CredentialQuery, type DcqlQuery, readDcql } from '../../formats/dcql.ts'
import { checkAnswer, type Matchable } from '../../formats/dcql-match.ts'
import { FormatError } from '../../formats/error.ts'
import { isArray, isObject, type Json, type JsonObject, member } from '../../formats/json.ts'
import { transactionDataHash } from '../../formats/sd-jwt/key-binding.ts'
import { parseSdJwt } from '../../formats/sd-jwt/parse.ts'
import { type VerifiedSdJwt, type VerifyPolicy, verifySdJwt } from '../../formats/sd-jwt/verify.ts'
import type { StatusReference } from '../../formats/status-list.ts'
import { verifyWithJwk } from '../../keys/verify-jwk.ts'
import { PresentationError } from './error.ts'
import type { Verification } from './verifications.ts'

/** How old a key binding may be, and how far another's clock from ours. */
const bindingSeconds = 300
const skewSeconds = 60
const maxPresentations = 16

/** What was shown and found good. */
export interface Shown {
  /** By id of the query, an array each: issuer, type, expires (seconds) and claims. */
  readonly credentials: JsonObject
  /** SHA-256 of the key binding, of all of them one after the other if there are several. */
  readonly evidence: Uint8Array
}

/** What a verifier goes by. Nothing is optional. */
export interface VerifierGround {
  /** From `x5c`, `iss` and `vct` to the issuer's key, or throws TrustError: `trustedIssuer`. */
  readonly trust: VerifyPolicy['trust']
  /** The status of a credential of that issuer; throws when it cannot be known. */
  readonly statusOf: (reference: StatusReference, issuer: string) => Promise<number>
  readonly now: Instant
}

/**
 * Verifies a decrypted answer (OpenID4VP 1.0 section 8.6) against its request: `state`, the shape
 * of `vp_token`, every presentation with the full policy (certificate path, signature, type, times,
 * key binding with audience, nonce and transaction data, status), and that all of it answers the
 * query. Throws PresentationError, FormatError, or what a certificate path is refused with.
 */
export async function verifyResponse(
  verification: Verification,
  answer: JsonObject,
  ground: VerifierGround,
): Promise<Shown> {
  if (member(answer, 'state') !== verification.walletState) {
    throw new PresentationError('RESPONSE_STATE', 'unexpected state in the answer')
  }
  const query = readDcql(JSON.parse(verification.query) as Json)
  const presentations = readToken(member(answer, 'vp_token'))
  const matched = new Map<string, Matchable[]>()
  const credentials: Record<string, Json> = {}
  const bindings: string[] = []
  for (const [id, tokens] of presentations) {
    const asked = query.credentials.find((each) => each.id === id)
    if (!asked) throw malformed('presentation was not asked for')
    for (const token of tokens) {
      const verified = await verifyOne(token, { asked, verification, ground })
      matched.set(id, [...(matched.get(id) ?? []), matchable(asked, verified)])
      credentials[id] = [...((credentials[id] ?? []) as readonly Json[]), render(verified)]
      bindings.push(parseSdJwt(sha256, token).keyBinding ?? '')
    }
  }
  checkAnswer(query, matched)
  requireConfirmed(verification, query, [...matched.keys()])
  return { credentials, evidence: sha256(utf8(bindings.join(''))) }
}

async function verifyOne(
  token: string,
  given: { asked: CredentialQuery; verification: Verification; ground: VerifierGround },
): Promise<VerifiedSdJwt> {
  const { asked, verification, ground } = given
  let issuer = ''
  return verifySdJwt({ sha256, verifyEs256: verifyWithJwk }, token, {
    types: asked.types,
    algorithms: ['ES256'],
    clock: { nowSeconds: Math.floor(ground.now / second), skewSeconds },
    trust: (header, payload) => {
      issuer = String(member(payload, 'iss'))
      return ground.trust(header, payload)
    },
    keyBinding: asked.holderBinding
      ? {
          audience: verification.clientId,
          nonce: verification.nonce,
          windowSeconds: bindingSeconds,
          transactionDataHashes: hashesFor(verification, asked.id),
        }
      : 'not-asked',
    status: (reference) => ground.statusOf(reference, issuer),
  })
}

/**
 * Every entry of the transaction data has been signed: a credential that it names was presented,
 * with a key binding, whose hashes were checked with it.
 */
function requireConfirmed(
  { transactionData }: Verification,
  { credentials }: DcqlQuery,
  presented: readonly string[],
): void {
  const bound = credentials.filter(({ id, holderBinding }) => {
    return holderBinding && presented.includes(id)
  })
  const entries = JSON.parse(transactionData) as readonly string[]
  const confirmed = entries.every((entry) => bound.some(({ id }) => namesCredential(entry, id)))
  if (!confirmed) {
    throw new FormatError('KEY_BINDING_TRANSACTION_DATA', 'transaction data was not confirmed')
  }
}

/** The hashes of the entries that name this credential (OpenID4VP 1.0 section 8.4). */
function hashesFor({ transactionData }: Verification, id: string): readonly string[] | 'not-asked' {
  const entries = JSON.parse(transactionData) as readonly string[]
  const named = entries.filter((entry) => namesCredential(entry, id))
  return named.length === 0 ? 'not-asked' : named.map((entry) => transactionDataHash(sha256, entry))
}

function namesCredential(entry: string, id: string): boolean {
  const read = JSON.parse(Buffer.from(entry, 'base64url').toString()) as JsonObject
  const ids = member(read, 'credential_ids')
  return isArray(ids) && ids.includes(id)
}

/** Section 8.1: an object, whose members are arrays of presentations. */
function readToken(value: Json | undefined): ReadonlyMap<string, readonly string[]> {
  if (!isObject(value) || Object.keys(value).length === 0) {
    throw malformed('vp_token is not an object with presentations')
  }
  const read = Object.entries(value).map(([id, tokens]) => {
    const good =
      isArray(tokens) && tokens.length > 0 && tokens.every((each) => typeof each === 'string')
    if (!good) throw malformed('vp_token has no array of presentations')
    return [id, tokens as readonly string[]] as const
  })
  if (read.flatMap(([, tokens]) => tokens).length > maxPresentations) {
    throw malformed('there are too many presentations')
  }
  return new Map(read)
}

function matchable(asked: CredentialQuery, verified: VerifiedSdJwt): Matchable {
  const { header, claims, type } = verified
  const asksAuthorities = asked.trustedAuthorities !== undefined
  const authorityKeys = asksAuthorities ? authorityKeysOf(header.x5c ?? []) : []
  return { format: asked.format, type, claims, authorityKeys }
}

/** Claims of the protocol are not what the member has shown. */
const technical = ['iss', 'iat', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'status']

function render({ issuer, type, claims }: VerifiedSdJwt): JsonObject {
  const shown = Object.entries(claims).filter(([name]) => !technical.includes(name))
  return { issuer, type, expires: claims.exp ?? null, claims: Object.fromEntries(shown) }
}

function malformed(message: string): PresentationError {
  return new PresentationError('RESPONSE_MALFORMED', message)
}
